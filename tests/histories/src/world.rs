//! The server: a fake without a socket, a replica that lags behind the fake, and the history of
//! each request.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::FutureExt;
use github_bypass_requests_fake::{Clock, Fake, NewRequest};
use http::{Method, Request};
use serde_json::Value;
use tower_service::Service;

use crate::message::{Message, Reply};
use crate::plan::Plan;

pub(crate) const ORGANIZATION: &str = "octo-org";
pub(crate) const REPOSITORIES: [&str; 2] = ["smile", "hello"];
pub(crate) const REQUESTERS: [&str; 2] = ["monalisa", "hubot"];
/// The users whose tokens the server accepts. On the server, a token is the name of its user.
pub(crate) const USERS: [&str; 5] = ["ada", "bob", "reader", "watcher", COLLEAGUE];
/// A user who acts in the browser, where no faults are injected.
pub(crate) const COLLEAGUE: &str = "colleague";

/// The time periods to which a list can be narrowed, in seconds: an hour, a day and a week.
pub(crate) const PERIODS: [i64; 3] = [3_600, 86_400, 604_800];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    Secret,
    Rule,
}

/// Identifies a request. Ids are unique only among requests of the same kind.
pub(crate) type Key = (Kind, i64);

/// A change to the server's data.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    Open {
        kind: Kind,
        repository: &'static str,
        requester: &'static str,
        created_at: DateTime<Utc>,
    },
    Cancel(Place),
    Complete(Place),
    /// A review or a dismissal.
    Write(Message),
}

/// The repository and the number of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) repository: &'static str,
    pub(crate) number: u64,
}

/// A request and its history on the server.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: Key,
    pub(crate) place: Place,
    pub(crate) requester: &'static str,
    pub(crate) created_at: DateTime<Utc>,
    pub(crate) expires_at: DateTime<Utc>,
    /// When it was added to the list, as the time since the start of the history.
    pub(crate) opened: Duration,
    /// Its states, oldest first.
    pub(crate) states: Vec<State>,
}

/// A state of a request, which lasts until the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct State {
    pub(crate) since: Duration,
    /// Does not include a later expiry: see [`Entry::status_at`].
    pub(crate) status: String,
    pub(crate) responses: Vec<Response>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Response {
    pub(crate) id: i64,
    pub(crate) status: String,
    pub(crate) reviewer: String,
}

pub(crate) struct World {
    beginning: DateTime<Utc>,
    primary: Server,
    replica: Server,
    /// How far the replica lags behind.
    lag: Duration,
    has_old_date: bool,
    changes: Vec<(Duration, Change)>,
    /// The number of changes that the replica has received.
    replicated: usize,
    pub(crate) entries: Vec<Entry>,
}

struct Server {
    fake: Fake,
    service: Router,
}

impl World {
    pub(crate) fn new(beginning: DateTime<Utc>, plan: &Plan) -> Self {
        Self {
            beginning,
            primary: Server::new(beginning),
            replica: Server::new(beginning),
            lag: plan.lag,
            has_old_date: plan.has_old_date,
            changes: Vec::new(),
            replicated: 0,
            entries: Vec::new(),
        }
    }

    pub(crate) fn time(&self, at: Duration) -> DateTime<Utc> {
        self.beginning + at
    }

    /// Makes a change. Returns the response to a review or a dismissal.
    pub(crate) fn change(&mut self, at: Duration, change: Change) -> Option<Reply> {
        self.changes.push((at, change.clone()));
        let time = self.time(at);
        let reply = self.primary.change(time, &change);
        match &change {
            Change::Open { .. } => self.add_entry(at, &change),
            change => self.update(at, change),
        }
        reply
    }

    /// Reads from the server, or from its replica.
    pub(crate) fn read(&mut self, at: Duration, message: &Message, is_stale: bool) -> Reply {
        let time = self.time(at);
        if !is_stale {
            return self.primary.send(time, message);
        }
        let until = at.saturating_sub(self.lag);
        while let Some((made, change)) = self.changes.get(self.replicated) {
            // The replica already has the first requests when the history starts.
            if *made > until && !made.is_zero() {
                break;
            }
            let made = self.beginning + *made;
            self.replica.change(made, change);
            self.replicated += 1;
        }
        let time = if self.has_old_date {
            self.time(until)
        } else {
            time
        };
        self.replica.send(time, message)
    }

    pub(crate) fn entry(&self, key: Key) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// Returns the request that a path names, directly or through one of its responses.
    pub(crate) fn target(&self, path: &str) -> Option<Place> {
        let segments: Vec<&str> = path.split('/').collect();
        let ["", "repos", _, repository, what, _, number] = segments[..] else {
            return None;
        };
        let number: u64 = number.parse().ok()?;
        let entry = self.entries.iter().find(|entry| match what {
            "bypass-requests" => {
                entry.place.number == number && entry.place.repository == repository
            }
            _ => {
                let mut responses = entry.state().responses.iter();
                responses.any(|response| response.id.cast_unsigned() == number)
            }
        });
        entry.map(|entry| entry.place)
    }

    fn add_entry(&mut self, at: Duration, change: &Change) {
        let Change::Open {
            kind,
            repository,
            requester,
            ..
        } = change
        else {
            return;
        };
        let same = self
            .entries
            .iter()
            .filter(|entry| entry.place.repository == *repository);
        let number = same.count() as u64 + 1;
        let place = Place { repository, number };
        let json = self.primary.read(self.time(at), *kind, place);
        let time = |name: &str| json[name].as_str().and_then(|text| text.parse().ok());
        self.entries.push(Entry {
            key: (*kind, json["id"].as_i64().expect("an id")),
            place,
            requester,
            created_at: time("created_at").expect("a time"),
            expires_at: time("expires_at").expect("a time"),
            opened: at,
            states: vec![State::of(at, &json)],
        });
    }

