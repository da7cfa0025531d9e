//! Shows whether a watch succeeds in polling its list.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::error::Error;
use crate::transport::lock::Lock;

/// Shows whether a watch succeeds in polling its list. Returned by
/// [`EventStream::monitor`](crate::EventStream::monitor) and
/// [`QueueEventStream::monitors`](crate::QueueEventStream::monitors).
///
/// A stream of events waits out temporary failures and returns nothing in the meantime. Use a
/// monitor to raise an alarm, or for a health check. Clones are cheap and share the same state.
///
/// # Examples
///
/// ```
/// # use github_bypass_requests::Client;
/// # use github_bypass_requests_fake::{Demo, Fake};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
/// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
/// use std::time::Duration;
///
/// let list = client.organization("octo-org").secret_scanning().list();
/// let mut events = list.watch().events();
/// let monitor = events.monitor();
/// tokio::spawn(async move {
///     loop {
///         tokio::time::sleep(Duration::from_secs(60)).await;
///         let status = monitor.status();
///         let Some(error) = status.last_error else { continue };
///         if status.failing_for > Some(Duration::from_secs(600)) {
///             eprintln!("{} polls have failed: {error}", status.consecutive_failures);
///         }
///     }
/// });
/// # events.try_next().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct WatchMonitor {
    pub(crate) list: Arc<str>,
    state: Arc<Lock<State>>,
}

#[derive(Default)]
struct State {
    status: WatchStatus,
    failing_since: Option<Instant>,
}

/// The state of a watch. Returned by [`WatchMonitor::status`].
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WatchStatus {
    /// The number of successful polls.
    pub successful_polls: u64,
    /// The local time of the last successful poll. The watch polls only while the program reads the
    /// stream of events. If the program stops reading, this time is not updated.
    pub last_success_at: Option<DateTime<Utc>>,
    /// The number of polls that failed since the last success.
    pub consecutive_failures: u32,
    /// The local time of the first of these failures.
    pub failing_since: Option<DateTime<Utc>>,
    /// The time that has passed since `failing_since`. In tests with paused time, only this field
    /// follows the simulated time.
    pub failing_for: Option<Duration>,
    /// The error of the last poll. `None` if it succeeded.
    pub last_error: Option<Arc<Error>>,
    /// True if the list is not polled any more, because the last failure was not temporary.
    pub has_ended: bool,
}

impl WatchMonitor {
    pub(crate) fn new(list: String) -> Self {
        Self {
            list: list.into(),
            state: Arc::default(),
        }
    }

    /// Returns the URL of the list, with the filters that narrow it.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// Returns the current state.
    pub fn status(&self) -> WatchStatus {
        let state = self.state.lock();
        WatchStatus {
            failing_for: state.failing_since.map(|since| since.elapsed()),
            ..state.status.clone()
        }
    }

    pub(crate) fn record_success(&self) {
        let mut state = self.state.lock();
        *state = State {
            status: WatchStatus {
                successful_polls: state.status.successful_polls + 1,
                last_success_at: Some(Utc::now()),
                ..WatchStatus::default()
            },
            failing_since: None,
        };
    }

    /// Records a failed poll. Returns the number of consecutive failures.
    pub(crate) fn record_failure(&self, error: &Error) -> u32 {
        let mut state = self.state.lock();
        state.failing_since.get_or_insert_with(Instant::now);
        let status = &mut state.status;
        status.consecutive_failures = status.consecutive_failures.saturating_add(1);
        status.failing_since.get_or_insert_with(Utc::now);
        status.last_error = Some(Arc::new(error.copy()));
        status.consecutive_failures
    }

    pub(crate) fn record_end(&self) {
        self.state.lock().status.has_ended = true;
    }
}

impl fmt::Debug for WatchMonitor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WatchMonitor")
            .field("list", &self.list)
            .field("status", &self.status())
            .finish()
    }
}
