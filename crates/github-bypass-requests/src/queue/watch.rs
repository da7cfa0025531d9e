//! Follows a queue: reports the changes to the requests of all its lists as events.

use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::sync::Semaphore;

use crate::error::{InvalidInput, Result};
use crate::list::stream::stream;
use crate::model::any::AnyBypassRequest;
use crate::queue::cursor::{GroupCursor, QueueCursor};
use crate::queue::event::QueueEvent;
use crate::queue::lists::Queue;
use crate::queue::member::Group;
use crate::watch::difference::Start;
use crate::watch::follow::Follow;
use crate::watch::monitor::WatchMonitor;
use crate::watch::{EVERY, interval};

/// Configures how a queue is followed. Created by [`Queue::watch`].
///
/// Call [`events`](Self::events) to start. Nothing is sent until the stream of events is polled.
#[must_use = "nothing is sent until the stream of events is polled"]
#[derive(Clone, Debug)]
pub struct QueueWatch {
    queue: Queue,
    every: Duration,
    start: Start,
    cursor: QueueCursor,
}

impl Queue {
    /// Follows the queue: reports changes to its requests while the stream is polled. Each change
    /// is reported once, even if scopes overlap. One cursor saves the state of all lists.
    ///
    /// Each list is polled separately, as [`List::watch`](crate::List::watch) describes.
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
    /// let queue = client.organization("octo-org").queue();
    /// let queue = queue.and(client.enterprise("octo-enterprise").queue());
    /// let mut events = queue.watch().events();
    /// loop {
    ///     match events.try_next().await {
    ///         Ok(Some(event)) => event.summary().iter().for_each(|line| println!("{line}")),
    ///         Ok(None) => break,
    ///         // One list has failed. The others go on.
    ///         Err(error) => eprintln!("{error}"),
    ///     }
    /// #   break;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn watch(self) -> QueueWatch {
        QueueWatch {
            queue: self,
            every: EVERY,
            start: Start::WithOpen,
            cursor: QueueCursor::default(),
        }
    }
}

impl QueueWatch {
    /// Sets the interval between two polls of the same list: one second to one day. The default is
    /// one minute. See [`Watch::every`](crate::Watch::every).
    pub fn every(mut self, every: Duration) -> Self {
        match interval(every) {
            Ok(every) => self.every = every,
            Err(error) => self.queue.refuse(&error),
        }
        self
    }

    /// Makes the first poll of each list report each open request as
    /// [`Opened`](crate::Change::Opened), followed by the responses that it already has. This is
    /// the default.
    pub fn with_open(mut self) -> Self {
        self.start = Start::WithOpen;
        self
    }

    /// Reports only changes after the first poll of each list.
    pub fn from_now(mut self) -> Self {
        self.start = Start::FromNow;
        self
    }

    /// Continues an earlier watch: reports the changes since its cursor was saved. Accepts the
    /// cursor of a queue or of a single list.
    ///
    /// You can add lists to the queue and remove lists from it. A list that was not polled before
    /// the cursor was saved, or that the cursor does not contain, starts according to
    /// [`with_open`](Self::with_open) or [`from_now`](Self::from_now). If such a list overlaps with
    /// a list that was polled, requests that were opened since the last poll of the polled list are
    /// reported as well. A list with a different name, filter or host counts as a different list.
    pub fn resume(mut self, cursor: impl Into<QueueCursor>) -> Self {
        self.cursor = cursor.into();
        self
    }