    /// Records the new state of the request that was changed.
    fn update(&mut self, at: Duration, change: &Change) {
        let time = self.beginning + at;
        let place = match change {
            Change::Open { .. } => None,
            Change::Cancel(place) | Change::Complete(place) => Some(*place),
            Change::Write(message) => self.target(&message.target),
        };
        let mut entries = self.entries.iter_mut();
        if let Some(entry) = entries.find(|entry| Some(entry.place) == place) {
            let state = State::of(at, &self.primary.read(time, entry.key.0, entry.place));
            if entry.state().responses != state.responses || entry.status_at(time) != state.status {
                entry.states.push(state);
            }
        }
    }
}

impl Entry {
    pub(crate) fn state(&self) -> &State {
        self.states.last().expect("a state")
    }

    /// Returns the state at the time `at`, measured from the start of the history.
    pub(crate) fn state_at(&self, at: Duration) -> &State {
        let mut states = self.states.iter().rev();
        states
            .find(|state| state.since <= at)
            .unwrap_or(&self.states[0])
    }

    /// Returns the status at `now`. Since the last state, only an expiry can have changed it.
    pub(crate) fn status_at(&self, now: DateTime<Utc>) -> &str {
        self.state().status_at(self, now)
    }
}

impl State {
    fn of(since: Duration, json: &Value) -> Self {
        let text = |json: &Value| json.as_str().unwrap_or_default().to_owned();
        let responses = json["responses"].as_array().into_iter().flatten();
        Self {
            since,
            status: text(&json["status"]),
            responses: responses
                .map(|response| Response {
                    id: response["id"].as_i64().expect("an id"),
                    status: text(&response["status"]),
                    reviewer: text(&response["reviewer"]["actor_name"]),
                })
                .collect(),
        }
    }

    fn status_at(&self, entry: &Entry, now: DateTime<Utc>) -> &str {
        match self.status.as_str() {
            "open" | "pending" if now >= entry.expires_at => "expired",
            status => status,
        }
    }
}

impl Server {
    fn new(now: DateTime<Utc>) -> Self {
        let fake = Fake::builder()
            .clock(Clock::manual(now))
            .rate_limit(u64::from(u32::MAX));
        let fake = USERS
            .iter()
            .fold(fake, |fake, user| fake.token(*user, *user));
        let fake = fake.detached();
        let service = fake.service();
        Self { fake, service }
    }

    fn change(&mut self, now: DateTime<Utc>, change: &Change) -> Option<Reply> {
        self.fake.set_now(now);
        match change {
            Change::Open {
                kind,
                repository,
                requester,
                created_at,
            } => {
                match kind {
                    Kind::Secret => self.fake.open_secret_scanning_request(
                        NewRequest::new()
                            .repository(ORGANIZATION, *repository)
                            .requester(*requester)
                            .created_at(*created_at),
                    ),
                    Kind::Rule => self.fake.open_push_rule_request(
                        NewRequest::new()
                            .repository(ORGANIZATION, *repository)
                            .requester(*requester)
                            .created_at(*created_at),
                    ),
                };
                None
            }
            // A request that cannot be cancelled or completed stays as it is.
            Change::Cancel(Place { repository, number }) => {
                let _ = self.fake.cancel(ORGANIZATION, repository, *number);
                None
            }
            Change::Complete(Place { repository, number }) => {
                let _ = self.fake.complete(ORGANIZATION, repository, *number);
                None
            }
            Change::Write(message) => Some(self.send(now, message)),
        }
    }

    fn read(&mut self, now: DateTime<Utc>, kind: Kind, place: Place) -> Value {
        let message = Message::new(Method::GET, request_path(kind, place), COLLEAGUE);
        let reply = self.send(now, &message);
        serde_json::from_slice(&reply.body).expect("JSON")
    }

    /// Sends an HTTP request to the fake, which responds at once.
    fn send(&mut self, now: DateTime<Utc>, message: &Message) -> Reply {
        self.fake.set_now(now);
        let mut request = Request::new(Body::from(message.body.clone()));
        *request.method_mut() = message.method.clone();
        *request.uri_mut() = message.target.parse().expect("a URI");
        *request.headers_mut() = message.headers.clone();
        let response = self.service.call(request).now_or_never();
        let (head, body) = response
            .expect("a response")
            .expect("no error")
            .into_parts();
        let body = to_bytes(body, usize::MAX).now_or_never();
        Reply {
            status: head.status,
            headers: head.headers,
            body: body.expect("a body").expect("no error").into(),
        }
    }
}

pub(crate) fn request_path(kind: Kind, Place { repository, number }: Place) -> String {
    let kind = match kind {
        Kind::Secret => "secret-scanning",
        Kind::Rule => "push-rules",
    };
    format!("/repos/{ORGANIZATION}/{repository}/bypass-requests/{kind}/{number}")
}

pub(crate) fn dismissal_path(repository: &str, response: i64) -> String {
    format!("/repos/{ORGANIZATION}/{repository}/bypass-responses/secret-scanning/{response}")
}

/// Returns the age of a request that has the time `left` until it expires.
pub(crate) fn age_if_left(left: TimeDelta) -> TimeDelta {
    TimeDelta::days(7) - left
}

impl std::fmt::Display for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}#{}", self.repository, self.number)
    }
}
