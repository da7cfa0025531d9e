//! Reads a bypass request after a write whose response was lost, to find out what happened.

use std::time::Duration;

use chrono::Utc;
use tokio::time::Instant;

use crate::error::{Error, Result};
use crate::model::ids::RequestNumber;
use crate::review::read::Read;
use crate::scope::{Repository, SecretScanning};
use crate::transport::delay::jitter;
use crate::transport::policy::Policy;
use crate::transport::usage::count;

/// The times at which to read the bypass request, counted from the failure.
///
/// GitHub may carry out a write up to 10 seconds after the connection is lost.
pub(crate) const READ_BACK_AFTER: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(15),
];

/// The state of a write whose response was lost, according to the bypass request.
#[derive(Debug)]
pub(crate) enum ReadBack<T> {
    /// The write was carried out.
    Applied(T),
    /// Something else happened to the bypass request, so the write is no longer possible.
    Conflict(String),
    /// The bypass request shows no sign of the write.
    Unchanged,
    /// The write may have been carried out, or the bypass request could not be read. The text, if
    /// any, describes what was found.
    Unclear(Option<String>),
}

impl<T> ReadBack<T> {
    /// Returns the result of a write that will not be sent again. `lost` is the ambiguous error of
    /// the attempt.
    pub(crate) fn settle(self, lost: Error) -> Result<T> {
        match self {
            Self::Applied(applied) => Ok(applied),
            Self::Conflict(found) => Err(lost.into_conflict(found)),
            Self::Unclear(found) => Err(lost.having_found(found)),
            Self::Unchanged => Err(lost),
        }
    }
}

impl SecretScanning<Repository> {
    /// Reads the bypass request 1, 5 and 15 seconds after the failure, until `judge` finds that the
    /// write was carried out. Waits longer if the server requests it.
    ///
    /// GitHub may still carry out the write after an earlier read, so the finding of the last read
    /// counts. Gives up if a read is rejected, or if the deadline of the call has passed.
    pub(crate) async fn read_back<T>(
        &self,
        number: RequestNumber,
        policy: &Policy,
        lost: &Error,
        judge: impl Fn(Read) -> ReadBack<T>,
    ) -> ReadBack<T> {
        let failed_at = Instant::now();
        let mut pause = pause_after(lost, policy);
        let mut found = ReadBack::Unclear(None);
        for delay in READ_BACK_AFTER {
            let Some(requested_pause) = pause else {
                return ReadBack::Unclear(None);
            };
            let due = delay.saturating_sub(failed_at.elapsed());
            let due = Instant::now() + due.max(requested_pause);
            if !policy.sleep_until(due).await {
                return ReadBack::Unclear(None);
            }
            (found, pause) = match self.read_again(number, policy.once()).await {
                Ok(read) => match judge(read) {
                    ReadBack::Applied(applied) => return ReadBack::Applied(applied),
                    other => (other, Some(Duration::ZERO)),
                },
                Err(error) if is_rejected(&error) => return ReadBack::Unclear(None),
                Err(error) => (ReadBack::Unclear(None), pause_after(&error, policy)),
            };
        }
        found
    }

    /// Reads the bypass request once, after a write.
    pub(crate) async fn read_again(&self, number: RequestNumber, policy: Policy) -> Result<Read> {
        let counters = &self.scope.client.connection().counters;
        count(&counters.read_backs, 1);
        self.read(number, policy).await
    }
}

/// Returns how long the server asks the client to wait before the next request, or `None` if that
/// is longer than a call may wait.
pub(crate) fn pause_after(error: &Error, policy: &Policy) -> Option<Duration> {
    let Some(retry_at) = error.retry_at() else {
        return Some(Duration::ZERO);
    };
    let stated = (retry_at - Utc::now()).to_std().unwrap_or_default();
    (stated <= policy.max_rate_limit_wait).then(|| stated + jitter())
}

/// Returns true if GitHub would also reject another read.
fn is_rejected(error: &Error) -> bool {
    error.is_rate_limited()
        || error
            .status()
            .is_some_and(|status| (400..500).contains(&status) && status != 408)
}
