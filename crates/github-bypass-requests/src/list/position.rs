//! Where a reader of a list stands, so that a later process continues there.

use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::model::ids::RequestId;
use crate::model::request::{BypassKind, KindTag};

/// Where the reader of a list stands: from [`RequestStream::position`](crate::RequestStream::position)
/// or [`PageStream::position`](crate::PageStream::position), for
/// [`List::resume`](crate::List::resume), in this process or in a later one.
///
/// It holds a page's number, the page size, and the ids of the requests that were delivered of that
/// page and of the page before: a few KB of JSON, and no token. Later versions may write more, which
/// this one skips.
///
/// It belongs to the list it was taken from: the same scope and the same filters. Of these it knows
/// only the kind, so that a position of push rule requests is no position of secret scanning requests,
/// and does not decode as one.
///
/// # What is promised
///
/// GitHub has no cursor; a page is what has its number now. While a process sleeps the list goes on,
/// and what a position can promise depends on what has happened to it since the page before the
/// position was read. As everywhere here, that new requests arrive at the head is observed and not
/// promised by GitHub.
///
/// - **It grew by no more than a page** ([`per_page`](crate::List::per_page)): nothing is missed and
///   nothing is delivered twice.
/// - **It grew by more**: nothing is missed. What was delivered of pages further back, and has slid
///   to the position, is delivered again.
/// - **It shrank**: as many requests may be missed as have left the list before the position. So
///   never act on a list that is narrowed by status between two readings; and a request that is
///   decided elsewhere leaves such a list, too. Resume lists of every status only, or read anew.
/// - **It lost its oldest requests**, which become too old for the time period: they are gone, and
///   nothing else is missed.
///
/// What has arrived in the meantime stands before the position and is not delivered, except while the
/// first page is in use. Read from the start for that, as far as the newest request that is known: see
/// [`List::since`](crate::List::since).
///
/// ```
/// use github_bypass_requests::{Client, Position, SecretFinding};
/// # use github_bypass_requests_fake::{Demo, Fake};
///
/// /// Reads at most so many requests, and tells where to go on; `None` at the end.
/// async fn read(
///     client: &Client,
///     saved: Option<&str>,
///     most: usize,
/// ) -> Result<Option<String>, Box<dyn std::error::Error>> {
///     let mut list = client.organization("octo-org").secret_scanning().list();
///     if let Some(saved) = saved {
///         list = list.resume(serde_json::from_str::<Position<SecretFinding>>(saved)?);
///     }
///     let mut requests = list.stream();
///     for _ in 0..most {
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
    /// The ids of the previous page, in ascending order.
    #[serde(default)]
    pub(crate) previous: Vec<RequestId>,
    /// The ids on this page that were delivered, in ascending order.
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

    /// The page to continue with, for people to read: what was delivered of it is not delivered
    /// again.
    pub fn page(&self) -> u32 {
        self.page.get()
    }
}
