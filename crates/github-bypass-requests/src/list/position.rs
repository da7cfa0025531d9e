//! Where a reader stands, so that a later process goes on from there.

use std::collections::HashSet;
use std::marker::PhantomData;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::model::BypassKind;
use crate::{BypassRequest, RequestId};

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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position<D> {
    pub(crate) place: Place,
    kind: PhantomData<fn() -> D>,
}

/// A position of whichever kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Place {
    pub(crate) page: NonZeroU32,
    pub(crate) per_page: NonZeroU32,
    /// Of the page before, in the order of their numbers.
    #[serde(default)]
    pub(crate) before: Vec<RequestId>,
    /// Of this page, those that are not to be delivered again.
    #[serde(default)]
    pub(crate) delivered: Vec<RequestId>,
}

#[derive(Serialize, Deserialize)]
struct Wire<K, P> {
    kind: K,
    place: P,
}

impl<D> Position<D> {
    pub(crate) fn new(place: Place) -> Self {
        let kind = PhantomData;
        Self { place, kind }
    }

    /// The page to go on with, for people to read: what was delivered of it is not delivered again.
    pub fn page(&self) -> u32 {
        self.place.page.get()
    }
}

impl<D: BypassKind> Serialize for Position<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let place = &self.place;
        let kind = D::KIND;
        Wire { kind, place }.serialize(serializer)
    }
}

impl<'de, D: BypassKind> Deserialize<'de> for Position<D> {
    fn deserialize<De: Deserializer<'de>>(deserializer: De) -> Result<Self, De::Error> {
        let Wire { kind, place } = Wire::<String, Place>::deserialize(deserializer)?;
        if kind != D::KIND {
            let expected = format!("a position of {} requests", D::KIND);
            let found = de::Unexpected::Str(&kind);
            return Err(de::Error::invalid_value(found, &expected.as_str()));
        }
        Ok(Self::new(place))
    }
}

pub(crate) type Ids = Arc<HashSet<RequestId>>;

/// What a page means for those who go on after it.
pub(crate) struct Turn {
    pub(crate) page: NonZeroU32,
    /// What the page was compared with.
    pub(crate) before: Ids,
    /// What it holds, whether delivered now or before.
    pub(crate) ids: Ids,
    pub(crate) then: Then,
}

/// What comes once the requests of a page are used up.
#[derive(Clone, Copy)]
pub(crate) enum Then {
    /// The page itself: it is still to be read.
    Read,
    /// An error, and then the next page.
    Fail(Option<NonZeroU32>),
    Next(Option<NonZeroU32>),
}

/// Keeps the place of a stream.
pub(crate) struct Bookmark {
    per_page: NonZeroU32,
    /// The page in use; at first, the one that the list begins with.
    turn: Turn,
}

impl Bookmark {
    /// Before anything is read: in the midst of the first page, with what was delivered of it.
    pub(crate) fn new(start: &Place) -> Self {
        let ids = |ids: &[RequestId]| Arc::new(ids.iter().copied().collect());
        Self {
            per_page: start.per_page,
            turn: Turn {
                page: start.page,
                before: ids(&start.before),
                ids: ids(&start.delivered),
                then: Then::Read,
            },
        }
    }

    pub(crate) fn turn(&mut self, turn: Turn) {
        self.turn = turn;
    }

    /// An error has been told: of the page in use, or of a page that is still to be read.
    pub(crate) fn tell(&mut self) {
        if let Then::Fail(next) = self.turn.then {
            self.turn.then = Then::Next(next);
        }
    }

    /// There is nothing more.
    pub(crate) fn end(&mut self) {
        self.turn.then = Then::Next(None);
    }

    /// Where to go on if `rest` is what is still to be delivered of the page in use.
    pub(crate) fn place<D>(&self, rest: &[BypassRequest<D>]) -> Option<Place> {
        let Turn {
            page,
            before,
            ids,
            then,
        } = &self.turn;
        let (page, before, delivered) = match then {
            Then::Next(next) if rest.is_empty() => ((*next)?, ids, Vec::new()),
            _ => {
                let rest: HashSet<RequestId> = rest.iter().map(|request| request.id).collect();
                let delivered = ids.iter().filter(|id| !rest.contains(id)).copied();
                (*page, before, sorted(delivered))
            }
        };
        Some(Place {
            page,
            per_page: self.per_page,
            before: sorted(before.iter().copied()),
            delivered,
        })
    }
}

/// So that equal positions are equal.
fn sorted(ids: impl Iterator<Item = RequestId>) -> Vec<RequestId> {
    let mut ids: Vec<RequestId> = ids.collect();
    ids.sort_unstable();
    ids
}
