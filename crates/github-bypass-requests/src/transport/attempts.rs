//! The attempt loop: sends a request until its outcome is final.
//!
//! What an outcome means is told by [`Verdict`], how long to wait by [`wait`](crate::wait), and
//! whether anything may be sent now by the gate and the pace that a client shares with its clones.

use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use chrono::Utc;
use github_bypass_requests_api::Operation;
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use reqwest::Url;
use tokio::time::{Instant, sleep};
use tracing::{Instrument, debug, debug_span, warn};

use crate::client::Shared;
use crate::gate::{LONGEST_WAIT, jitter};
use crate::outcome::{Failure, Head, Outcome};
use crate::response_meta::request_id;
use crate::token::authorization;
use crate::verdict::Verdict;
use crate::wait::{backoff, exhausted, retry_after};
use crate::{Error, Host, ResponseMeta, Result, Secret};

/// How a client behaves towards a server that is slow, busy or down.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    pub(crate) max_attempts: u32,
    /// No retry starts later than this after its call did, waits for rate limits not counted.
    pub(crate) retry_window: Duration,
    pub(crate) max_rate_limit_wait: Duration,
    pub(crate) rate_limit_retries: u32,
}

impl Policy {
    /// For a call that is tried again elsewhere, if at all.
    pub(crate) fn once(&self) -> Self {
        Self {
            max_attempts: 1,
            ..self.clone()
        }
    }

    /// For a call that is not worth a wait.
    pub(crate) fn at_once(&self) -> Self {
        Self {
            max_rate_limit_wait: Duration::ZERO,
            rate_limit_retries: 0,
            ..self.once()
        }
    }
}

/// The last outcome, and what it means.
pub(crate) struct Sent {
    pub(crate) outcome: Outcome,
    pub(crate) verdict: Verdict,
    /// When the last attempt began; those before it were certainly not carried out.
    pub(crate) attempted_at: Option<Instant>,
    /// Whether others came before it, redirects apart.
    pub(crate) is_retry: bool,
}

impl Sent {
    /// Nobody knows what has become of it.
    pub(crate) fn stopped(method: &Method) -> Self {
        let outcome = Outcome::Failed {
            head: None,
            failure: Failure::Stopped,
        };
        let verdict = Verdict::of(method, &outcome);
        Self {
            outcome,
            verdict,
            attempted_at: None,
            is_retry: false,
        }
    }

    /// Nothing was sent, or what was sent was certainly not carried out.
    fn not_sent(failure: Failure) -> Self {
        let outcome = Outcome::Failed {
            head: None,
            failure,
        };
        Self {
            outcome,
            verdict: Verdict::Final,
            attempted_at: None,
            is_retry: false,
        }
    }

    fn no_token(error: Error) -> Self {
        debug!("no token: nothing is sent");
        Self::not_sent(Failure::NoToken(error.of_token()))
    }
}

const MAX_REDIRECTS: u32 = 5;
/// Sources renew their tokens minutes before they expire.
const LONG_TURN: Duration = Duration::from_secs(30);

impl Shared {
    /// Sends the request as often as the policy has it.
    pub(crate) async fn send(
        &self,
        operation: Operation,
        request: reqwest::Request,
        policy: &Policy,
    ) -> Sent {
        let Operation {
            id, method, path, ..
        } = operation;
        let span = debug_span!("github_bypass_requests", operation = id, method, path);
        self.attempts(request, policy).instrument(span).await
    }

