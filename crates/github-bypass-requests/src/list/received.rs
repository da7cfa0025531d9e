//! Decodes a page of a list.

use std::future::Future;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use tokio::time::Instant;

use crate::call::{Context, Response};
use crate::error::{BadItem, Error, Reason, Result};
use crate::model::request::{BypassKind, BypassRequest};
use crate::model::vocabulary::TimePeriod;
use crate::response::headers::{missing_organizations, server_time};
use crate::response::json;
use crate::response::link::Links;

/// A source of the pages of a list: an endpoint, or a watch that remembers pages.
pub(crate) trait PageSource<D>: Send + Sync + 'static {
    fn page(
        &self,
        time_period: TimePeriod,
        page: NonZeroU32,
    ) -> impl Future<Output = Result<ReceivedPage<D>>> + Send;
}

/// A page of a list, as it was received.
#[derive(Clone)]
pub(crate) struct ReceivedPage<D> {
    pub(crate) requests: Vec<BypassRequest<D>>,
    /// The number of items on the page, including those that cannot be decoded.
    pub(crate) count: usize,
    /// The items that cannot be decoded.
    pub(crate) bad_items: Option<BadItem>,
    pub(crate) links: Option<Links>,
    /// The time of the response by the server's clock, or by the local clock if the response has no
    /// `Date` header.
    pub(crate) responded_at: DateTime<Utc>,
    pub(crate) received_at: Instant,
    /// The organizations whose requests are missing.
    pub(crate) missing_organizations: Vec<i64>,
    pub(crate) context: Context,
}

impl<D: BypassKind> ReceivedPage<D> {
    /// Decodes a page as a whole, or item by item if that fails.
    pub(crate) fn decode(response: Response<()>, page: NonZeroU32) -> Result<Self> {
        let (requests, count, bad_items) = items(response.body(), page)
            .ok_or_else(|| response.malformed::<Vec<BypassRequest<D>>>())?;
        Ok(Self::new(requests, count, bad_items, response.context))
    }
}

impl<D> ReceivedPage<D> {
    /// Updates the context of the page after a 304. The bad items of the page were already
    /// reported.
    pub(crate) fn unchanged(self, context: Context) -> Self {
        let page = Self::new(self.requests, self.count, None, context);
        let links = page.links.or(self.links);
        Self {
            links,
            missing_organizations: self.missing_organizations,
            ..page
        }
    }

    fn new(
        requests: Vec<BypassRequest<D>>,
        count: usize,
        bad_items: Option<BadItem>,
        context: Context,
    ) -> Self {
        let headers = &context.head.headers;
        Self {
            requests,
            count,
            bad_items,
            links: Links::read(headers),
            responded_at: server_time(headers).unwrap_or_else(Utc::now),
            received_at: Instant::now(),
            missing_organizations: missing_organizations(headers),
            context,
        }
    }

    /// Removes the bad items, and returns the error about them.
    pub(crate) fn take_bad_items(&mut self) -> Option<Error> {
        let bad_items = self.bad_items.take()?;
        Some(self.context.error(Reason::BadItem(bad_items)))
    }
}

/// Returns the decoded items, the total number of items, and the first item that cannot be decoded.
/// Returns `None` if the body is not a list.
pub(crate) fn items<D: BypassKind>(
    body: &[u8],
    page: NonZeroU32,
) -> Option<(Vec<BypassRequest<D>>, usize, Option<BadItem>)> {
    if let Ok(requests) = json::from_slice::<Vec<BypassRequest<D>>>(body) {
        let count = requests.len();
        return Some((requests, count, None));
    }
    let elements = json::elements(body)?;
    let mut good = Vec::with_capacity(elements.len());
    let mut bad = None::<BadItem>;
    let present = elements.iter().enumerate();
    for (index, element) in present.filter(|(_, element)| **element != b"null") {
        match (json::read(element), &mut bad) {
            (Ok(item), _) => good.push(item),
            (Err(_), Some(first)) => first.others += 1,
            (Err(malformed), None) => {
                let [id, number] = json::identity(element);
                bad = Some(BadItem {
                    page: page.get(),
                    index,
                    id,
                    number,
                    malformed,
                    others: 0,
                });
            }
        }
    }
    Some((good, elements.len(), bad))
}
