//! Lists: which requests, and how they are asked for.

use std::future::Future;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use github_bypass_requests_api::Operation;
use github_bypass_requests_api::types as wire;
use http::HeaderValue;
use tokio::time::Instant;

use crate::call::{Call, Generated};
use crate::decode::{self, Identity};
use crate::error::{BadItem, InvalidInput, Kind};
use crate::link::Links;
use crate::model::BypassKind;
use crate::names::{Login, Slug};
use crate::paging::Pager;
use crate::position::Place;
use crate::wait::server_time;
use crate::window::Reach;
use crate::{
    BypassRequest, Client, Enterprise, Error, Organization, PageStream, Position, Repository,
    RequestStream, ResponseMeta, Result, RuleViolation, SecretFinding, StatusFilter, TimePeriod,
};

/// The requests of a scope, narrowed by filters; read with [`stream`](Self::stream) or
/// [`pages`](Self::pages), or followed with [`watch`](Self::watch).
///
/// By default it covers the last **month**, which is all that GitHub offers, and every status.
/// (GitHub's own default is one day; this client always says what it wants.)
///
/// # Filters
///
/// A filter that a scope does not know does not exist. An organization's list can be narrowed to a
/// repository, an enterprise's to an organization:
///
/// ```
/// # fn example(client: github_bypass_requests::Client) {
/// let _ = client.organization("octo-org").secret_scanning().list().repository("smile");
/// let _ = client.enterprise("octo-enterprise").secret_scanning().list().organization("octo-org");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn example(client: github_bypass_requests::Client) {
/// let _ = client.organization("octo-org").secret_scanning().list().organization("octo-org");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn example(client: github_bypass_requests::Client) {
/// let _ = client.enterprise("octo-enterprise").secret_scanning().list().repository("smile");
/// # }
/// ```
///
/// ```compile_fail,E0599
/// # fn example(client: github_bypass_requests::Client) {
/// let _ = client.repository("octo-org", "smile").secret_scanning().list().repository("smile");
/// # }
/// ```
///
/// Input that cannot be right (a page size of 0, an empty login) is told by the first poll, before
/// anything is sent.
#[must_use = "nothing is sent until a stream of the list is polled"]
#[derive(Clone, Debug)]
pub struct List<S, D> {
    pub(crate) scope: S,
    pub(crate) query: Query,
    kind: PhantomData<fn() -> D>,
}

/// What narrows a list, and where to start.
#[derive(Clone, Debug)]
pub struct Query {
    within: Option<Slug>,
    reviewer: Option<Login>,
    requester: Option<Login>,
    pub(crate) status: Option<StatusFilter>,
    pub(crate) reach: Reach,
    pub(crate) per_page: NonZeroU32,
    pub(crate) start_at: NonZeroU32,
    /// Where the page to start at stands, if it comes from a position.
    resumed: Option<Place>,
    /// How many pages are asked for before their turn.
    pub(crate) read_ahead: u32,
    /// The first input that was refused.
    refused: Option<InvalidInput>,
}

const MAX_PER_PAGE: NonZeroU32 = NonZeroU32::MIN.saturating_add(99);
/// GitHub's own limit of requests at once.
const MAX_READ_AHEAD: u32 = 100;

impl<S, D> List<S, D> {
    pub(crate) fn new(scope: S) -> Self {
        let query = Query {
            within: None,
            reviewer: None,
            requester: None,
            status: None,
            reach: Reach::Period(TimePeriod::Month),
            per_page: MAX_PER_PAGE,
            start_at: NonZeroU32::MIN,
            resumed: None,
            read_ahead: 0,
            refused: None,
        };
        Self {
            scope,
            query,
            kind: PhantomData,
        }
    }

    /// Only requests in this status.
    ///
    /// Do not review while a list that is narrowed to a status is being read: see
    /// [`stream`](Self::stream).
    pub fn status(mut self, status: StatusFilter) -> Self {
        self.query.narrow_to_status(status);
        self
    }

    /// Only requests that were made within this period. By default, and at most, a month.
    ///
    /// Of this and [`since`](Self::since), the last one counts.
    pub fn time_period(mut self, time_period: TimePeriod) -> Self {
        self.query.reach_to(Reach::Period(time_period));
        self
    }

