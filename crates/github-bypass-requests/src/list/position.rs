//! A saved position in a list.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, KindTag};

/// A position in a list, from which this process or a later one can continue.
///
/// Get it from [`RequestStream::position`](crate::RequestStream::position) or
/// [`PageStream::position`](crate::PageStream::position), save it with serde, and pass it to
/// [`List::resume`](crate::List::resume).
///
/// It contains a page number, the page size, and the ids of the requests delivered from that page
/// and from the page before it: a few KB of JSON, and no token. Fields added by later versions are
/// ignored.
///
/// Use it with the list it was taken from: the same scope and the same filters. Only the kind is
/// checked: a position in a list of push rule requests does not decode as a position in a list of
/// secret scanning requests.
///
/// # If the list has changed
///
/// GitHub's lists have no cursors, and the contents of a page change with the list. New requests
/// are added at the start of the list; GitHub does not document this. The result depends on how the
/// list has changed since the previous page was read:
///
/// - **It grew by at most one page** ([`per_page`](crate::List::per_page)): no request is missed
///   and none is repeated.
/// - **It grew by more**: no request is missed. Requests that were delivered from earlier pages,
///   and have moved to the position, are delivered again.
/// - **It shrank**: for each request that left one of the earlier pages, one request may be
///   missed. A list narrowed by status shrinks whenever a request is reviewed, by you or by another
///   person. If the list is narrowed by status, start again at the first page instead of resuming.
/// - **It lost its oldest requests**, because they left the time period: they are not delivered,
///   and no other request is missed. To read all requests of a fixed range, use
///   [`List::since`](crate::List::since), and save its instant with the position.
///
/// New requests come before the position and are not delivered, unless the position is on the first
/// page. To get them, read the list from its start with [`List::since`](crate::List::since) and the
/// creation time of the newest request you have.
///
/// # Examples
///
/// ```
/// use github_bypass_requests::{Client, Position, SecretFinding};
/// # use github_bypass_requests_fake::{Demo, Fake};
///
/// /// Reads up to `max` requests. Returns the new position, or `None` at the end of the list.
/// async fn read(
///     client: &Client,
///     saved: Option<&str>,
///     max: usize,
/// ) -> Result<Option<String>, Box<dyn std::error::Error>> {
///     let mut list = client.organization("octo-org").secret_scanning().list();
///     if let Some(saved) = saved {
///         list = list.resume(serde_json::from_str::<Position<SecretFinding>>(saved)?);
///     }
///     let mut requests = list.stream();
///     for _ in 0..max {
///         match requests.try_next().await? {
///             Some(request) => println!("{request}"),
///             None => break,
///         }
///     }
///     Ok(requests.position().map(|position| serde_json::to_string(&position)).transpose()?)
/// }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fake = Fake::builder().demo(Demo::new(25)).start().await?;
/// # let client = Client::builder().base_url(fake.base_url()).token("ghp_any").build()?;
/// # let saved = read(&client, None, 5).await?;
/// # assert!(read(&client, saved.as_deref(), 100).await?.is_none());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "D: BypassKind")]
pub struct Position<D> {
    pub(crate) kind: KindTag<D>,
    pub(crate) page: NonZeroU32,
    pub(crate) per_page: NonZeroU32,
    /// The ids of the requests on the previous page, in ascending order.
    #[serde(default)]
    pub(crate) previous: Vec<RequestId>,
    /// The ids of the requests that were delivered from this page, in ascending order.
    #[serde(default)]
    pub(crate) delivered: Vec<RequestId>,
}

impl<D> Position<D> {
    /// The start of a list.
    pub(crate) fn first(per_page: NonZeroU32) -> Self {
        Self {
            kind: KindTag::default(),
            page: NonZeroU32::MIN,
            per_page,
            previous: Vec::new(),
            delivered: Vec::new(),
        }
    }

    /// Returns the number of the page to continue with. Use it for display only.
    ///
    /// Requests that were delivered from this page are not delivered again.
    pub fn page(&self) -> u32 {
        self.page.get()
    }
}
