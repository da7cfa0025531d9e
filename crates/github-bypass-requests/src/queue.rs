//! One queue of many lists.

use std::collections::HashSet;
use std::fmt;
use std::mem::Discriminant;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::vec;

use chrono::{DateTime, Utc};
use futures_util::stream::try_unfold;

use crate::error::{Error, Result};
use crate::list::List;
use crate::list::endpoint::Lists;
use crate::list::pager::Delivery;
use crate::list::query::Query;
use crate::list::stream::{Boxed, stream};
use crate::list::window::Reach;
use crate::model::any::AnyBypassRequest;
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::scope::{Enterprise, Organization, Repository};
use crate::transport::base_url::BaseUrl;

macro_rules! queue_of {
    ($scope:ident) => {
        impl $scope {
            /// Requests of both kinds, as one queue.
            pub fn queue(&self) -> Queue {
                Queue::from(self.secret_scanning().list()).and(self.push_rules().list())
            }
        }
    };
}

queue_of!(Enterprise);
queue_of!(Organization);
queue_of!(Repository);

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
    lists: Vec<Member>,
}

/// A list of any scope and kind.
#[derive(Clone)]
struct Member {
    query: Query,
    /// Whose ids they are.
    host: BaseUrl,
    pages: Arc<dyn Fn(Query) -> Pages + Send + Sync>,
}

/// The pages of a list: the requests of each, and the error about those that were skipped.
type Pages = Boxed<(Vec<AnyBypassRequest>, Option<Error>)>;

impl Queue {
    /// The requests of both.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.lists.extend(other.into().lists);
        self
    }

    /// Only requests in this status, of all lists so far; see [`List::status`].
    pub fn status(self, status: StatusFilter) -> Self {
        self.narrow(|query| query.status = Some(status))
    }

    /// Only requests that were made within this period, of all lists so far; see
    /// [`List::time_period`].
    pub fn time_period(self, time_period: TimePeriod) -> Self {
        self.narrow(|query| query.reach = Reach::Period(time_period))
    }

    /// Only requests that were made at this instant or later, of all lists so far; see
    /// [`List::since`].
    pub fn since(self, instant: impl Into<DateTime<Utc>>) -> Self {
        let since = Reach::since(instant.into());
        self.narrow(|query| query.reach = since)
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
            narrow(&mut list.query);
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
    /// kept: some 50 bytes for each.
    ///
    /// # Errors
    ///
    /// A list that fails hides no other, and a request that cannot be read hides no other: all else is
    /// delivered first. Then the errors are told, one after the other and each with the scope of its
    /// list, and the stream ends. A list is given up after five pages in a row of which nothing could be
    /// delivered.
    pub fn stream(self) -> QueueStream {
        let mut hosts: Vec<BaseUrl> = Vec::new();
        let sources = self.lists.into_iter().map(|list| {
            let known = hosts.iter().position(|host| *host == list.host);
            let host = known.unwrap_or_else(|| {
                hosts.push(list.host);
                hosts.len() - 1
            });
            Source {
                pages: Some((list.pages)(list.query)),
                host,
                requests: vec::IntoIter::default(),
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
        let member = Member {
            query: list.query.clone(),
            host: list.scope.client().connection().base_url.clone(),
            pages: Arc::new(move |query| {
                pages(List {
                    query,
                    ..list.clone()
                })
            }),
        };
        Self {
            lists: vec![member],
        }
    }
}

fn pages<S, D>(list: List<S, D>) -> Pages
where
    S: Lists<D>,
    D: BypassKind,
    AnyBypassRequest: From<BypassRequest<D>>,
{
    let pager = list.pager().skip_bad_items();
    Box::pin(try_unfold(pager, async |mut pager| {
        let delivery = pager.advance().await?;
        Ok(delivery.map(|Delivery { page, skipped, .. }| {
            let requests = page.items.into_iter().map(AnyBypassRequest::from);
            ((requests.collect(), skipped), pager)
        }))
    }))
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("lists", &self.lists.len())
            .finish_non_exhaustive()
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

/// One of the lists.
struct Source {
    /// `None` at the end.
    pages: Option<Pages>,
    /// Of those of the queue, by number.
    host: usize,
    /// What is left of the page that came last.
    requests: vec::IntoIter<AnyBypassRequest>,
}

impl QueueStream {
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AnyBypassRequest>>> {
        loop {
            for source in &mut self.sources {
                while let Some(error) = ready!(source.poll_next(context)) {
                    push_once(&mut self.errors, error);
                }
            }
            let newest = self
                .sources
                .iter_mut()
                .filter(|source| source.created_at().is_some())
                .reduce(|newest, source| {
                    if source.created_at() > newest.created_at() {
                        source
                    } else {
                        newest
                    }
                });
            let newest = newest.and_then(|source| Some((source.host, source.requests.next()?)));
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

/// Every list refuses the same invalid input; it is reported once.
fn push_once(errors: &mut Vec<Error>, error: Error) {
    let text = error.is_invalid_input().then(|| error.to_string());
    let is_known = |text: &String| errors.iter().any(|known| known.to_string() == *text);
    if !text.as_ref().is_some_and(is_known) {
        errors.push(error);
    }
}

impl Source {
    /// Sees to it that the next request is there if there is one; gives an error of the list.
    fn poll_next(&mut self, context: &mut Context<'_>) -> Poll<Option<Error>> {
        while self.requests.as_slice().is_empty() {
            let Some(pages) = &mut self.pages else { break };
            match ready!(pages.as_mut().poll_next(context)) {
                Some(Ok((requests, skipped))) => {
                    self.requests = requests.into_iter();
                    if skipped.is_some() {
                        return Poll::Ready(skipped);
                    }
                }
                Some(Err(error)) => {
                    self.pages = None;
                    return Poll::Ready(Some(error));
                }
                None => self.pages = None,
            }
        }
        Poll::Ready(None)
    }

    /// When the next request was made.
    fn created_at(&self) -> Option<DateTime<Utc>> {
        let next = self.requests.as_slice().first();
        next.map(AnyBypassRequest::created_at)
    }
}

stream! {
    QueueStream, AnyBypassRequest,
    /// The next request; `None` at the end.
    ///
    /// The future can be dropped and the method called again: nothing is lost.
    ///
    /// # Errors
    ///
    /// Those of any call. After an error, another list may still have one to report.
}
