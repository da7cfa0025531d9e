//! The received requests, up to a limit.

use std::collections::VecDeque;

use crate::received::{Received, SentResponse};

const MAX_REQUESTS: usize = 10_000;
/// The limit on the total size of all paths, queries and bodies.
const MAX_BYTES: usize = 16 << 20;

/// The newest requests in the order of their arrival.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    requests: VecDeque<Received>,
    bytes: usize,
    /// The number of removed requests.
    removed: u64,
}

/// The position of a request in the log.
#[derive(Clone, Copy, Debug)]
pub(super) struct Position(u64);

impl RequestLog {
    pub(crate) fn all(&self) -> Vec<Received> {
        self.requests.iter().cloned().collect()
    }

    pub(crate) fn clear(&mut self) {
        self.removed += self.requests.len() as u64;
        self.requests.clear();
        self.bytes = 0;
    }

    pub(super) fn push(&mut self, received: Received) -> Position {
        let position = Position(self.removed + self.requests.len() as u64);
        self.bytes += size(&received);
        self.requests.push_back(received);
        self.shrink();
        position
    }

    /// Adds the response to a request, unless the request was removed.
    pub(super) fn respond(&mut self, Position(position): Position, response: SentResponse) {
        let index = position
            .checked_sub(self.removed)
            .and_then(|index| usize::try_from(index).ok());
        let Some(received) = index.and_then(|index| self.requests.get_mut(index)) else {
            return;
        };
        self.bytes += response.body.len();
        received.response = Some(response);
        self.shrink();
    }

    fn shrink(&mut self) {
        while self.requests.len() > MAX_REQUESTS || self.bytes > MAX_BYTES {
            let Some(oldest) = self.requests.pop_front() else {
                return;
            };
            self.bytes -= size(&oldest);
            self.removed += 1;
        }
    }
}

fn size(received: &Received) -> usize {
    let query = received.query.as_ref().map_or(0, String::len);
    let response = received.response.as_ref();
    let response = response.map_or(0, |response| response.body.len());
    received.path.len() + query + received.body.len() + response
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{MAX_BYTES, MAX_REQUESTS, RequestLog};
    use crate::received::{Received, SentResponse};

    fn received(path: usize, body: usize) -> Received {
        Received {
            at: DateTime::UNIX_EPOCH,
            method: "GET".into(),
            path: path.to_string(),
            query: None,
            caller: None,
            body: "x".repeat(body),
            response: None,
        }
    }

    fn response(body: usize) -> SentResponse {
        SentResponse {
            status: 200,
            request_id: None,
            body: "x".repeat(body),
        }
    }

    fn paths(log: &RequestLog) -> Vec<String> {
        log.all().into_iter().map(|it| it.path).collect()
    }

    #[test]
    fn the_oldest_requests_are_removed_if_there_are_too_many() {
        let mut log = RequestLog::default();
        let oldest = log.push(received(0, 0));
        for path in 1..=MAX_REQUESTS {
            log.push(received(path, 0));
        }
        let newest = log.push(received(MAX_REQUESTS + 1, 0));
        log.respond(oldest, response(0));
        log.respond(newest, response(0));
        let all = log.all();
        assert_eq!(all.len(), MAX_REQUESTS);
        assert_eq!(all.first().map(|it| it.path.as_str()), Some("2"));
        let responses = all.iter().filter(|it| it.response.is_some());
        let responses: Vec<_> = responses.map(|it| it.path.as_str()).collect();
        assert_eq!(responses, [(MAX_REQUESTS + 1).to_string()]);
    }

    #[test]
    fn the_oldest_requests_are_removed_if_they_are_too_large() {
        let mut log = RequestLog::default();
        let positions: Vec<_> = (0..4)
            .map(|path| log.push(received(path, MAX_BYTES / 5)))
            .collect();
        for position in positions {
            log.respond(position, response(MAX_BYTES / 5));
        }
        assert_eq!(paths(&log), ["2", "3"]);
        log.push(received(4, MAX_BYTES));
        assert_eq!(paths(&log), Vec::<String>::new());
        log.push(received(5, 0));
        assert_eq!(paths(&log), ["5"]);
    }

    #[test]
    fn a_response_after_clearing_is_ignored() {
        let mut log = RequestLog::default();
        let before = log.push(received(0, 1));
        log.clear();
        let after = log.push(received(1, 1));
        log.respond(before, response(1));
        assert!(log.all().iter().all(|it| it.response.is_none()));
        log.respond(after, response(1));
        assert!(log.all().iter().all(|it| it.response.is_some()));
    }
}
