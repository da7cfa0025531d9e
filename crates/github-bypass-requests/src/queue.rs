//! One queue of many lists.

use std::collections::HashSet;
use std::fmt;
use std::future::poll_fn;
use std::mem::Discriminant;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use chrono::{DateTime, Utc};
use futures_core::Stream;

use crate::base_url::BaseUrl;
use crate::list::{Lists, Query};
use crate::model::BypassKind;
use crate::window::Reach;
use crate::{
    AnyBypassRequest, BypassRequest, Error, List, RequestId, RequestStream, Result, StatusFilter,
    TimePeriod,
};

/// The requests of both kinds and of any scopes as one stream, newest first; from `queue()` of an
/// [`Enterprise`](crate::Enterprise), an [`Organization`](crate::Organization) or a
/// [`Repository`](crate::Repository), or of lists that were put together.
///
/// Each request is delivered once, also where scopes overlap, as an organization and one of its
/// repositories.
///
/// ```
/// # use github_bypass_requests::{Client, Queue, StatusFilter};
/// # use github_bypass_requests_fake::{Demo, Fake};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = Fake::builder().demo(Demo::new(25)).start().await?;
/// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
/// let queue = client.organization("octo-org").queue();
/// let mut open = queue.status(StatusFilter::Open).stream();
/// while let Some(request) = open.try_next().await? {
///     println!("{request}");
/// }
///
/// // One kind of one scope, and both of another.
/// let secrets = client.organization("octo-org").secret_scanning().list();
/// let all = client.repository("octo-org", "smile").queue().and(secrets);
/// # let mut all = all.stream();
/// # assert!(all.try_next().await?.is_some());
/// # Ok(())
/// # }
/// ```
#[must_use = "nothing is sent until a stream of the queue is polled"]
#[derive(Clone)]
pub struct Queue {
    lists: Vec<Box<dyn Listing>>,
}

impl Queue {
    /// The requests of both.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.lists.extend(other.into().lists);
        self
    }

    /// Only requests in this status, of all lists so far; see [`List::status`].
    pub fn status(self, status: StatusFilter) -> Self {
        self.narrow(|query| query.narrow_to_status(status))
    }

    /// Only requests that were made within this period, of all lists so far; see
    /// [`List::time_period`].
    pub fn time_period(self, time_period: TimePeriod) -> Self {
        self.narrow(|query| query.reach_to(Reach::Period(time_period)))
    }

    /// Only requests that were made at this instant or later, of all lists so far; see
    /// [`List::since`].
    pub fn since(self, instant: impl Into<DateTime<Utc>>) -> Self {
        let since = Reach::since(instant.into());
        self.narrow(|query| query.reach_to(since))
    }

    /// Only requests that this user has reviewed, of all lists so far.
    pub fn reviewer(self, login: impl AsRef<str>) -> Self {
        self.narrow(|query| query.narrow_to_reviewer(login.as_ref()))
    }

    /// Only requests that this user has made, of all lists so far.
    pub fn requester(self, login: impl AsRef<str>) -> Self {
        self.narrow(|query| query.narrow_to_requester(login.as_ref()))
    }

    fn narrow(mut self, narrow: impl Fn(&mut Query)) -> Self {
        for list in &mut self.lists {
            narrow(list.query());
        }
        self
    }

    /// Reads all lists, side by side.
    ///
    /// **Do not review while a queue that is narrowed to a status is being read**, as with a
    /// [`List`]: read everything, then act.
    ///
    /// The newest request comes first, as far as each list gives them so. A page is asked for when it
    /// is needed, one at a time. To deliver each request once, the ids of all that were delivered are
    /// kept: some 20 bytes for each.
    ///
    /// # Errors
    ///
    /// A list that fails hides no other, and a request that cannot be read hides no other: what there
    /// is is delivered first. Then the errors are told, one after the other and each with the scope of its
    /// list, and the stream ends.
    pub fn stream(self) -> QueueStream {
        let mut hosts: Vec<BaseUrl> = Vec::new();
        let sources = self.lists.into_iter().map(|list| {
            let known = hosts.iter().position(|host| host == list.host());
            let host = known.unwrap_or_else(|| {
                hosts.push(list.host().clone());
                hosts.len() - 1
            });
            Source {
                requests: list.stream(),
                list,
                host,
                head: None,
                is_over: false,
            }
        });
        QueueStream {
            sources: sources.collect(),
            delivered: HashSet::new(),
            errors: Vec::new(),
        }
    }
}

impl<S, D> From<List<S, D>> for Queue
where
    S: Lists<D> + Clone,
    D: BypassKind,
    AnyBypassRequest: From<BypassRequest<D>>,
{
    fn from(list: List<S, D>) -> Self {
        Self {
            lists: vec![Box::new(list)],
        }
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("lists", &self.lists.len())
            .finish_non_exhaustive()
    }
}

