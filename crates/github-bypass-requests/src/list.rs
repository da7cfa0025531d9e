//! Lists: which requests, and how they are read.

pub(crate) mod bookmark;
pub(crate) mod endpoint;
pub(crate) mod page;
pub(crate) mod pager;
pub(crate) mod position;
pub(crate) mod query;
pub(crate) mod read_ahead;
pub(crate) mod received;
pub(crate) mod stream;
pub(crate) mod window;

use chrono::{DateTime, Utc};

use crate::list::bookmark::Bookmark;
use crate::list::endpoint::{Endpoint, Lists, Scope};
use crate::list::pager::Pager;
use crate::list::position::Position;
use crate::list::query::Query;
use crate::list::stream::{PageStream, RequestStream};
use crate::list::window::Reach;
use crate::model::request::BypassKind;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::scope::{Enterprise, Organization, PushRules, SecretScanning};

impl<S: Scope> SecretScanning<S> {
    /// The requests, newest first as far as observed.
    pub fn list(&self) -> List<S, SecretFinding> {
        List::new(self.scope.clone())
    }
}

impl<S: Scope> PushRules<S> {
    /// The requests, newest first as far as observed.
    pub fn list(&self) -> List<S, RuleViolation> {
        List::new(self.scope.clone())
    }
}

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
    /// Where to begin, if not at the first page.
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

    /// Only requests in this status.
    ///
    /// Do not review while a list that is narrowed to a status is being read: see
    /// [`stream`](Self::stream).
    pub fn status(mut self, status: StatusFilter) -> Self {
        self.query.status = Some(status);
        self
    }

    /// Only requests that were made within this period. By default, and at most, a month.
    ///
    /// Of this and [`since`](Self::since), the last one counts.
    pub fn time_period(mut self, time_period: TimePeriod) -> Self {
        self.query.reach = Reach::Period(time_period);
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
    ///   hide. The [`TimeWindow::until`](crate::TimeWindow::until) of a page is no such mistake, whatever the
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
        self.query.reach = Reach::since(instant.into());
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
        self.query.set_per_page(per_page);
        self
    }

    /// Goes on where another reading of the same list stands, without what it has delivered: see
    /// [`Position`] for what can be promised on a list that moves meanwhile.
    ///
    /// Sets [`per_page`](Self::per_page) as well, because pages count in steps of it; another page size
    /// after this is refused. The scope and the other filters are to
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
    pub fn resume(mut self, position: Position<D>) -> Self {
        self.query.set_per_page(position.per_page.get());
        self.start = Some(position);
        self
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
        self.query.set_read_ahead(pages);
        self
    }
}

impl<D> List<Enterprise, D> {
    /// Only requests for repositories of this organization.
    pub fn organization(mut self, name: impl AsRef<str>) -> Self {
        self.query.narrow_to("organization", name.as_ref());
        self
    }
}

impl<D> List<Organization, D> {
    /// Only requests for this repository, named without its owner.
    pub fn repository(mut self, name: impl AsRef<str>) -> Self {
        self.query.narrow_to("repository", name.as_ref());
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
    /// delivered, then an error names it. After an error, and at any other time,
    /// [`RequestStream::position`] is where [`resume`](Self::resume) can go on.
    pub fn stream(self) -> RequestStream<D> {
        RequestStream::new(self.pages())
    }

    /// The requests, page by page, with what GitHub says about each page.
    ///
    /// Behaves as [`stream`](Self::stream) otherwise. A page may be empty and not the last.
    pub fn pages(self) -> PageStream<D> {
        let bookmark = Bookmark::new(&self.start());
        PageStream::new(self.pager(), bookmark)
    }

    /// Where to begin.
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
