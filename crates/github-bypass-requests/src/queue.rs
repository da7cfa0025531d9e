//! Several lists as one stream, newest first.

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
use crate::list::endpoint::Scope;
use crate::list::pager::Delivery;
use crate::list::query::Query;
use crate::list::stream::{Boxed, stream};
use crate::list::window::Reach;
use crate::model::any::AnyBypassRequest;
use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::response::meta::ResponseMeta;
use crate::scope::{Enterprise, Organization, Repository};
use crate::transport::base_url::BaseUrl;

macro_rules! queue_of {
    ($scope:ident) => {
        impl $scope {
            /// Returns the requests of both kinds as one queue.
            pub fn queue(&self) -> Queue {
                Queue::from(self.secret_scanning().list()).and(self.push_rules().list())
            }
        }
    };
}

queue_of!(Enterprise);
queue_of!(Organization);
queue_of!(Repository);

/// Several lists combined into one, newest request first.
///
/// The lists can have any scopes and kinds. Call `queue` on an
/// [`Enterprise`](crate::Enterprise), an [`Organization`](crate::Organization) or a
/// [`Repository`](crate::Repository), or convert a [`List`] with `Queue::from`. Add more lists with
/// [`and`](Self::and).
///
/// Each request is delivered once, even if scopes overlap, such as an organization and one of its
/// repositories.
///
/// # Examples
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
/// // The requests of both kinds in a repository, and the secret scanning requests of an
/// // organization.
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

/// A list of the queue.
#[derive(Clone)]
struct Member {
    query: Query,
    /// The host that assigned the ids.
    host: BaseUrl,
    pages: Arc<dyn Fn(Query) -> Pages + Send + Sync>,
}

/// The pages of a list: the requests of each, the metadata, and the error about skipped items.
type Pages = Boxed<(Vec<AnyBypassRequest>, ResponseMeta, Option<Error>)>;