    /// Only requests that were made at this instant or later.
    ///
    /// GitHub knows nothing but its four periods. So the shortest one that reaches so far is asked
    /// for, what is older is left out, and the list ends with the first page that holds nothing but
    /// older requests. The order, newest first, is observed and not promised; were a request out of
    /// place by more than a page, it would be missed. GitHub tells the second in which a request was
    /// made, so the fraction of the instant does not count. With [`read_ahead`](Self::read_ahead), the pages
    /// behind that one may have been asked for, and are dropped.
    ///
    /// The period is chosen by the local clock with five minutes to spare, and anew where a list that
    /// is read slowly grows out of it or the server's clock turns out to be ahead. [`Page::window`]
    /// tells what a page covers.
    ///
    /// Of this and [`time_period`](Self::time_period), the last one counts.
    ///
    /// # Errors
    ///
    /// Told by the first poll, before anything is sent:
    ///
    /// - An instant further back than 28 days less those five minutes, for GitHub does not say how
    ///   long its month is. [`TimePeriod::Month`] gives all there is.
    /// - An instant that lies ahead by more than a day: it is a mistake, which an empty list would
    ///   hide. The [`Window::until`](crate::Window::until) of a page is no such mistake, whatever the
    ///   local clock shows.
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(25)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// use chrono::{TimeDelta, Utc};
    ///
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// let mut requests = list.since(Utc::now() - TimeDelta::days(3)).stream();
    /// while let Some(request) = requests.try_next().await? {
    ///     println!("{request}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// [`Page::window`]: crate::Page::window
    pub fn since(mut self, instant: impl Into<DateTime<Utc>>) -> Self {
        self.query.reach_to(Reach::since(instant.into()));
        self
    }

    /// Only requests that this user has reviewed.
    pub fn reviewer(mut self, login: impl AsRef<str>) -> Self {
        self.query.narrow_to_reviewer(login.as_ref());
        self
    }

    /// Only requests that this user has made.
    pub fn requester(mut self, login: impl AsRef<str>) -> Self {
        self.query.narrow_to_requester(login.as_ref());
        self
    }

    /// How many requests to ask for at once: 1 to 100. By default 100.
    pub fn per_page(mut self, per_page: u32) -> Self {
        let parsed = NonZeroU32::new(per_page)
            .filter(|per_page| *per_page <= MAX_PER_PAGE)
            .ok_or_else(|| {
                InvalidInput::new(format!("page size {per_page} is not 1 to {MAX_PER_PAGE}"))
            });
        self.query.per_page = self.query.accept(parsed).unwrap_or(MAX_PER_PAGE);
        self
    }

    /// The page to begin with, from 1; as [`Error::resume_at`] gives it. Pages count in steps of
    /// [`per_page`](Self::per_page).
    pub fn start_at(mut self, page: u32) -> Self {
        let parsed = NonZeroU32::new(page).ok_or_else(|| {
            InvalidInput::new("page 0 does not exist; the first is page 1".to_owned())
        });
        self.query.start_at = self.query.accept(parsed).unwrap_or(NonZeroU32::MIN);
        self.query.resumed = None;
        self
    }

    /// Goes on where another reading of the same list stands, without what it has delivered: see
    /// [`Position`] for what can be promised on a list that moves meanwhile.
    ///
    /// Sets [`start_at`](Self::start_at) and [`per_page`](Self::per_page), for pages are counted in
    /// steps of it; another page size after this is refused. The scope and the other filters are to
    /// be the same as before, but for the end of the list: a later instant of [`since`](Self::since)
    /// cuts it sooner. An earlier one would miss what it has left out before.
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(25)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// let mut requests = list.clone().stream();
    /// let newest = requests.try_next().await?.ok_or("no requests")?;
    /// let saved = serde_json::to_string(&requests.position())?;
    ///
    /// // In another process:
    /// if let Some(position) = serde_json::from_str(&saved)? {
    ///     let mut rest = list.resume(position).stream();
    ///     while let Some(request) = rest.try_next().await? {
    ///         assert_ne!(request.id, newest.id);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn resume(self, position: Position<D>) -> Self {
        let place = position.place;
        let mut list = self
            .per_page(place.per_page.get())
            .start_at(place.page.get());
        list.query.resumed = Some(place);
        list
    }

    /// How many pages to ask for before their turn: 0 to 100. By default 0, for GitHub wants
    /// requests made one after the other, and a list that is read in the background can wait.
    ///
    /// Once the first page has told how many there are, up to so many pages are under way or kept
    /// until they are used. A long list is read faster by about this factor, up to
    /// [`max_concurrent_reads`](crate::ClientBuilder::max_concurrent_reads), which counts all reads
    /// of the client and its clones.
    ///
    /// # What it costs
    ///
    /// - Memory for so many pages, each with the JSON it came as.
    /// - Requests that nobody uses: the pages that were asked for when the stream is dropped, or when
    ///   a page fails.
    /// - Where the list moves in the meantime, because a new request arrives at its head or one
    ///   leaves it, or where a page had to be asked for again, the pages behind are asked for again:
    ///   they may have been read from the list as it was before. The order is kept, and no request is
    ///   missed or delivered twice that would not be without; but for one case that no page shows:
    ///   one request leaves the list and another arrives while the same pages are under way.
    /// - Age: what is kept is as it was when it came, and a slow reader gets it later.
    /// - Other reads of the client wait for their turn behind these.
    /// - GitHub's secondary rate limits are met sooner, which then hold up the whole client.
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(25)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// let mut requests = list.read_ahead(8).stream();
    /// while let Some(request) = requests.try_next().await? {
    ///     println!("{request}");
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn read_ahead(mut self, pages: u32) -> Self {
        let parsed = Some(pages)
            .filter(|pages| *pages <= MAX_READ_AHEAD)
            .ok_or_else(|| {
                InvalidInput::new(format!(
                    "{pages} pages to read ahead are not 0 to {MAX_READ_AHEAD}"
                ))
            });
        self.query.read_ahead = self.query.accept(parsed).unwrap_or_default();
        self
    }
}

