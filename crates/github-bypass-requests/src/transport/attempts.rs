//! The attempt loop: sends a request until its outcome is final.
//!
//! The phases of the loop are methods of [`Attempts`]: `admit`, `attempt` and `follow_up`. The
//! [`Verdict`] on an outcome decides what follows.

use std::future::Future;
use std::ops::ControlFlow::{self, Break, Continue};
use std::time::Duration;

use chrono::Utc;
use http::{HeaderValue, StatusCode};
use tokio::sync::SemaphorePermit;
use tokio::time::{Instant, sleep};
use tracing::debug;

use crate::error::kind::ErrorKind;
use crate::error::{Error, Reason, Result};
use crate::response::head::Head;
use crate::response::headers::{instant_after, request_id};
use crate::transport::connection::{Connection, millis};
use crate::transport::delay::jitter;
use crate::transport::gate::Gate;
use crate::transport::in_doubt::InDoubt;
use crate::transport::logging::TARGET;
use crate::transport::outcome::{Failure, Outcome};
use crate::transport::pace::Pace;
use crate::transport::policy::Policy;
use crate::transport::redirect::followed;
use crate::transport::start::Start;
use crate::transport::usage::count;
use crate::transport::verdict::Verdict;

/// A request with the policy and the limits of its attempts.
pub(crate) struct Exchange<'a> {
    pub(crate) request: reqwest::Request,
    /// True if carrying out the request twice does no harm.
    pub(crate) is_safe: bool,
    /// The documented status of a success.
    pub(crate) success: StatusCode,
    pub(crate) policy: Policy,
    pub(crate) gate: &'a Gate,
    /// `None` for a token request, because the request that needs the token may hold the only
    /// permit. Waiting for a second permit would deadlock.
    pub(crate) pace: Option<&'a Pace>,
    /// Records whether GitHub may have carried out, or may still carry out, an attempt.
    pub(crate) in_doubt: &'a InDoubt,
}

/// Authorizes the attempts of one call.
pub(crate) trait Authorize: Send {
    /// Returns the `Authorization` header of the next attempt.
    fn header(&mut self) -> impl Future<Output = Result<HeaderValue>> + Send;

    /// Returns the header to use after a wait during which the token may have expired.
    fn header_after_wait(&mut self) -> impl Future<Output = Result<HeaderValue>> + Send {
        self.header()
    }

    /// Handles a 401. Returns true if the next attempt has a different header.
    fn replace_token(&mut self, response: &Head) -> impl Future<Output = Result<bool>> + Send;
}

/// An attempt: its outcome, and the verdict on it.
pub(crate) struct Attempt {
    pub(crate) outcome: Outcome,
    pub(crate) verdict: Verdict,
    /// The start of the attempt. A write can only be carried out after this time, because all
    /// earlier attempts were refused.
    pub(crate) attempted_at: Option<Start>,
    /// The start of the attempt if it was a retry. Following a redirect is not a retry.
    pub(crate) retried_at: Option<Instant>,
}

impl Attempt {
    /// An aborted attempt: the request may or may not have been sent.
    pub(crate) fn stopped() -> Self {
        Self {
            verdict: Verdict::Ambiguous,
            ..Self::not_sent(Failure::Stopped)
        }
    }

    /// The attempt of a call that took longer than `limit`. If `is_in_doubt` is true, the server
    /// may still carry out the write.
    pub(crate) fn late(limit: Duration, is_in_doubt: bool) -> Self {
        let attempt = Self::not_sent(Failure::CallTimeout { limit });
        if is_in_doubt {
            return Self {
                verdict: Verdict::Ambiguous,
                ..attempt
            };
        }
        attempt
    }

    /// An attempt that ended before the request was sent.
    pub(crate) fn not_sent(failure: Failure) -> Self {
        Self {
            outcome: Outcome::failed(failure),
            verdict: Verdict::Final,
            attempted_at: None,
            retried_at: None,
        }
    }