/// A list of whichever scope and kind.
trait Listing: Send + Sync {
    fn query(&mut self) -> &mut Query;
    /// Whose ids they are.
    fn host(&self) -> &BaseUrl;
    fn stream(&self) -> Requests;
    /// From a page on.
    fn stream_from(&self, page: u32) -> Requests;
    fn to_boxed(&self) -> Box<dyn Listing>;
}

type Requests = Pin<Box<dyn Stream<Item = Result<AnyBypassRequest>> + Send>>;

impl<S, D> Listing for List<S, D>
where
    S: Lists<D> + Clone,
    D: BypassKind,
    AnyBypassRequest: From<BypassRequest<D>>,
{
    fn query(&mut self) -> &mut Query {
        &mut self.query
    }

    fn host(&self) -> &BaseUrl {
        &self.scope.client().shared.base_url
    }

    fn stream(&self) -> Requests {
        Box::pin(AnyStream(List::stream(self.clone())))
    }

    fn stream_from(&self, page: u32) -> Requests {
        Box::pin(AnyStream(List::stream(self.clone().start_at(page))))
    }

    fn to_boxed(&self) -> Box<dyn Listing> {
        Box::new(self.clone())
    }
}

impl Clone for Box<dyn Listing> {
    fn clone(&self) -> Self {
        (**self).to_boxed()
    }
}

/// Requests of one kind, as those of any.
struct AnyStream<D>(RequestStream<D>);

impl<D> Stream for AnyStream<D>
where
    AnyBypassRequest: From<BypassRequest<D>>,
{
    type Item = Result<AnyBypassRequest>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let request = ready!(Pin::new(&mut self.0).poll_next(context));
        Poll::Ready(request.map(|request| request.map(AnyBypassRequest::from)))
    }
}

/// A queue's requests: from [`Queue::stream`].
#[must_use = "nothing is sent until the stream is polled"]
pub struct QueueStream {
    sources: Vec<Source>,
    /// Told apart by host, for another host's ids mean other requests.
    delivered: HashSet<(usize, Discriminant<AnyBypassRequest>, RequestId)>,
    /// For the end.
    errors: Vec<Error>,
}

struct Source {
    list: Box<dyn Listing>,
    /// Of those of the queue, by number.
    host: usize,
    requests: Requests,
    /// The next of this list, once it is known.
    head: Option<AnyBypassRequest>,
    is_over: bool,
}

impl QueueStream {
    /// The next one; `None` at the end.
    ///
    /// Can be dropped and called again: nothing is lost.
    ///
    /// # Errors
    ///
    /// As every call. After an error, another list may still have one to tell.
    pub async fn try_next(&mut self) -> Result<Option<AnyBypassRequest>> {
        poll_fn(|context| self.poll(context)).await.transpose()
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AnyBypassRequest>>> {
        loop {
            for source in &mut self.sources {
                while let Some(error) = ready!(source.poll_head(context)) {
                    self.errors.push(error);
                }
            }
            let newest = self
                .sources
                .iter_mut()
                .filter(|source| source.head.is_some())
                .reduce(|newest, source| {
                    if source.created_at() > newest.created_at() {
                        source
                    } else {
                        newest
                    }
                });
            let newest = newest.and_then(|source| Some((source.host, source.head.take()?)));
            let Some((host, request)) = newest else {
                let error = (!self.errors.is_empty()).then(|| self.errors.remove(0));
                return Poll::Ready(error.map(Err));
            };
            let identity = (host, std::mem::discriminant(&request), request.id());
            if self.delivered.insert(identity) {
                return Poll::Ready(Some(Ok(request)));
            }
        }
    }
}

impl Source {
    /// Sees to it that the head is there if there is one; gives an error of the list.
    fn poll_head(&mut self, context: &mut Context<'_>) -> Poll<Option<Error>> {
        if self.head.is_some() || self.is_over {
            return Poll::Ready(None);
        }
        let error = match ready!(self.requests.as_mut().poll_next(context)) {
            Some(Ok(request)) => {
                self.head = Some(request);
                return Poll::Ready(None);
            }
            Some(Err(error)) => {
                // It has told of what cannot be read; behind that, the list goes on.
                if let (true, Some(page)) = (error.is_bad_item(), error.resume_at()) {
                    self.requests = self.list.stream_from(page);
                    return Poll::Ready(Some(error));
                }
                Some(error)
            }
            None => None,
        };
        self.is_over = true;
        Poll::Ready(error)
    }

    fn created_at(&self) -> Option<DateTime<Utc>> {
        self.head.as_ref().map(AnyBypassRequest::created_at)
    }
}

impl Stream for QueueStream {
    type Item = Result<AnyBypassRequest>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll(context)
    }
}

impl fmt::Debug for QueueStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QueueStream").finish_non_exhaustive()
    }
}