impl<D> List<Enterprise, D> {
    /// Only requests for repositories of this organization.
    pub fn organization(mut self, name: impl AsRef<str>) -> Self {
        self.query.within = self
            .query
            .accept(Slug::parse("organization", name.as_ref()));
        self
    }
}

impl<D> List<Organization, D> {
    /// Only requests for this repository, named without its owner.
    pub fn repository(mut self, name: impl AsRef<str>) -> Self {
        self.query.within = self.query.accept(Slug::parse("repository", name.as_ref()));
        self
    }
}

impl<S: Lists<D>, D: BypassKind> List<S, D> {
    /// The requests, one by one.
    ///
    /// **Never write while a list that is narrowed by status is being read.** Each decision removes
    /// a request from it, later ones move up, and the next page skips as many as were decided. Read
    /// everything, then act:
    ///
    /// ```
    /// # use github_bypass_requests::Client;
    /// # use github_bypass_requests_fake::{Demo, Fake};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let fake = Fake::builder().demo(Demo::new(25)).start().await?;
    /// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
    /// # use github_bypass_requests::StatusFilter;
    /// let list = client.organization("octo-org").secret_scanning().list();
    /// let mut open = list.status(StatusFilter::Open).stream();
    /// let mut queue = Vec::new();
    /// while let Some(request) = open.try_next().await? {
    ///     queue.push(request);
    /// }
    /// for request in queue {
    ///     let repository = client.repository_of(&request)?.secret_scanning();
    ///     repository.reject(request.number, "please remove the secret").await?;
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// New requests arrive at the head of the list and move others to later pages. A request that
    /// slides from one page to the next is delivered once. The order, newest first, is observed and
    /// not promised.
    ///
    /// Nothing is sent before the first poll, and a page is asked for when the one before is used
    /// up, or earlier with [`read_ahead`](Self::read_ahead). The stream ends after its first error.
    ///
    /// # Errors
    ///
    /// One item that cannot be read does not hide the others: the good items of its page are
    /// delivered, then an error names it. Every error of a list tells by [`Error::resume_at`] where
    /// [`start_at`](Self::start_at) can go on; [`RequestStream::position`] tells it more precisely,
    /// at any time, for [`resume`](Self::resume).
    pub fn stream(self) -> RequestStream<D> {
        RequestStream::new(self.pages())
    }

    /// The requests, page by page, with what GitHub says about each page.
    ///
    /// Behaves as [`stream`](Self::stream) otherwise. A page may be empty and not the last.
    pub fn pages(self) -> PageStream<D> {
        PageStream::new(Pager::new(self))
    }
}

impl Query {
    pub(crate) fn narrow_to_status(&mut self, status: StatusFilter) {
        self.status = Some(status);
    }

    pub(crate) fn reach_to(&mut self, reach: Reach) {
        self.reach = reach;
    }

    pub(crate) fn narrow_to_reviewer(&mut self, login: &str) {
        self.reviewer = self.accept(Login::parse("reviewer", login));
    }

    pub(crate) fn narrow_to_requester(&mut self, login: &str) {
        self.requester = self.accept(Login::parse("requester", login));
    }