    fn no_token(error: Error) -> Self {
        debug!(
            target: TARGET,
            kind = error.kind().as_str(),
            status = error.status(),
            request_id = error.request_id(),
            "no token; the attempt was not sent"
        );
        Self::not_sent(Failure::NoToken(error.while_obtaining_token()))
    }

    /// Returns the error of a call whose last attempt got no usable response. `gate` is the time
    /// until the gate opens.
    pub(crate) fn error(&self, gate: Duration) -> Error {
        let reason = match (&self.outcome, self.verdict) {
            (Outcome::OtherStatus { head, .. }, Verdict::Limited(limit)) => Reason::RateLimited {
                retry_at: instant_after(limit.wait(&head.headers, Utc::now()).max(gate)),
            },
            (Outcome::Failed { failure, .. }, _) => match failure {
                Failure::NoToken(error) => return error.copy(),
                failure => failure.reason(),
            },
            _ => Reason::Status,
        };
        self.outcome.error(reason)
    }
}

/// After waiting this long for its turn, a call asks for its token again. After a shorter wait, the
/// token is still valid, because token sources renew tokens minutes before they expire.
const LONG_WAIT: Duration = Duration::from_secs(30);

struct Attempts<'c, A> {
    connection: &'c Connection,
    exchange: Exchange<'c>,
    authorize: A,
    started: Instant,
    spent: Spent,
    /// The latest attempt that was rate limited. It becomes the result of the call if the gate
    /// stays closed for too long.
    limited: Option<Attempt>,
}

/// Tracks how much of each limit in the policy one HTTP request of a call has used up.
#[derive(Default)]
struct Spent {
    /// Time spent waiting for rate limits.
    rate_limit_wait: Duration,
    /// Time that does not count towards the retry window: waiting for rate limits, tokens and
    /// turns.
    uncounted: Duration,
    attempts: u32,
    retries: u32,
    rate_limits: u32,
    redirects: u32,
    /// True after the first 401. The token is replaced only once.
    has_replaced_token: bool,
}

/// Permission for one attempt. The turn lasts until the attempt ends.
struct Admission<'c> {
    header: HeaderValue,
    turn: Option<SemaphorePermit<'c>>,
}

impl Exchange<'_> {
    /// Sends the request, and retries it within the policy. Returns the last attempt.
    pub(crate) async fn send(self, connection: &Connection, authorize: impl Authorize) -> Attempt {
        let mut attempts = Attempts {
            connection,
            exchange: self,
            authorize,
            started: Instant::now(),
            spent: Spent::default(),
            limited: None,
        };
        loop {
            if let Break(attempt) = attempts.next().await {
                return attempt;
            }
        }
    }
}

impl<'c, A: Authorize> Attempts<'c, A> {
    async fn next(&mut self) -> ControlFlow<Attempt> {
        match self.admit().await? {
            Some(admission) => {
                let attempt = self.attempt(admission).await;
                self.follow_up(attempt).await
            }
            None => Continue(()),
        }
    }

