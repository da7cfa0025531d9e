//! Lists of bypass requests: filters, pages and streams.

pub(crate) mod endpoint;
pub(crate) mod page;
pub(crate) mod pager;
pub(crate) mod position;
pub(crate) mod progress;
pub(crate) mod query;
pub(crate) mod read_ahead;
pub(crate) mod received;
pub(crate) mod stream;
pub(crate) mod window;

use chrono::{DateTime, Utc};

use crate::list::endpoint::{Endpoint, Scope};
use crate::list::pager::Pager;
use crate::list::position::Position;
use crate::list::progress::Progress;
use crate::list::query::Query;
use crate::list::stream::{PageStream, RequestStream};
use crate::list::window::Reach;
use crate::model::request::BypassKind;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::scope::{Enterprise, Organization, PushRules, SecretScanning};

impl<S: Scope> SecretScanning<S> {
    /// Returns the list of secret scanning bypass requests, which you can filter and then read.
    pub fn list(&self) -> List<S, SecretFinding> {
        List::new(self.scope.clone())
    }
}

impl<S: Scope> PushRules<S> {
    /// Returns the list of push rule bypass requests, which you can filter and then read.
    pub fn list(&self) -> List<S, RuleViolation> {
        List::new(self.scope.clone())
    }
}

/// A list of bypass requests, narrowed by filters.
///
/// Read it with [`stream`](Self::stream) or [`pages`](Self::pages), or follow its changes with
/// [`watch`](Self::watch). Nothing is sent until then.
///
/// A list covers the last **month** and every status unless you narrow it. GitHub's own default is
/// one day, and its maximum is one month.
///
/// # Filters
///
/// Each scope has the filters that GitHub offers for it: an organization's list can be narrowed to
/// a repository, an enterprise's list to an organization.
///
/// ```
/// # fn example(client: github_bypass_requests::Client) {
/// let _ = client.organization("octo-org").secret_scanning().list().repository("smile");
/// let _ = client.enterprise("octo-enterprise").secret_scanning().list().organization("octo-org");
/// # }
/// ```
///
/// These do not compile:
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
/// Invalid arguments, such as a page size of 0 or an empty login, are reported by the first poll,
/// before anything is sent.
#[must_use = "nothing is sent until a stream of the list is polled"]
#[derive(Clone, Debug)]
pub struct List<S, D> {
    pub(crate) scope: S,
    pub(crate) query: Query,
    /// Set by `resume`; `None` to start at the first page.
    pub(crate) start: Option<Position<D>>,
}

impl<S, D> List<S, D> {
    fn new(scope: S) -> Self {
        Self {
            scope,
            query: Query::default(),
            start: None,
        }
    }

    /// Keeps only requests with this status. The default is every status.
    ///
    /// Do not review requests while you read a list narrowed by status: see
    /// [`stream`](Self::stream).
    pub fn status(mut self, status: StatusFilter) -> Self {
        self.query.status = Some(status);
        self
    }

    /// Keeps only requests created within this period. The default is one month, which is also the
    /// maximum.
    ///
    /// If [`since`](Self::since) is set as well, the last call wins.
    pub fn time_period(mut self, time_period: TimePeriod) -> Self {
        self.query.reach = Reach::Period(time_period);
        self
    }

    /// Keeps only requests created at or after `instant`.
    ///
    /// GitHub filters by four fixed periods. The client requests the shortest one that covers
    /// `instant`, drops older requests, and stops at the first page that contains only older ones.
    /// This relies on an order that GitHub does not document: newest first. A request that is out
    /// of order by more than a page is missed. With [`read_ahead`](Self::read_ahead), pages after
    /// the one where the client stops may already have been requested; they are dropped.
    ///
    /// The client chooses the period by the local clock, with a margin of five minutes. It changes
    /// to a longer period if the current one no longer covers `instant`. This can happen if you
    /// read the list slowly, or if the server's clock is ahead. [`Page::window`] is the range of
    /// creation times that a page covers.
    ///
    /// Fractions of a second are ignored, because GitHub's timestamps have none. If
    /// [`time_period`](Self::time_period) is set as well, the last call wins.
    ///
    /// # Examples
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
    /// # Errors
    ///
    /// The first poll returns an error, and nothing is sent, if `instant` is
    ///
    /// - more than 27 days, 23 hours and 55 minutes ago, which is 28 days less the margin: GitHub
    ///   does not document how long its month is, so a list that goes further back could be
    ///   incomplete. Use [`TimePeriod::Month`] to get all requests that GitHub lists.
    /// - more than a day in the future: this is probably a mistake, and an empty list would hide
    ///   it. Up to a day is allowed, so that you can pass the
    ///   [`TimeWindow::until`](crate::TimeWindow::until) of an earlier page. `until` is the
    ///   server's time, so it is in the future if the local clock is slow.
    ///
    /// [`Page::window`]: crate::Page::window
    pub fn since(mut self, instant: impl Into<DateTime<Utc>>) -> Self {
        self.query.reach = Reach::since(instant.into());
        self
    }

    /// Keeps only requests that this user has reviewed.
    pub fn reviewer(mut self, login: impl AsRef<str>) -> Self {
        self.query.narrow_to_reviewer(login.as_ref());
        self
    }

    /// Keeps only requests that this user has made.
    pub fn requester(mut self, login: impl AsRef<str>) -> Self {
        self.query.narrow_to_requester(login.as_ref());
        self
    }