    /// Nothing of the list is left out as read before.
    pub(crate) fn begins_at_its_start(&self) -> bool {
        self.resumed.is_none() && self.start_at == NonZeroU32::MIN
    }

    /// The first refusal is the one that is told.
    pub(crate) fn refuse(&mut self, refused: InvalidInput) {
        self.refused.get_or_insert(refused);
    }

    /// The value, or its refusal kept for the first poll.
    fn accept<T>(&mut self, parsed: Result<T, InvalidInput>) -> Option<T> {
        parsed.map_err(|refused| self.refuse(refused)).ok()
    }

    /// Where to begin.
    pub(crate) fn start(&self) -> Place {
        self.resumed.clone().unwrap_or_else(|| Place {
            page: self.start_at,
            per_page: self.per_page,
            before: Vec::new(),
            delivered: Vec::new(),
        })
    }

    /// Why the list cannot be read.
    pub(crate) fn refusal(&self) -> Option<InvalidInput> {
        let refused = self.refused.clone();
        refused
            .or_else(|| {
                let of_position = self.resumed.as_ref()?.per_page;
                (of_position != self.per_page).then(|| {
                    let per_page = self.per_page;
                    InvalidInput::new(format!(
                        "page size {per_page} is not that of the position, {of_position}"
                    ))
                })
            })
            .or_else(|| self.reach.refusal(Utc::now()))
    }

    fn within(&self) -> Option<&str> {
        self.within.as_ref().map(Slug::as_str)
    }

    fn reviewer(&self) -> Option<&str> {
        self.reviewer.as_ref().map(Login::as_str)
    }

    fn requester(&self) -> Option<&str> {
        self.requester.as_ref().map(Login::as_str)
    }

    fn status(&self) -> Option<wire::BypassRequestStatusFilter> {
        self.status.map(StatusFilter::to_wire)
    }
}

/// One page as it was received.
pub struct Received<D> {
    pub(crate) requests: Vec<BypassRequest<D>>,
    /// How many items the page had, those that cannot be read included.
    pub(crate) count: usize,
    /// About the items that cannot be read.
    pub(crate) bad_items: Option<Error>,
    pub(crate) links: Option<Links>,
    /// When it was answered, by the server's clock if that is told.
    pub(crate) answered_at: DateTime<Utc>,
    /// When the attempt began that brought it, if it was not the first.
    pub(crate) retried_at: Option<Instant>,
    pub(crate) received_at: Instant,
    pub(crate) meta: ResponseMeta,
    /// For what is wrong with the page as a whole.
    pub(crate) call: Arc<Call>,
}

/// A page that was asked for, and the answer as it came.
pub struct Asked<D: BypassKind> {
    pub(crate) call: Arc<Call>,
    result: Generated<Vec<D::Wire>>,
}

impl<D: BypassKind> Asked<D> {
    pub(crate) fn received(self, page: NonZeroU32) -> Result<Received<D>> {
        self.call.received(self.result, page)
    }

    /// Reads the answer to an earlier question for the same page.
    pub(crate) fn received_before(
        self,
        before: Arc<Call>,
        page: NonZeroU32,
    ) -> Result<Received<D>> {
        before.received(self.result, page)
    }
}

/// A scope whose requests of one kind can be listed; out of users' reach.
pub trait Lists<D: BypassKind>: Send + Sync + 'static {
    #[doc(hidden)]
    fn client(&self) -> &Client;

    /// Asks for a page, or for what has changed since it had the tag `known`.
    #[doc(hidden)]
    fn ask(
        &self,
        query: &Query,
        time_period: TimePeriod,
        page: NonZeroU32,
        known: Option<HeaderValue>,
    ) -> impl Future<Output = Result<Asked<D>>> + Send;

    #[doc(hidden)]
    fn page(
        &self,
        query: &Query,
        time_period: TimePeriod,
        page: NonZeroU32,
    ) -> impl Future<Output = Result<Received<D>>> + Send {
        async move {
            let asked = self.ask(query, time_period, page, None).await?;
            asked.received(page)
        }
    }
}

