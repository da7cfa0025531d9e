//! One of the lists in a queue, with its scope and kind erased from the type.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use futures_util::stream::try_unfold;
use tokio::sync::Semaphore;

use crate::error::Error;
use crate::list::List;
use crate::list::endpoint::Scope;
use crate::list::pager::Delivery;
use crate::list::position::Position;
use crate::list::progress::PageState;
use crate::list::query::Query;
use crate::list::stream::Boxed;
use crate::model::any::AnyBypassRequest;
use crate::model::request::{BypassKind, BypassRequest, KindOfRequest};
use crate::response::meta::ResponseMeta;
use crate::transport::base_url::BaseUrl;
use crate::watch::follow::Polls;

/// The requests of one kind at one host. Ids are unique within a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) base_url: BaseUrl,
    pub(crate) kind: KindOfRequest,
}

/// One of the lists in a queue.
#[derive(Clone)]
pub(crate) struct Member {
    pub(crate) query: Query,
    pub(crate) list: Arc<dyn AnyList>,
}

/// A list of any scope and kind.
pub(crate) trait AnyList: Send + Sync {
    fn group(&self) -> Group;

    /// Returns the URL of the list, with the filters that narrow it.
    fn address(&self, query: Query) -> String;

    /// Returns the number of the page at which the list starts.
    fn first_page(&self) -> NonZeroU32;

    /// Reads the list, starting at `page`.
    fn pages(&self, query: Query, page: NonZeroU32) -> Pages;

    /// Prepares to poll the list. Lists that share a `turn` are polled one at a time.
    fn polls(&self, query: Query, every: Duration, turn: Arc<Semaphore>)
    -> Polls<AnyBypassRequest>;
}

pub(crate) type Pages = Boxed<QueuePage>;

/// A page of a list.
pub(crate) struct QueuePage {
    pub(crate) requests: Vec<AnyBypassRequest>,
    pub(crate) number: u32,
    /// The number of the page to request next.
    pub(crate) next: Option<NonZeroU32>,
    /// The number of the last page, if GitHub announces it.
    pub(crate) last: Option<u32>,
    pub(crate) meta: ResponseMeta,
    /// The error about the items that were skipped.
    pub(crate) skipped: Option<Error>,
}

impl<S, D> AnyList for List<S, D>
where
    S: Scope,
    D: BypassKind,
    AnyBypassRequest: From<BypassRequest<D>>,
{
    fn group(&self) -> Group {
        Group {
            base_url: self.scope.client().connection().base_url.clone(),
            kind: D::KIND,
        }
    }

    fn address(&self, query: Query) -> String {
        self.with(query).address()
    }

    fn first_page(&self) -> NonZeroU32 {
        self.start
            .as_ref()
            .map_or(NonZeroU32::MIN, |start| start.page)
    }

    fn pages(&self, query: Query, page: NonZeroU32) -> Pages {
        let mut list = self.with(query);
        if page != self.first_page() {
            list.start = Some(Position {
                page,
                ..Position::first(list.query.per_page)
            });
        }
        let pager = list.pager().skip_bad_items();
        Box::pin(try_unfold(pager, async |mut pager| {
            let delivery = pager.next_page().await?;
            Ok(delivery.map(|delivery| (QueuePage::from(delivery), pager)))
        }))
    }

    fn polls(
        &self,
        query: Query,
        every: Duration,
        turn: Arc<Semaphore>,
    ) -> Polls<AnyBypassRequest> {
        Polls::new(self.with(query), every, turn).map()
    }
}

impl<S: Clone, D> List<S, D>
where
    Self: Clone,
{
    fn with(&self, query: Query) -> Self {
        Self {
            query,
            ..self.clone()
        }
    }
}

impl<D> From<Delivery<D>> for QueuePage
where
    AnyBypassRequest: From<BypassRequest<D>>,
{
    fn from(
        Delivery {
            page,
            current,
            skipped,
        }: Delivery<D>,
    ) -> Self {
        let requests = page.items.into_iter().map(AnyBypassRequest::from);
        Self {
            requests: requests.collect(),
            number: page.number,
            next: match current.state {
                PageState::Unread => Some(current.number),
                PageState::BeforeError(next) | PageState::Read(next) => next,
            },
            last: page.last,
            meta: page.meta,
            skipped,
        }
    }
}