    /// Starts the watch. Within a poll of a list, events are delivered oldest first. If GitHub does
    /// not report the time of an event, the event is ordered as if it had just happened.
    ///
    /// The watch sends requests only while you read the stream, and only after it has delivered the
    /// events of the previous poll. Lists are polled one at a time, so a list whose poll is retried
    /// delays the others by the duration of a call. To limit this delay, set
    /// [`call_timeout`](crate::ClientBuilder::call_timeout).
    pub fn events(mut self) -> QueueEventStream {
        if self.queue.position.is_some() {
            let why = "a queue that starts at a saved position cannot be watched";
            self.queue.refuse(&InvalidInput::new(why.to_owned()));
        }
        let groups = self.queue.groups();
        let cursor = &self.cursor;
        let turn = Arc::new(Semaphore::new(1));
        let lists = self.queue.lists.iter().map(|member| {
            let of = member.list.group();
            let polls = (member.list).polls(member.query.clone(), self.every, turn.clone());
            let url = polls.monitor.list();
            let is_polled = |part: &&GroupCursor| {
                part.polled
                    .as_ref()
                    .is_none_or(|polled| polled.contains(url))
            };
            let mut polled = cursor.of(&of).filter(is_polled).peekable();
            let started = polled.peek().is_some();
            let reported_until = polled.map(|part| part.reported_until).min().flatten();
            let group = groups.iter().position(|group| *group == of).unwrap_or(0);
            polls.follow(group, started, reported_until)
        });
        let lists = lists.collect();
        let known = groups.iter().map(|group| cursor.known(group)).collect();
        QueueEventStream {
            follow: Follow::new(lists, known, self.start),
            groups,
            invalid_input: None,
        }
    }
}

/// A stream of changes to the requests of a queue. Created by [`QueueWatch::events`].
///
/// # Failures
///
/// Each list waits out temporary failures as an [`EventStream`](crate::EventStream) does. After any
/// other failure, the list is not polled again: the stream returns the error, and goes on with the
/// other lists. The stream ends after all lists have failed.
///
/// # Delivery
///
/// Events are delivered at least once. If the process stops after handling an event and before
/// saving the cursor, that event is delivered again after the restart. Otherwise, an event is
/// repeated only if a replica of GitHub's database lags behind, in the two cases that
/// [`List::watch`](crate::List::watch) describes.
#[must_use = "nothing is sent until the stream is polled"]
pub struct QueueEventStream {
    follow: Follow<AnyBypassRequest>,
    groups: Vec<Group>,
    /// The text of the last error about an invalid argument. Every list has this error, but the
    /// stream returns it only once.
    invalid_input: Option<String>,
}

impl QueueEventStream {
    /// Returns the position of the watch, after the last delivered event. Save it after you have
    /// handled that event, as [`EventStream::cursor`](crate::EventStream::cursor) describes.
    pub fn cursor(&self) -> QueueCursor {
        let groups = self.groups.iter().zip(&self.follow.known).enumerate();
        let groups = groups.map(|(index, (group, known))| {
            let lists = self.follow.lists.iter();
            let polled = || {
                lists
                    .clone()
                    .filter(|list| list.group == index && list.started)
            };
            GroupCursor {
                base_url: Some(group.base_url.as_str().to_owned()),
                kind: group.kind,
                reported_until: polled().map(|list| list.reported_until).min().flatten(),
                polled: Some(
                    polled()
                        .map(|list| list.monitor.list().to_owned())
                        .collect(),
                ),
                known: known.clone(),
            }
        });
        QueueCursor {
            groups: groups.collect(),
        }
    }

    /// Returns a monitor for each list, in the order in which the lists were added. Each monitor
    /// shows whether the polls of its list succeed.
    pub fn monitors(&self) -> Vec<WatchMonitor> {
        let lists = self.follow.lists.iter();
        lists.map(|list| list.monitor.clone()).collect()
    }

    /// Returns the ids of the organizations whose requests were missing from the last poll of each
    /// list: see
    /// [`ResponseMeta::missing_organizations`](crate::ResponseMeta::missing_organizations).
    pub fn missing_organizations(&self) -> &[i64] {
        &self.follow.missing_organizations
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<QueueEvent>>> {
        loop {
            return Poll::Ready(match ready!(self.follow.poll(context)) {
                Some(Ok((request, change))) => Some(Ok(QueueEvent { request, change })),
                Some(Err(error)) if error.is_invalid_input() => {
                    let text = Some(error.to_string());
                    if text == self.invalid_input {
                        continue;
                    }
                    self.invalid_input = text;
                    Some(Err(error))
                }
                Some(Err(error)) => Some(Err(error)),
                None => None,
            });
        }
    }
}

stream! {
    QueueEventStream, QueueEvent,
    /// Returns the next event, or `None` after all lists have failed.
    ///
    /// Cancel safe: if the future is dropped, no event is lost.
    ///
    /// # Errors
    ///
    /// Returns an error if a list fails and the failure is not temporary; see [`QueueEventStream`].
}