    /// Sets the page size: 1 to 100 requests. The default is 100.
    pub fn per_page(mut self, per_page: u32) -> Self {
        self.query.set_per_page(per_page);
        self
    }

    /// Continues where an earlier stream of the same list stopped.
    ///
    /// [`Position`] documents what to expect if the list has changed since then.
    ///
    /// Use the same scope and the same filters. The page size is taken from the position; calling
    /// [`per_page`](Self::per_page) with a different size afterwards is an error. You may pass a
    /// later instant to [`since`](Self::since), which ends the list sooner. An earlier instant does
    /// not bring back the requests that were dropped before.
    ///
    /// # Examples
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
    pub fn resume(mut self, position: Position<D>) -> Self {
        self.query.set_per_page(position.per_page.get());
        self.start = Some(position);
        self
    }

    /// Sets the number of pages to request before they are needed: 0 to 100. The default is 0,
    /// because GitHub recommends serial requests, and speed rarely matters to a program in the
    /// background.
    ///
    /// The first response contains the number of pages. After that, up to `pages` pages are in
    /// flight or kept in memory. This can speed up reading a long list by a factor of up to about
    /// `pages`. At most [`max_concurrent_reads`](crate::ClientBuilder::max_concurrent_reads)
    /// requests are in flight at once. All reads of the client and its clones share that limit.
    ///
    /// # Examples
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
    ///
    /// # Cost
    ///
    /// - Memory for up to `pages` pages.
    /// - Unused responses: if a page fails or you drop the stream, the pages read ahead are
    ///   discarded.
    /// - Repeated reads: if the list changes (a request is added to it or leaves it), or if a page
    ///   had to be retried, the pages already read ahead may be out of date. They are dropped and
    ///   requested again. The order is kept. Reading ahead does not cause requests to be missed or
    ///   repeated, with one exception that cannot be detected: while pages are in flight, one
    ///   request leaves the list and another is added.
    /// - Older data: a page shows the list at the time when the page was read. A slow reader may
    ///   get to the page much later.
    /// - Other reads of the client wait longer, because they share the limit of concurrent reads.
    /// - You reach GitHub's secondary rate limits sooner. They pause the whole client.
    pub fn read_ahead(mut self, pages: u32) -> Self {
        self.query.set_read_ahead(pages);
        self
    }
}

impl<D> List<Enterprise, D> {
    /// Keeps only requests for repositories of this organization.
    pub fn organization(mut self, name: impl AsRef<str>) -> Self {
        self.query.narrow_to("organization", name.as_ref());
        self
    }
}

impl<D> List<Organization, D> {
    /// Keeps only requests for this repository, named without its owner.
    pub fn repository(mut self, name: impl AsRef<str>) -> Self {
        self.query.narrow_to("repository", name.as_ref());
        self
    }
}

impl<S: Scope, D: BypassKind> List<S, D> {
    /// Returns a stream of the requests.
    ///
    /// **Do not review requests while you read a list narrowed by status.** A reviewed request
    /// leaves the list, and the requests after it move up. For each request that you reviewed, the
    /// next page skips one request. Read everything first, then review.
    ///
    /// A new request is added at the start of the list, and moves other requests to later pages. A
    /// request that moves from one page to the next is delivered once. The order is newest first,
    /// but GitHub does not document it.
    ///
    /// Two situations cannot be detected:
    ///
    /// - More than a page of requests is added between the reads of two pages. Some requests are
    ///   then delivered twice. If a proxy also removes the `Link` headers, the list may end early.
    /// - A page comes from a lagging replica of GitHub's database. Requests may then be missed or
    ///   delivered twice.
    ///
    /// Nothing is sent before the first poll. A page is requested when the previous one is used up,
    /// or earlier with [`read_ahead`](Self::read_ahead). The stream ends after its first error.
    ///
    /// # Examples
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
    /// # Errors
    ///
    /// If a request cannot be decoded, the stream delivers the other requests of its page, and then
    /// an error that names the undecodable one. To continue after an error, pass
    /// [`RequestStream::position`] to [`resume`](Self::resume).
    pub fn stream(self) -> RequestStream<D> {
        RequestStream::new(self.pages())
    }

    /// Returns a stream of the pages, each with its number, its time window and the metadata of its
    /// response.
    ///
    /// In all other respects, it behaves like [`stream`](Self::stream). An empty page is not
    /// necessarily the last.
    pub fn pages(self) -> PageStream<D> {
        let progress = Progress::new(&self.start());
        PageStream::new(self.pager(), progress)
    }

    /// Returns the URL of the list, with the filters that narrow it.
    pub(crate) fn address(&self) -> String {
        let base_url = &self.scope.client().connection().base_url;
        let path = self.scope.path(D::KIND);
        let filters = self.query.filters();
        format!("{}{path}{filters}", base_url.as_str())
    }

    fn start(&self) -> Position<D> {
        let start = self.start.as_ref();
        start.map_or_else(|| Position::first(self.query.per_page), Position::clone)
    }

    pub(crate) fn pager(self) -> Pager<Endpoint<S>, D> {
        let start = self.start();
        let Self { scope, query, .. } = self;
        let endpoint = Endpoint {
            scope,
            query: query.clone(),
        };
        Pager::new(endpoint, &query, start)
    }
}
