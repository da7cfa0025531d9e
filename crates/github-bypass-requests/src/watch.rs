//! Follows a list: reports its changes as events.

pub(crate) mod cursor;
pub(crate) mod difference;
pub(crate) mod event;
pub(crate) mod follow;
pub(crate) mod followed;
pub(crate) mod monitor;
pub(crate) mod patience;
pub(crate) mod poll;
pub(crate) mod version;

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::error::{InvalidInput, Result};
use crate::list::List;
use crate::list::endpoint::Scope;
use crate::list::stream::stream;
use crate::model::request::{BypassKind, BypassRequest};
use crate::watch::cursor::{PolledList, WatchCursor};
use crate::watch::difference::Start;
use crate::watch::event::WatchEvent;
use crate::watch::follow::{Follow, Polls};
use crate::watch::monitor::WatchMonitor;

/// Configures how a list is followed. Created by [`List::watch`].
///
/// Call [`events`](Self::events) to start. Nothing is sent until the stream of events is polled.
#[must_use = "nothing is sent until the stream of events is polled"]
#[derive(Clone, Debug)]
pub struct Watch<S, D> {
    list: List<S, D>,
    every: Duration,
    start: Start,
    cursor: WatchCursor<D>,
}

/// The default interval between polls.
pub(crate) const EVERY: Duration = Duration::from_secs(60);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// Checks an interval between polls.
pub(crate) fn interval(every: Duration) -> Result<Duration, InvalidInput> {
    if (SHORTEST..=LONGEST).contains(&every) {
        return Ok(every);
    }
    let message = "`every` must be between one second and one day";
    Err(InvalidInput::new(message.to_owned()))
}

impl<S: Scope, D: BypassKind> List<S, D> {
    /// Follows the list: reports changes to its requests while the stream is polled.
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
    /// use github_bypass_requests::Change;
    ///
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// let mut events = list.watch().events();
    /// while let Some(event) = events.try_next().await? {
    ///     match event.change {
    ///         // A new request may already be decided.
    ///         Change::Opened if event.request.is_open() => {
    ///             println!("please review {}", event.request);
    ///         }
    ///         Change::Responded(response) => println!("{response}: {}", event.request),
    ///         _ => {}
    ///     }
    /// #   break;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Change`](crate::Change) lists the changes that a decision causes, and
    /// [`WatchEvent::summary`] returns one line for each decision.
    ///
    /// # Polling
    ///
    /// The watch reads all pages of the filtered list every minute, or at the interval set with
    /// [`every`](Watch::every). It compares them with the state that it has already reported. A
    /// change that is undone between two polls is not seen. If a poll fails, the next successful
    /// one reports the changes.
    ///
    /// Polls use conditional requests (`ETag`): an unchanged page is not sent again and does not
    /// count against GitHub's rate limit. If a proxy responds with 304 although a page has changed,
    /// the change is reported by a later poll.
    ///
    /// # Replicas
    ///
    /// A replica of GitHub's database that lags behind can show an older state of a request. The
    /// watch treats a state as older if it lacks a response that was already reported, or if it
    /// shows a finished request as unfinished. The watch ignores such a state, except in two cases:
    /// the state is shown for more than a minute, or it contains a response that was not reported
    /// yet. The watch then accepts the state, and some changes may be reported again once the
    /// replica has caught up.
    ///
    /// # Filters
    ///
    /// A request is followed while the list contains it. A request that leaves the
    /// [`time_period`](Self::time_period) is forgotten without an event, so keep the default of one
    /// month if you can.
    ///
    /// The following lists cannot be watched: the first poll of the stream returns an error.
    ///
    /// - a list narrowed by [`status`](Self::status), because a decided request leaves it
    /// - a list narrowed by [`since`](Self::since)
    /// - a list that starts at a saved position ([`resume`](Self::resume))
    ///
    /// # Cost
    ///
    /// Each poll sends one HTTP request per page of the list. The watch keeps the last known state
    /// of every bypass request in memory. It also keeps the bypass requests of the latest poll
    /// until their events are delivered.
    ///
    /// # Restarts
    ///
    /// Save [`EventStream::cursor`], and pass it to [`Watch::resume`] after a restart.
    pub fn watch(self) -> Watch<S, D> {
        Watch {
            list: self,
            every: EVERY,
            start: Start::WithOpen,
            cursor: WatchCursor::new(None, false, None, Arc::default()),
        }
    }
}

impl<S, D> Watch<S, D> {
    /// Sets the interval between polls: one second to one day. The default is one minute.
    ///
    /// Each interval is randomly shortened or lengthened by up to 10%, so that several watches do
    /// not poll at the same time.
    pub fn every(mut self, every: Duration) -> Self {
        match interval(every) {
            Ok(every) => self.every = every,
            Err(error) => self.list.query.refuse(error),
        }
        self
    }

    /// Makes the first poll report each open request as [`Opened`](crate::Change::Opened), followed
    /// by the responses that it already has. This is the default.
    pub fn with_open(mut self) -> Self {
        self.start = Start::WithOpen;
        self
    }

    /// Reports only the changes that happen after the first poll.
    pub fn from_now(mut self) -> Self {
        self.start = Start::FromNow;
        self
    }

    /// Continues an earlier watch: reports the changes since its cursor was saved.
    ///
    /// Use the same list with the same filters. Requests that the cursor does not contain are
    /// reported as [`Opened`](crate::Change::Opened).
    ///
    /// A resumed watch ignores [`with_open`](Self::with_open) and [`from_now`](Self::from_now),
    /// unless its cursor was saved before the first poll.
    pub fn resume(mut self, cursor: WatchCursor<D>) -> Self {
        self.cursor = cursor;
        self
    }
}