    async fn attempts(&self, mut request: reqwest::Request, policy: &Policy) -> Sent {
        let method = request.method().clone();
        let started = Instant::now();
        let (mut limited, mut queued) = (Duration::ZERO, Duration::ZERO);
        let (mut retries, mut limits, mut redirects) = (0, 0, 0);
        let mut refused = None;
        let (mut renewed, mut is_renewed) = (None, false);
        let mut attempt = 0_u32;
        loop {
            let waiting = Instant::now();
            let patience = policy.max_rate_limit_wait.saturating_sub(limited);
            if let Err(wait) = self.gate.pass(patience).await {
                return refused.unwrap_or_else(|| Sent::not_sent(Failure::KeptStill { wait }));
            }
            limited = limited.saturating_add(waiting.elapsed());
            // Before the turn: no other call is kept waiting by a source that takes its time.
            let (token, header) = match self.sign_in(renewed.take()).await {
                Ok(signed_in) => signed_in,
                // The gate is closed now, and makes this call wait or tells that it is too long.
                Err(error)
                    if error.is_rate_limited()
                        && limits < policy.rate_limit_retries
                        && self.gate.is_closed() =>
                {
                    limits += 1;
                    refused = Some(Sent::no_token(error));
                    continue;
                }
                Err(error) => return Sent::no_token(error),
            };
            let asked_at = Instant::now();
            let turn = self.pace.turn(&method).await;
            // After a long wait, as in a row of writes, it may have expired.
            let (token, header) = if asked_at.elapsed() < LONG_TURN {
                (token, header)
            } else {
                match self.sign_in(None).await {
                    Ok(signed_in) => signed_in,
                    Err(error) => return Sent::no_token(error),
                }
            };
            // Neither a rate limit nor the token nor the own queue counts as time that the server has
            // taken.
            queued = queued.saturating_add(waiting.elapsed());
            if self.gate.is_closed() {
                continue;
            }
            self.pace.begin(&method);
            // The body is in memory: there is always a copy.
            let Some(copy) = request.try_clone() else {
                return Sent::stopped(&method);
            };
            let attempted_at = Instant::now();
            let outcome = self.attempt(copy, header).await;
            drop(turn);

            let verdict = Verdict::of(&method, &outcome);
            self.learn(&outcome, verdict, attempted_at);
            attempt += 1;
            trace_attempt(attempt, &outcome, verdict);
            let sent = Sent {
                outcome,
                verdict,
                attempted_at: Some(attempted_at),
                is_retry: attempt > redirects + 1,
            };
            match verdict {
                Verdict::Final => {
                    // A 304 is what a read that asks for changes is mostly told.
                    if sent.outcome.head().is_some_and(|head| {
                        head.status.is_success() || head.status == StatusCode::NOT_MODIFIED
                    }) {
                        self.retry_budget.refund(retries);
                    }
                    return sent;
                }
                Verdict::Ambiguous => return sent,
                Verdict::Unauthorized if is_renewed => return sent,
                Verdict::Unauthorized => {
                    is_renewed = true;
                    let asking = Instant::now();
                    match self.tokens.instead_of(&token, self.host()).await {
                        Ok(Some(token)) => renewed = Some(token),
                        Ok(None) => return sent,
                        Err(error) => return Sent::no_token(error),
                    }
                    queued = queued.saturating_add(asking.elapsed());
                    debug!("trying again with the token that is valid now");
                }
                Verdict::Retry => {
                    let delay = self.delay(retries + 2, sent.outcome.head());
                    let elapsed = started.elapsed().saturating_sub(queued);
                    let late = elapsed.saturating_add(delay) > policy.retry_window;
                    if retries + 1 >= policy.max_attempts || late || !self.retry_budget.take() {
                        return sent;
                    }
                    retries += 1;
                    debug!(wait_ms = millis(delay), "trying again");
                    sleep(delay).await;
                }
                Verdict::Limited(_) => {
                    if limits >= policy.rate_limit_retries {
                        return sent;
                    }
                    limits += 1;
                    if !self.gate.is_closed() {
                        // Told to wait for no time at all: not at once, all the same.
                        sleep(jitter()).await;
                    }
                    // The gate is closed now: it makes this call wait, or tells that it is too long.
                    refused = Some(sent);
                }
                Verdict::Redirected => {
                    let head = sent.outcome.head();
                    let target = head.and_then(|head| target(request.url(), &head.headers));
                    let Some(target) = target.filter(|_| redirects < MAX_REDIRECTS) else {
                        return sent;
                    };
                    redirects += 1;
                    *request.url_mut() = target;
                }
            }
        }
    }

    /// The token of an attempt, and how it is sent: one that has taken the place of a refused one, or
    /// what the source has by now.
    async fn sign_in(&self, renewed: Option<Secret>) -> Result<(Secret, HeaderValue)> {
        let token = match renewed {
            Some(token) => token,
            None => self.tokens.token(self.host()).await?,
        };
        let header = authorization(&token)?;
        Ok((token, header))
    }

