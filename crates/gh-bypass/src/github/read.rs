//! Reads the requests of a queue, and shows the progress.

use std::time::Duration;

use chrono::Utc;
use github_bypass_requests::{AnyBypassRequest, Client, Error, QueueStream};
use tokio::time::{MissedTickBehavior, interval};

use crate::failure::{Code, Failure, Result, code_of, describe};
use crate::github::reference::Reference;
use crate::github::session::Session;
use crate::terminal::progress::Progress;
use crate::terminal::text::count;
use crate::terminal::{Terminal, warn};

/// Whether to read on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    Continue,
    Stop,
}

/// How much of a queue was read.
pub(crate) struct Extent {
    /// True if the lists have more requests than were read.
    pub(crate) has_more: bool,
    /// The errors of the lists that could not be read.
    errors: Vec<(Code, String)>,
    /// True if at least one list was read.
    is_readable: bool,
    /// The organizations that GitHub left out of an enterprise's lists.
    missing: Vec<i64>,
}

/// Passes each request to `receive` until `receive` returns `Stop` or the lists end. An error of
/// one list does not end the others.
pub(crate) async fn each(
    session: &Session,
    stream: &mut QueueStream,
    terminal: &Terminal,
    mut receive: impl FnMut(AnyBypassRequest) -> Result<Next>,
) -> Result<Extent> {
    let progress = Progress::new(terminal);
    let mut errors = Vec::new();
    let mut is_stopped = false;
    while !is_stopped {
        match next(session, stream, &progress).await {
            Ok(Some(request)) => is_stopped = receive(request)? == Next::Stop,
            Ok(None) => break,
            Err(error) => errors.push(reported(&error)),
        }
        show(stream, &progress);
    }
    progress.finish();
    errors.extend(stream.pending_errors().map(reported));
    // Without a token, each list has the same error, which is reported only once.
    errors.dedup_by_key(|(code, text)| match code {
        Code::Auth => String::new(),
        _ => text.clone(),
    });
    let lists = stream.progress();
    Ok(Extent {
        has_more: is_stopped && lists.iter().any(|list| !list.is_finished),
        is_readable: lists.iter().any(|list| list.pages > 0),
        missing: stream.missing_organizations().to_vec(),
        errors,
    })
}

/// Returns the next request. Meanwhile, shows whether the client waits for a rate limit.
async fn next(
    session: &Session,
    stream: &mut QueueStream,
    progress: &Progress,
) -> Result<Option<AnyBypassRequest>, Error> {
    let mut ticks = interval(Duration::from_millis(250));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut next = std::pin::pin!(stream.try_next());
    loop {
        tokio::select! {
            biased;
            next = &mut next => return next,
            _ = ticks.tick() => progress.message(match session.client.rate_limited_until() {
                Some(until) => {
                    let wait = (until - Utc::now()).num_seconds().max(0);
                    format!("; rate limited by GitHub, continues in {wait} s")
                }
                None => String::new(),
            }),
        }
    }
}

fn show(stream: &QueueStream, progress: &Progress) {
    let lists = stream.progress();
    let read = lists.iter().map(|list| u64::from(list.pages)).sum();
    let all = lists.iter().map(|list| list.last_page.map(u64::from));
    progress.pages(read, all.sum());
}

impl Extent {
    /// Returns true if a list could not be read.
    pub(crate) fn is_incomplete(&self) -> bool {
        !self.errors.is_empty() || !self.missing.is_empty()
    }

    /// Fails if nothing could be read.
    pub(crate) fn check(&self) -> Result<()> {
        if self.is_readable || self.errors.is_empty() {
            return Ok(());
        }
        self.finish()
    }

    /// Reports the lists that could not be read, and fails if there are any. The requests of the
    /// others must be printed before.
    pub(crate) fn finish(&self) -> Result<()> {
        for (_, error) in &self.errors {
            warn(error);
        }
        if !self.missing.is_empty() {
            let ids: Vec<String> = self.missing.iter().map(i64::to_string).collect();
            warn(&format!(
                "the requests of {} are missing, because the token needs single sign-on for the organizations with \
                 these ids: {}",
                count(ids.len(), "organization"),
                ids.join(", ")
            ));
        }
        let missing = (!self.missing.is_empty()).then_some(Code::Failed);
        let codes = self.errors.iter().map(|(code, _)| *code).chain(missing);
        match codes.reduce(Code::or) {
            Some(code) => Err(Failure::Reported(code)),
            None => Ok(()),
        }
    }
}

fn reported(error: &Error) -> (Code, String) {
    (code_of(error), describe(error))
}

/// Reads one request of either kind.
pub(crate) async fn one(client: &Client, reference: &Reference) -> Result<AnyBypassRequest, Error> {
    let Reference {
        repository, number, ..
    } = reference;
    let repository = client.repository(&repository.owner, &repository.name);
    match repository.secret_scanning().get(*number).await {
        Ok(fetched) => Ok(fetched.request.into()),
        // If both reads fail, the first error counts, because most requests are for secrets.
        Err(error) if error.is_not_found() => match repository.push_rules().get(*number).await {
            Ok(fetched) => Ok(fetched.request.into()),
            Err(_) => Err(error),
        },
        Err(error) => Err(error),
    }
}
