//! Several lists as one stream, newest first.

use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::error::InvalidInput;
use crate::list::List;
use crate::list::endpoint::Scope;
use crate::list::query::Query;
use crate::list::window::Reach;
use crate::model::rule_violation::RuleViolation;
use crate::model::secret_finding::SecretFinding;
use crate::model::vocabulary::{StatusFilter, TimePeriod};
use crate::queue::member::{AnyList, Group, Member};
use crate::queue::position::QueuePosition;
use crate::queue::stream::QueueStream;
use crate::scope::{Enterprise, Organization, Repository};

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
/// The lists can have any scopes and kinds. To create a queue, call `queue` on an
/// [`Enterprise`](crate::Enterprise), an [`Organization`](crate::Organization) or a
/// [`Repository`](crate::Repository), or convert a [`List`] with `Queue::from`. Add more lists with
/// [`and`](Self::and).
///
/// Each request is delivered once, even if the scopes of the lists overlap, for example an
/// organization and one of its repositories.
///
/// Read the queue with [`stream`](Self::stream), or follow its changes with
/// [`watch`](Self::watch).
///
/// # Errors
///
/// The streams differ in how they treat errors, because an error of one list says nothing about the
/// others:
///
/// | stream | a list fails | a request cannot be decoded |
/// |---|---|---|
/// | [`List::stream`], [`List::pages`] | ends with the error | ends with an error, after the rest of the page |
/// | [`Queue::stream`](Self::stream) | delivers the other lists, then the errors, and ends | delivers everything else, then the errors, and ends |
/// | [`List::watch`] | retries after temporary failures; any other failure ends the stream | skips and logs it |
/// | [`Queue::watch`](Self::watch) | retries after temporary failures; returns any other failure, and goes on with the other lists | skips and logs it |
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
    pub(crate) lists: Vec<Member>,
    /// Set by `resume`.
    pub(crate) position: Option<QueuePosition>,
}

impl Queue {
    /// Adds the lists of `other`.
    pub fn and(mut self, other: impl Into<Self>) -> Self {
        let other = other.into();
        self.lists.extend(other.lists);
        if other.position.is_some() {
            let why = "`resume` must be called after all lists are added";
            self.refuse(&InvalidInput::new(why.to_owned()));
        }
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

    /// Sets the page size of each list: 1 to 100 requests. Applies to the lists added so far; see
    /// [`List::per_page`].
    pub fn per_page(self, per_page: u32) -> Self {
        self.narrow(|query| query.set_per_page(per_page))
    }

    /// Sets the number of pages to request before they are needed, for each list: 0 to 100. Applies
    /// to the lists added so far; see [`List::read_ahead`].
    pub fn read_ahead(self, pages: u32) -> Self {
        self.narrow(|query| query.set_read_ahead(pages))
    }

    /// Continues where an earlier stream of the same queue stopped.
    ///
    /// Add the same lists in the same order and with the same filters before you call this method.
    /// The page sizes are taken from the position.
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
    /// let queue = client.organization("octo-org").queue();
    /// let mut requests = queue.clone().stream();
    /// let newest = requests.try_next().await?.ok_or("no requests")?;
    /// let saved = serde_json::to_string(&requests.position())?;
    ///
    /// // In another process:
    /// if let Some(position) = serde_json::from_str(&saved)? {
    ///     let mut rest = queue.resume(position).stream();
    ///     while let Some(request) = rest.try_next().await? {
    ///         assert_ne!(request, newest);
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// The stream returns an error, and sends nothing, if the position belongs to a queue with
    /// other lists or filters. [`since`](Self::since) may differ: see [`List::resume`].
    pub fn resume(mut self, position: QueuePosition) -> Self {
        for (list, of) in self.lists.iter_mut().zip(&position.lists) {
            list.query.set_per_page(of.per_page.get());
        }
        self.position = Some(position);
        self
    }

    /// Returns a stream of the requests of all lists.
    ///
    /// **Do not review requests while you read a queue narrowed by status.** Read everything first,
    /// then review; see [`List::stream`].
    ///
    /// The newest request comes first, provided that each list is ordered newest first. Pages are
    /// requested one at a time, when they are needed or, with [`read_ahead`](Self::read_ahead),
    /// earlier. To deliver each request once, the stream keeps the ids of all delivered requests,
    /// about 20 bytes each.
    ///
    /// # Errors
    ///
    /// If a list fails, or a request cannot be decoded, everything else is delivered first. Then
    /// the stream returns the errors, one by one, each with the scope of its list, and ends. A list
    /// fails if each of five consecutive pages contains only requests of the page before it.
    pub fn stream(mut self) -> QueueStream {
        self.check_position();
        let groups = self.groups();
        QueueStream::new(self.lists, &groups, self.position)
    }

    /// Refuses the position of another queue, and page sizes that were changed after `resume`.
    fn check_position(&mut self) {
        let Some(position) = &self.position else {
            return;
        };
        let lists = self.lists.iter();
        let lists = lists.map(|member| member.list.address(member.query.clone()));
        let is_other = !lists.eq(position.lists.iter().map(|of| of.list.as_str()))
            || position.delivered.len() != self.groups().len();
        let mut sizes = self.lists.iter().zip(&position.lists);
        let is_resized = sizes.any(|(list, of)| list.query.per_page != of.per_page);
        let why = if is_other {
            "the position to resume from belongs to a queue with other lists"
        } else if is_resized {
            "`per_page` must not be changed after `resume`"
        } else {
            return;
        };
        self.refuse(&InvalidInput::new(why.to_owned()));
    }

    /// Makes each list fail with this error.
    pub(crate) fn refuse(&mut self, error: &InvalidInput) {
        for list in &mut self.lists {
            list.query.refuse(error.clone());
        }
    }

    /// Returns the groups of the lists, each once.
    pub(crate) fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        for group in self.lists.iter().map(|list| list.list.group()) {
            if !groups.contains(&group) {
                groups.push(group);
            }
        }
        groups
    }

    fn narrow(mut self, narrow: impl Fn(&mut Query)) -> Self {
        for list in &mut self.lists {
            narrow(&mut list.query);
        }
        self
    }

    fn of(query: Query, list: impl AnyList + 'static) -> Self {
        Self {
            lists: vec![Member {
                query,
                list: Arc::new(list),
            }],
            position: None,
        }
    }
}

impl<S: Scope> From<List<S, SecretFinding>> for Queue {
    fn from(list: List<S, SecretFinding>) -> Self {
        Self::of(list.query.clone(), list)
    }
}

impl<S: Scope> From<List<S, RuleViolation>> for Queue {
    fn from(list: List<S, RuleViolation>) -> Self {
        Self::of(list.query.clone(), list)
    }
}

impl fmt::Debug for Queue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Queue")
            .field("lists", &self.lists.len())
            .finish_non_exhaustive()
    }
}
