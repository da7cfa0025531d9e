//! Events from a list that is polled.

pub(crate) mod cursor;
pub(crate) mod difference;
pub(crate) mod event;
pub(crate) mod patience;
pub(crate) mod poll;

use std::collections::VecDeque;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use chrono::{TimeDelta, Utc};
use futures_util::stream::try_unfold;

use crate::error::{InvalidInput, Result};
use crate::list::List;
use crate::list::endpoint::Lists;
use crate::list::stream::{Boxed, stream};
use crate::list::window::{Reach, oldest_shown};
use crate::model::request::BypassKind;
use crate::model::vocabulary::StatusFilter;
use crate::watch::cursor::WatchCursor;
use crate::watch::difference::{Pending, Start, compare};
use crate::watch::event::WatchEvent;
use crate::watch::poll::{Poller, Snapshot};

/// How a list is to be watched: from [`List::watch`].
#[must_use = "nothing is sent until the stream of events is polled"]
#[derive(Clone, Debug)]
pub struct Watch<S, D> {
    list: List<S, D>,
    every: Duration,
    start: Start,
    cursor: WatchCursor<D>,
}

const EVERY: Duration = Duration::from_secs(60);
const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

impl<S: Lists<D>, D: BypassKind> List<S, D> {
    /// Follows the list: tells what happens to its requests, for as long as it is polled.
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
    ///         // What is new may be decided by now.
    ///         Change::Opened if event.request.is_open() => {
    ///             println!("to be reviewed: {}", event.request);
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
    /// All of the list is looked at every minute, or as [`every`](Watch::every) has it, with the
    /// list's own filters, and compared with what was told. So events are the differences of two
    /// states: what came and went between two looks is not seen, and what a failed look has missed,
    /// the next one tells. A page that has not changed is not sent again and does not count for
    /// GitHub's rate limit (`ETag`).
    ///
    /// A request is followed for as long as the list shows it. Widen the
    /// [`time_period`](Self::time_period), or leave it at a month: what leaves it is forgotten, and
    /// that is no event. Lists narrowed by [`status`](Self::status), which a request leaves by being
    /// decided, lists [`since`](Self::since) an instant, and lists that begin at a
    /// [position](Self::resume) are refused.
    ///
    /// # What it costs
    ///
    /// One request for each page of the list and poll, and the memory for the requests of the list,
    /// and for those of one poll whose events are still to be delivered. Both are bounded by the
    /// number of requests that were made within the list's time period.
    ///
    /// # Restarts
    ///
    /// [`EventStream::cursor`] tells where the watch stands, and [`Watch::resume`] goes on there.
    pub fn watch(self) -> Watch<S, D> {
        Watch {
            list: self,
            every: EVERY,
            start: Start::WithOpen,
            cursor: WatchCursor::new(),
        }
    }
}

impl<S, D> Watch<S, D> {
    /// How long to wait between two looks: a second to a day, by default a minute. Each wait is up to
    /// a tenth shorter or longer, by chance.
    pub fn every(mut self, every: Duration) -> Self {
        if (SHORTEST..=LONGEST).contains(&every) {
            self.every = every;
            return self;
        }
        self.refuse("the time between two looks is not a second to a day")
    }

    /// Begins with what is open now, as if it were new: it is [`Opened`](crate::Change::Opened), and what was
    /// answered is told. This is the default.
    pub fn with_open(mut self) -> Self {
        self.start = Start::WithOpen;
        self
    }

    /// Begins with what happens after the first look.
    pub fn from_now(mut self) -> Self {
        self.start = Start::FromNow;
        self
    }

    /// Goes on where another watch has stopped: tells what has happened since, and nothing twice.
    ///
    /// Nothing else begins then; only the cursor of a watch that has not yet looked at its list leaves
    /// that to [`with_open`](Self::with_open) or [`from_now`](Self::from_now). The list should be the
    /// same, with the same filters: what another one shows beside is new to it.
    pub fn resume(mut self, cursor: WatchCursor<D>) -> Self {
        self.cursor = cursor;
        self
    }

    fn refuse(mut self, why: &str) -> Self {
        self.list.query.refuse(InvalidInput::new(why.to_owned()));
        self
    }
}