impl<S: Scope, D: BypassKind> Watch<S, D> {
    /// Starts the watch. Within a poll, events are delivered oldest first. If GitHub does not
    /// report the time of an event, the event is ordered as if it had just happened.
    ///
    /// The watch sends requests only while you read the stream, and only after it has delivered the
    /// events of the previous poll. The first poll starts immediately.
    pub fn events(self) -> EventStream<D> {
        let Self {
            list,
            every,
            start,
            cursor,
        } = self;
        let base_url = list
            .scope
            .client()
            .connection()
            .base_url
            .as_str()
            .to_owned();
        let turn = Arc::new(Semaphore::new(1));
        let list = Polls::new(list, every, turn).follow(0, cursor.started, cursor.reported_until);
        EventStream {
            base_url,
            follow: Follow::new(vec![list], vec![cursor.known], start),
        }
    }
}

/// A stream of changes to the requests of a list. Created by [`Watch::events`].
///
/// # Failures
///
/// The stream waits out temporary failures: connection errors, timeouts, interrupted or undecodable
/// responses, 408 and 5xx, and rate limits. Once a poll has succeeded, a missing token counts as
/// temporary, too. The stream polls again after a back-off of up to five minutes, or after GitHub's
/// rate limit ends. It logs each failure with `tracing`, and no event is lost. A misspelled host
/// looks like one that is down, so check the [`monitor`](Self::monitor).
///
/// GitHub sometimes refuses an individual HTTP request although the token is valid. Once a poll has
/// succeeded, 401, 403 and 404 therefore end the stream only if they occur in three consecutive
/// polls.
///
/// Any other failure ends the stream with an error: 401, 403 or 404 in the first poll, other 4xx, a
/// redirect that cannot be followed, a missing token at the start, invalid input, a page that
/// exceeds the size limit, or pagination that does not end. [`cursor`](Self::cursor) remains valid.
///
/// A request that cannot be decoded is skipped. It is logged each time its page changes.
///
/// # Delivery
///
/// Events are delivered at least once. If the process stops after handling an event and before
/// saving the cursor, that event is delivered again after the restart. Otherwise, an event is
/// repeated only if a replica of GitHub's database lags behind, in the two cases that
/// [`List::watch`] describes.
#[must_use = "nothing is sent until the stream is polled"]
pub struct EventStream<D> {
    base_url: String,
    follow: Follow<BypassRequest<D>>,
}

impl<D: BypassKind> EventStream<D> {
    /// Returns the position of the watch, after the last delivered event.
    ///
    /// Save it after you have handled that event. If the process stops before the cursor is saved,
    /// the event is delivered again after the restart. The restart loses no event, and repeats no
    /// other event.
    ///
    /// Save the cursor even if there are no events. After the first poll, the cursor records which
    /// requests are known. A restarted watch needs that record to recognize new requests.
    ///
    /// # Examples
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # fn save(cursor: &str) -> std::io::Result<()> { Ok(()) }
    /// # fn saved() -> std::io::Result<String> { Ok(SAVED.to_owned()) }
    /// # const SAVED: &str = r#"{"version":1,"kind":"secret_scanning","started":false,"requests":[]}"#;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(9)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # let list = client.organization("octo-org").secret_scanning().list();
    /// use std::time::Duration;
    ///
    /// let cursor = serde_json::from_str(&saved()?)?;
    /// let mut events = list.watch().resume(cursor).events();
    /// loop {
    ///     let wait = Duration::from_secs(60);
    ///     if let Ok(event) = tokio::time::timeout(wait, events.try_next()).await {
    ///         let Some(event) = event? else { break };
    ///         println!("{event}");
    ///     }
    ///     save(&serde_json::to_string(&events.cursor())?)?;
    /// #   break;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// To save the cursor in a file, write it to a temporary file, and rename that file. A cursor
    /// that was written only in part cannot be read.
    pub fn cursor(&self) -> WatchCursor<D> {
        let lists = &self.follow.lists;
        let list = lists.first().map(|list| PolledList {
            base_url: self.base_url.clone(),
            url: list.monitor.list().to_owned(),
        });
        WatchCursor::new(
            list,
            lists.iter().any(|list| list.started),
            lists.first().and_then(|list| list.reported_until),
            self.follow.known.first().cloned().unwrap_or_default(),
        )
    }

    /// Returns a monitor, which shows whether the polls succeed.
    pub fn monitor(&self) -> WatchMonitor {
        let list = self.follow.lists.first();
        list.map_or_else(
            || WatchMonitor::new(String::new()),
            |list| list.monitor.clone(),
        )
    }

    /// Returns the organizations that were missing from the last poll: see
    /// [`ResponseMeta::missing_organizations`](crate::ResponseMeta::missing_organizations).
    pub fn missing_organizations(&self) -> &[i64] {
        &self.follow.missing_organizations
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<WatchEvent<D>>>> {
        let polled = ready!(self.follow.poll(context));
        Poll::Ready(polled.map(|polled| {
            let (request, change) = polled?;
            Ok(WatchEvent { request, change })
        }))
    }
}

stream! {
    EventStream<D: BypassKind>, WatchEvent<D>,
    /// Returns the next event, or `None` after the stream has returned an error.
    ///
    /// Cancel safe: if the future is dropped, no event is lost.
    ///
    /// # Errors
    ///
    /// Returns an error for failures that are not temporary; see [`EventStream`].
}