    fn host(&self) -> Host<'_> {
        Host { shared: self }
    }

    /// Tells the gate what the answer says about the rate limit.
    pub(crate) fn learn(&self, outcome: &Outcome, verdict: Verdict, attempted_at: Instant) {
        let Some(Head { headers, .. }) = outcome.head() else {
            return;
        };
        if let Verdict::Limited(limit) = verdict {
            let wait = self
                .gate
                .refuse(attempted_at, limit.is_told(headers), |untold| {
                    limit.wait(headers, Utc::now(), untold)
                });
            warn!(limit = ?limit, wait_ms = millis(wait), "rate limited");
            return;
        }
        if matches!(verdict, Verdict::Final | Verdict::Unauthorized) {
            self.gate.forget_untold(attempted_at);
        }
        if let Some(wait) = exhausted(headers, Utc::now()) {
            warn!(wait_ms = millis(wait), "the rate limit is used up");
            self.gate.close(wait);
        }
        let ResponseMeta {
            deprecation,
            sunset,
            ..
        } = ResponseMeta::from_headers(headers);
        if (deprecation.is_some() || sunset.is_some()) && !self.deprecation_told.swap(true, Relaxed)
        {
            warn!(
                deprecation,
                sunset, "GitHub will withdraw what this client uses"
            );
        }
    }

    /// Before attempt `next`: the backoff, or longer if the server says so.
    pub(crate) fn delay(&self, next: u32, head: Option<&Head>) -> Duration {
        let told = head.and_then(|head| retry_after(&head.headers, Utc::now()));
        let told = told.map(|told| told.min(LONGEST_WAIT) + jitter());
        backoff(next, fastrand::f64()).max(told.unwrap_or_default())
    }
}

/// Neither headers nor bodies: they may hold secrets.
fn trace_attempt(attempt: u32, outcome: &Outcome, verdict: Verdict) {
    let head = outcome.head();
    debug!(
        attempt,
        status = head.map(|head| head.status.as_u16()),
        request_id = head.and_then(|head| request_id(&head.headers)),
        failure = failure(outcome),
        verdict = ?verdict,
        "attempted"
    );
}

/// Why there is no complete answer, without a word of the libraries'.
pub(crate) fn failure(outcome: &Outcome) -> Option<&'static str> {
    let Outcome::Failed { failure, .. } = outcome else {
        return None;
    };
    Some(match failure {
        Failure::Network(cause) if cause.is_connect() => "no connection",
        Failure::Network(cause) if cause.is_builder() => "no request",
        Failure::Network(cause) if cause.is_timeout() => "timeout",
        Failure::Network(_) | Failure::Stopped => "interrupted",
        Failure::TooLarge { .. } => "too long",
        Failure::NoToken(_) => "no token",
        Failure::KeptStill { .. } => "rate limited",
    })
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Where a redirect leads, if that is within the same origin.
pub(crate) fn target(from: &Url, headers: &HeaderMap) -> Option<Url> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    let target = from.join(location).ok()?;
    let plain = target.username().is_empty() && target.password().is_none();
    (plain && target.origin() == from.origin()).then_some(target)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn leads_to(location: &str) -> Option<String> {
        let from = Url::parse("https://ghes.example.com:8443/api/v3/repos/o/r").expect("a URL");
        let mut headers = HeaderMap::new();
        headers.append(LOCATION, HeaderValue::from_str(location).ok()?);
        target(&from, &headers).map(String::from)
    }

    #[test]
    fn a_failure_is_told_by_its_name() {
        let unsendable = reqwest::Client::new().get("https://[").build();
        let unsendable = Failure::from(unsendable.expect_err("no address"));
        let wait = Duration::ZERO;
        for (reason, name) in [
            (unsendable, "no request"),
            (Failure::Stopped, "interrupted"),
            (Failure::TooLarge { limit: 1 }, "too long"),
            (Failure::NoToken(Error::no_token("none")), "no token"),
            (Failure::KeptStill { wait }, "rate limited"),
        ] {
            let outcome = Outcome::Failed {
                head: None,
                failure: reason,
            };
            assert_eq!(failure(&outcome), Some(name));
        }
    }

    #[test]
    fn a_redirect_leads_within_the_origin_or_nowhere() {
        for (location, leads) in [
            (
                "/api/v3/repositories/1",
                Some("https://ghes.example.com:8443/api/v3/repositories/1"),
            ),
            (
                "https://ghes.example.com:8443/x",
                Some("https://ghes.example.com:8443/x"),
            ),
            ("http://ghes.example.com:8443/x", None),
            ("https://ghes.example.com/x", None),
            ("https://ghes.example.com.evil:8443/x", None),
            ("https://mona@ghes.example.com:8443/x", None),
            ("//evil.example.com:8443/x", None),
            ("\\\\evil.example.com/x", None),
            ("https://[", None),
        ] {
            assert_eq!(leads_to(location).as_deref(), leads, "{location}");
        }
    }
}