impl Queue {
    /// Adds the lists of `other`.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        self.lists.extend(other.into().lists);
        self
    }

    /// Keeps only requests with this status. Applies to the lists added so far; see
    /// [`List::status`].
    pub fn status(self, status: StatusFilter) -> Self {
        self.narrow(|query| query.status = Some(status))
    }

    /// Keeps only requests created within this period. Applies to the lists added so far; see
    /// [`List::time_period`].
    pub fn time_period(self, time_period: TimePeriod) -> Self {
        self.narrow(|query| query.reach = Reach::Period(time_period))
    }

    /// Keeps only requests created at or after `instant`. Applies to the lists added so far; see
    /// [`List::since`].
    pub fn since(self, instant: impl Into<DateTime<Utc>>) -> Self {
        let since = Reach::since(instant.into());
        self.narrow(|query| query.reach = since)
    }

    /// Keeps only requests that this user has reviewed. Applies to the lists added so far.
    pub fn reviewer(self, login: impl AsRef<str>) -> Self {
        self.narrow(|query| query.narrow_to_reviewer(login.as_ref()))
    }

    /// Keeps only requests that this user has made. Applies to the lists added so far.
    pub fn requester(self, login: impl AsRef<str>) -> Self {
        self.narrow(|query| query.narrow_to_requester(login.as_ref()))
    }

    fn of<S: Scope, D: BypassKind>(list: List<S, D>) -> Self
    where
        AnyBypassRequest: From<BypassRequest<D>>,
    {
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

    fn narrow(mut self, narrow: impl Fn(&mut Query)) -> Self {
        for list in &mut self.lists {
            narrow(&mut list.query);
        }
        self
    }

    /// Returns a stream of the requests of all lists.
    ///
    /// **Do not review requests while you read a queue narrowed by status.** Read everything first,
    /// then review; see [`List::stream`].
    ///
    /// The newest request comes first, provided that each list is ordered newest first. Pages are
    /// requested one at a time, when they are needed. To deliver each request once, the stream
    /// keeps the ids of all delivered requests, about 50 bytes each.
    ///
    /// # Errors
    ///
    /// If a list fails, or a request cannot be decoded, everything else is delivered first. Then
    /// the stream returns the errors, one by one, each with the scope of its list, and ends. A list
    /// fails after five consecutive pages that contain only requests that were already delivered.
    pub fn stream(self) -> QueueStream {
        let mut hosts: Vec<BaseUrl> = Vec::new();
        let sources = self.lists.into_iter().map(|list| {
            let index = hosts.iter().position(|host| *host == list.host);
            let host = index.unwrap_or_else(|| {
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
            missing_organizations: Vec::new(),
        }
    }
}

impl<S: Scope> From<List<S, SecretFinding>> for Queue {
    fn from(list: List<S, SecretFinding>) -> Self {
        Self::of(list)
    }
}

impl<S: Scope> From<List<S, RuleViolation>> for Queue {
    fn from(list: List<S, RuleViolation>) -> Self {
        Self::of(list)
    }
}

fn pages<S, D>(list: List<S, D>) -> Pages
where
    S: Scope,
    D: BypassKind,
    AnyBypassRequest: From<BypassRequest<D>>,
{
    let pager = list.pager().skip_bad_items();
    Box::pin(try_unfold(pager, async |mut pager| {
        let delivery = pager.next_page().await?;
        Ok(delivery.map(|Delivery { page, skipped, .. }| {
            let requests = page.items.into_iter().map(AnyBypassRequest::from);
            ((requests.collect(), page.meta, skipped), pager)
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

/// A stream of the requests of a queue. Created by [`Queue::stream`].
#[must_use = "nothing is sent until the stream is polled"]
pub struct QueueStream {
    sources: Vec<Source>,
    /// The delivered requests: the index of the host, the kind and the id. Ids are unique only
    /// within a host.
    delivered: HashSet<(usize, Discriminant<AnyBypassRequest>, RequestId)>,
    /// The errors to return at the end.
    errors: Vec<Error>,
    missing_organizations: Vec<i64>,
}

/// One of the lists.
struct Source {
    /// `None` at the end.
    pages: Option<Pages>,
    /// The index of the host among the hosts of the queue.
    host: usize,
    /// The undelivered requests of the current page.
    requests: vec::IntoIter<AnyBypassRequest>,
}

impl QueueStream {
    /// Returns the organizations that were missing from the responses so far: see
    /// [`ResponseMeta::missing_organizations`](crate::ResponseMeta::missing_organizations).
    pub fn missing_organizations(&self) -> &[i64] {
        &self.missing_organizations
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<AnyBypassRequest>>> {
        loop {
            for source in &mut self.sources {
                let missing = &mut self.missing_organizations;
                while let Some(error) = ready!(source.poll_next(context, missing)) {
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

/// Adds an error. An invalid argument is an error of every list, but is reported once.
fn push_once(errors: &mut Vec<Error>, error: Error) {
    let text = error.is_invalid_input().then(|| error.to_string());
    let is_known = |text: &String| errors.iter().any(|known| known.to_string() == *text);
    if !text.as_ref().is_some_and(is_known) {
        errors.push(error);
    }
}

impl Source {
    /// Reads pages until there is a request or the list ends. Returns an error of the list, if any.
    fn poll_next(
        &mut self,
        context: &mut Context<'_>,
        missing_organizations: &mut Vec<i64>,
    ) -> Poll<Option<Error>> {
        while self.requests.as_slice().is_empty() {
            let Some(pages) = &mut self.pages else { break };
            match ready!(pages.as_mut().poll_next(context)) {
                Some(Ok((requests, meta, skipped))) => {
                    meta.add_missing_organizations(missing_organizations);
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

    /// Returns the creation time of the next request.
    fn created_at(&self) -> Option<DateTime<Utc>> {
        let next = self.requests.as_slice().first();
        next.map(AnyBypassRequest::created_at)
    }
}

stream! {
    QueueStream, AnyBypassRequest,
    /// Returns the next request, or `None` at the end.
    ///
    /// Cancel safe: if the future is dropped, no request is lost.
    ///
    /// # Errors
    ///
    /// Fails like any other read; see [`Error`](crate::Error). An error may be followed by an error
    /// from another list, so keep reading until `None`.
}