    /// Waits for the gate, a token and a turn. Returns `None` if the gate closed in the meantime.
    async fn admit(&mut self) -> ControlFlow<Attempt, Option<Admission<'c>>> {
        let waiting = Instant::now();
        let Policy {
            max_rate_limit_wait,
            ..
        } = self.exchange.policy;
        let max_wait = max_rate_limit_wait.saturating_sub(self.spent.rate_limit_wait);
        // If the call would reach its deadline before the gate opens, report the rate limit: it is
        // the more useful error.
        let remaining = self.exchange.gate.remaining();
        if self.exchange.policy.ends_within(remaining) {
            return Break(self.end_at_gate(remaining));
        }
        if let Err(remaining) = self.exchange.gate.pass(max_wait).await {
            return Break(self.end_at_gate(remaining));
        }
        let waited = waiting.elapsed();
        self.spent.rate_limit_wait += waited;
        let counters = &self.connection.counters;
        count(&counters.rate_limit_wait_millis, millis(waited));
        // Get the token before the turn, so that a slow source does not block other calls.
        let header = match self.authorize.header().await {
            Ok(header) => header,
            Err(error) => return self.without_token(error),
        };
        let queued = Instant::now();
        let turn = match self.exchange.pace {
            Some(pace) => pace.turn(self.exchange.request.method()).await,
            None => None,
        };
        let header = if queued.elapsed() < LONG_WAIT {
            header
        } else {
            match self.authorize.header_after_wait().await {
                Ok(header) => header,
                Err(error) => return Break(Attempt::no_token(error)),
            }
        };
        self.spent.uncounted += waiting.elapsed();
        Continue((!self.exchange.gate.is_closed()).then_some(Admission { header, turn }))
    }

    /// Ends a call that cannot wait until the gate opens.
    fn end_at_gate(&mut self, remaining: Duration) -> Attempt {
        let closed = || Attempt::not_sent(Failure::GateClosed { remaining });
        self.limited.take().unwrap_or_else(closed)
    }

    /// Ends a call that got no token. If the token source was rate limited and closed the gate, the
    /// call waits at the gate instead.
    fn without_token<T>(&mut self, error: Error) -> ControlFlow<Attempt, Option<T>> {
        let is_limited = error.is_rate_limited() && self.exchange.gate.is_closed();
        let attempt = Attempt::no_token(error);
        if !is_limited {
            return Break(attempt);
        }
        self.wait_at_gate(attempt)?;
        Continue(None)
    }

    /// Makes the next attempt wait for the gate. Ends the call if it has no rate-limit retries
    /// left.
    fn wait_at_gate(&mut self, limited: Attempt) -> ControlFlow<Attempt> {
        if self.spent.rate_limits >= self.exchange.policy.rate_limit_retries {
            return Break(limited);
        }
        self.spent.rate_limits += 1;
        self.limited = Some(limited);
        Continue(())
    }

    /// Sends the request once.
    async fn attempt(&mut self, Admission { header, turn }: Admission<'c>) -> Attempt {
        let Exchange {
            request,
            is_safe,
            success,
            gate,
            pace,
            in_doubt,
            ..
        } = &self.exchange;
        // Cloning always succeeds, because the body is in memory.
        let Some(request) = request.try_clone() else {
            return Attempt::stopped();
        };
        if !in_doubt.start() {
            return Attempt::stopped();
        }
        if let Some(pace) = pace {
            pace.record_start(request.method());
        }
        self.spent.attempts += 1;
        let is_retry = self.spent.attempts > self.spent.redirects + 1;
        let counters = &self.connection.counters;
        count(&counters.requests, 1);
        count(&counters.retries, u64::from(is_retry));
        let attempted_at = Start::now();
        let outcome = self.connection.send_once(request, header).await;
        drop(turn);
        let verdict = Verdict::of(*is_safe, *success, &outcome);
        // A write stays in doubt even after a success, because the call may reach its time limit
        // before it gets the outcome.
        let is_refused = match verdict {
            Verdict::Final => matches!(outcome, Outcome::OtherStatus { .. }),
            Verdict::Ambiguous | Verdict::Unverified => false,
            _ => true,
        };
        if is_refused {
            in_doubt.clear();
        }
        (self.connection).observe(gate, &outcome, verdict, attempted_at.at);
        let is_not_modified = matches!(outcome, Outcome::NotModified { .. });
        count(&counters.not_modified, u64::from(is_not_modified));
        trace(self.spent.attempts, &outcome, verdict);
        Attempt {
            outcome,
            verdict,
            attempted_at: Some(attempted_at),
            retried_at: Some(attempted_at.at).filter(|_| is_retry),
        }
    }

    /// Ends the call, or waits until the request may be sent again.
    async fn follow_up(&mut self, attempt: Attempt) -> ControlFlow<Attempt> {
        match attempt.verdict {
            Verdict::Final | Verdict::Unverified => {
                if let Outcome::Success { .. } | Outcome::NotModified { .. } = attempt.outcome {
                    self.connection.retry_budget.refund(self.spent.retries);
                }
                Break(attempt)
            }
            Verdict::Ambiguous => Break(attempt),
            Verdict::Retry => self.retry(attempt).await,
            Verdict::Limited(_) => self.wait_for_limit(attempt).await,
            Verdict::Unauthorized => self.replace_token(attempt).await,
            Verdict::Redirected => self.redirect(attempt),
        }
    }

    async fn retry(&mut self, attempt: Attempt) -> ControlFlow<Attempt> {
        let Connection { retry_budget, .. } = self.connection;
        let delay = (self.connection).retry_delay(self.spent.retries + 1, attempt.outcome.head());
        let counted = self.started.elapsed().saturating_sub(self.spent.uncounted);
        let is_late = counted.saturating_add(delay) > self.exchange.policy.retry_window;
        if self.spent.retries + 1 >= self.exchange.policy.max_attempts
            || is_late
            || self.exchange.policy.ends_within(delay)
            || !retry_budget.take()
        {
            return Break(attempt);
        }
        self.spent.retries += 1;
        debug!(target: TARGET, wait_ms = millis(delay), "retrying");
        sleep(delay).await;
        Continue(())
    }

    async fn wait_for_limit(&mut self, attempt: Attempt) -> ControlFlow<Attempt> {
        self.wait_at_gate(attempt)?;
        if !self.exchange.gate.is_closed() {
            // GitHub requested no wait. Add jitter, so that clients do not retry all at once.
            sleep(jitter()).await;
        }
        Continue(())
    }

    async fn replace_token(&mut self, attempt: Attempt) -> ControlFlow<Attempt> {
        let Some(head) = attempt
            .outcome
            .head()
            .filter(|_| !self.spent.has_replaced_token)
        else {
            return Break(attempt);
        };
        self.spent.has_replaced_token = true;
        let requested = Instant::now();
        match self.authorize.replace_token(head).await {
            Ok(true) => {}
            Ok(false) => return Break(attempt),
            Err(error) => return Break(Attempt::no_token(error)),
        }
        self.spent.uncounted += requested.elapsed();
        debug!(target: TARGET, "retrying with another token");
        Continue(())
    }

    fn redirect(&mut self, attempt: Attempt) -> ControlFlow<Attempt> {
        let Exchange { request, .. } = &mut self.exchange;
        let head = attempt.outcome.head();
        let redirects = self.spent.redirects;
        match head.and_then(|head| followed(request, &head.headers, redirects)) {
            Some(target) => {
                *request.url_mut() = target;
                self.spent.redirects += 1;
                Continue(())
            }
            None => Break(attempt),
        }
    }
}

/// Logs an attempt. Omits headers and bodies, because they may contain secrets.
fn trace(attempt: u32, outcome: &Outcome, verdict: Verdict) {
    let head = outcome.head();
    let kind = match outcome {
        Outcome::Success { .. } | Outcome::NotModified { .. } => None,
        Outcome::OtherStatus { .. } if matches!(verdict, Verdict::Limited(_)) => {
            Some(ErrorKind::RateLimited)
        }
        Outcome::OtherStatus { head, .. } => Some(Reason::Status.kind(Some(head.status.as_u16()))),
        Outcome::Failed { failure, .. } => Some(failure.reason().kind(None)),
    };
    debug!(
        target: TARGET,
        attempt,
        status = head.map(|head| head.status.as_u16()),
        request_id = head.and_then(|head| request_id(&head.headers)),
        kind = kind.map(ErrorKind::as_str),
        verdict = verdict.as_str(),
        "attempt finished"
    );
}