/// Implements [`Lists`] by the operation and the generated method of the same name.
macro_rules! lists {
    ($scope:ident, $kind:ident: $operation:ident $method:ident($($name:ident),+; $($filter:ident),*)) => {
        impl Lists<$kind> for $scope {
            fn client(&self) -> &Client {
                &self.client
            }

            async fn ask(
                &self,
                query: &Query,
                time_period: TimePeriod,
                page: NonZeroU32,
                known: Option<HeaderValue>,
            ) -> Result<Asked<$kind>> {
                let Self { client, $($name),+ } = self;
                $(let $name = $name.as_ref().map_err(Clone::clone)?.as_str();)+
                let call = client.call_unless(Operation::$operation, known);
                let result = call.api().$method($($name,)+ $(lists!(@$filter query time_period page)),*).await;
                Ok(Asked { call, result })
            }
        }
    };
    (@page $query:ident $time_period:ident $page:ident) => { Some($page) };
    (@per_page $query:ident $time_period:ident $page:ident) => { Some($query.per_page) };
    (@time_period $query:ident $time_period:ident $page:ident) => { Some($time_period.to_wire()) };
    (@$filter:ident $query:ident $time_period:ident $page:ident) => { $query.$filter() };
}

lists!(Enterprise, SecretFinding: SECRET_SCANNING_LIST_ENTERPRISE_BYPASS_REQUESTS
    secret_scanning_list_enterprise_bypass_requests(
        slug; within, page, per_page, status, requester, reviewer, time_period));
lists!(Enterprise, RuleViolation: ENTERPRISE_ADMIN_LIST_PUSH_BYPASS_REQUESTS
    enterprise_admin_list_push_bypass_requests(
        slug; within, page, per_page, status, requester, reviewer, time_period));
lists!(Organization, SecretFinding: SECRET_SCANNING_LIST_ORG_BYPASS_REQUESTS
    secret_scanning_list_org_bypass_requests(
        name; page, per_page, within, status, requester, reviewer, time_period));
lists!(Organization, RuleViolation: ORGS_LIST_PUSH_BYPASS_REQUESTS
    orgs_list_push_bypass_requests(
        name; page, per_page, within, status, requester, reviewer, time_period));
lists!(Repository, SecretFinding: SECRET_SCANNING_LIST_REPO_BYPASS_REQUESTS
    secret_scanning_list_repo_bypass_requests(
        owner, name; page, per_page, status, requester, reviewer, time_period));
lists!(Repository, RuleViolation: REPOS_LIST_REPO_PUSH_BYPASS_REQUESTS
    repos_list_repo_push_bypass_requests(
        owner, name; page, per_page, status, requester, reviewer, time_period));

impl Call {
    /// A page: decoded as a whole, or item by item where that fails.
    pub(crate) fn received<D: BypassKind>(
        self: Arc<Self>,
        _: Generated<Vec<D::Wire>>,
        page: NonZeroU32,
    ) -> Result<Received<D>> {
        let (head, body) = self.documented()?;
        let (requests, count, bad_items) = match decode::from_slice::<Vec<BypassRequest<D>>>(body) {
            Ok(requests) => {
                let count = requests.len();
                (requests, count, None)
            }
            Err(_) => {
                let elements = decode::elements(body)
                    .ok_or_else(|| self.malformed::<Vec<BypassRequest<D>>>(head, body))?;
                let (requests, bad_items) = self.read_each(&elements, page);
                (requests, elements.len(), bad_items)
            }
        };
        Ok(Received {
            requests,
            count,
            bad_items,
            links: Links::read(&head.headers),
            answered_at: server_time(&head.headers).unwrap_or_else(Utc::now),
            retried_at: self.retried_at(),
            received_at: Instant::now(),
            meta: ResponseMeta::from_headers(&head.headers),
            call: self.clone(),
        })
    }

    /// The items that can be read, and one error about those that cannot.
    fn read_each<D: BypassKind>(
        &self,
        elements: &[&[u8]],
        page: NonZeroU32,
    ) -> (Vec<BypassRequest<D>>, Option<Error>) {
        let mut good = Vec::with_capacity(elements.len());
        let mut bad = Vec::new();
        let present = elements
            .iter()
            .enumerate()
            .filter(|(_, element)| **element != b"null");
        for (index, element) in present {
            match decode::read(element) {
                Ok(item) => good.push(item),
                Err(malformed) => bad.push((index, Identity::read(element), malformed)),
            }
        }
        let mut bad = bad.into_iter();
        let error = bad
            .next()
            .map(|(index, Identity { id, number }, malformed)| {
                let others = bad.len();
                let page = page.get();
                self.error(Kind::BadItem(BadItem {
                    page,
                    index,
                    id,
                    number,
                    malformed,
                    others,
                }))
            });
        (good, error)
    }
}