impl<S: Lists<D>, D: BypassKind> Watch<S, D> {
    /// The events, from the oldest as far as GitHub tells when they happened.
    ///
    /// Nothing is sent before the first poll, which looks at once; and there is no look while nobody
    /// polls, or while events of the last one are left.
    pub fn events(self) -> EventStream<D> {
        let query = &self.list.query;
        let refusal = if !matches!(query.status, None | Some(StatusFilter::All)) {
            Some("a list narrowed by status cannot be watched: requests leave it unseen")
        } else if self.list.start.is_some() {
            Some("a list is watched from its start")
        } else if matches!(query.reach, Reach::Since(_)) {
            Some("a list is watched for a time period, not since an instant")
        } else {
            None
        };
        let watch = match refusal {
            Some(why) => self.refuse(why),
            None => self,
        };
        let Self {
            list,
            every,
            start,
            cursor,
        } = watch;
        let window = oldest_shown(list.query.reach.period(Utc::now()));
        let polls = try_unfold(Poller::new(list, every), async |mut poller| {
            Ok(Some((poller.next().await?, poller)))
        });
        EventStream {
            polls: Box::pin(polls),
            start,
            window,
            cursor,
            pending: VecDeque::new(),
        }
    }
}

/// What happens to the requests of a list: from [`Watch::events`].
///
/// # Failures
///
/// What may pass by itself is waited for: no connection, an answer that is lost, late, unreadable or
/// of a server in trouble, GitHub's wish for fewer requests, and, once a look has gone well, a source
/// that has no token just now. The stream is silent meanwhile, tells of it by `tracing`, and looks
/// again after waits that grow to some minutes, or when GitHub has said.
/// No event is lost by that. A host that is misspelt looks the same as one that is down: listen to
/// `tracing`.
///
/// All else ends it with an error, for somebody has to do something: 401, 403, 404 and whatever else
/// GitHub refuses, a redirect that is not followed, no token from the start, input that cannot be right,
/// a page that is longer than the client reads, pages that do not come to an end. The cursor is still
/// there then.
///
/// A request that cannot be read is left out and told by `tracing`, each time that its page changes.
#[must_use = "nothing is sent until the stream is polled"]
pub struct EventStream<D> {
    polls: Boxed<Snapshot<D>>,
    start: Start,
    window: TimeDelta,
    /// What was delivered so far.
    cursor: WatchCursor<D>,
    /// The rest of the events of the last poll.
    pending: VecDeque<Pending<D>>,
}

impl<D: BypassKind> EventStream<D> {
    /// Where the watch stands: after the event that was delivered last.
    ///
    /// Save it once that event is dealt with. Who stops in between is told the event again after the
    /// restart: each at least once, and none twice but for that. Save it also while nothing happens,
    /// for it is the first look, and not the first event, that tells what is new from then on:
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # fn save(cursor: &str) -> std::io::Result<()> { Ok(()) }
    /// # fn saved() -> std::io::Result<String> { Ok(SAVED.to_owned()) }
    /// # const SAVED: &str = r#"{"version":1,"kind":"secret_scanning","begun":false,"requests":[]}"#;
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
    /// In a file, write it beside the old one and rename it: half a cursor is none.
    pub fn cursor(&self) -> WatchCursor<D> {
        self.cursor.clone()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<WatchEvent<D>>>> {
        loop {
            if let Some(pending) = self.pending.pop_front() {
                let known = Arc::make_mut(&mut self.cursor.known);
                return Poll::Ready(Some(Ok(pending.deliver(known))));
            }
            match ready!(self.polls.as_mut().poll_next(context)) {
                Some(Ok(snapshot)) => self.compare(snapshot),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn compare(&mut self, snapshot: Snapshot<D>) {
        let start = (!self.cursor.begun).then_some(self.start);
        let known = Arc::make_mut(&mut self.cursor.known);
        self.pending = compare(known, snapshot, start, self.window);
        self.cursor.begun = true;
    }
}

stream! {
    EventStream<D: BypassKind>, WatchEvent<D>,
    /// The next event. `None` after an error only: no list comes to an end.
    ///
    /// The future can be dropped and the method called again: nothing is lost.
    ///
    /// # Errors
    ///
    /// Failures that do not pass by themselves; see [`EventStream`].
}
