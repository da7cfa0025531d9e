//! One look at a list: all that is on it, of which only what has changed is sent.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};
use http::HeaderValue;
use http::header::ETAG;
use tracing::warn;

use crate::call::Call;
use crate::link::Links;
use crate::list::{Asked, Lists, Query, Received};
use crate::model::BypassKind;
use crate::wait::server_time;
use crate::{BypassRequest, Client, List, RequestId, Result, TimePeriod};

/// What a list held when it was looked at.
pub(super) struct Look<D> {
    pub(super) requests: BTreeMap<RequestId, BypassRequest<D>>,
    /// The server's clock, or ours if it does not tell.
    pub(super) now: DateTime<Utc>,
}

/// Looks at a list again and again.
pub(super) struct Looker<S> {
    scope: Remembering<S>,
    query: Query,
}

impl<S> Looker<S> {
    pub(super) fn new<D>(List { scope, query, .. }: List<S, D>) -> Self {
        let state = Mutex::default();
        let scope = Remembering(Arc::new(Memory { scope, state }));
        Self { scope, query }
    }

    /// Reads the list, all of it or nothing.
    pub(super) async fn look<D: BypassKind>(&self) -> Result<Look<D>>
    where
        S: Lists<D>,
    {
        let mut list = List::new(self.scope.clone());
        list.query = self.query.clone();
        let mut pages = list.pages();
        let mut requests = BTreeMap::new();
        let mut last = 0;
        // The look is as old as its oldest page: what was open there may be decided by now.
        let mut now = None::<DateTime<Utc>>;
        while let Some(page) = pages.try_next().await? {
            last = page.number;
            let until = page.window.until;
            now = Some(now.map_or(until, |now| now.min(until)));
            requests.extend(page.items.into_iter().map(|request| (request.id, request)));
        }
        let mut state = self.scope.state();
        // One page more than there are: that one may have been asked for in order to find the end.
        state
            .pages
            .retain(|page, _| page.get() <= last.saturating_add(1));
        let now = now.unwrap_or_else(Utc::now);
        Ok(Look { requests, now })
    }
}

/// A scope that keeps the pages it was answered, and asks for them with their tags.
///
/// A page that has not changed is read from the answer that brought it: to whom reads the list, it is
/// there as if it had been sent. So it does not matter whether what was read before was of use.
struct Remembering<S>(Arc<Memory<S>>);

struct Memory<S> {
    scope: S,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pages: BTreeMap<NonZeroU32, Remembered>,
}

#[derive(Clone)]
struct Remembered {
    /// As the server has it, weak or not.
    tag: HeaderValue,
    /// The call that brought the page.
    call: Arc<Call>,
    links: Option<Links>,
}

impl<S> Clone for Remembering<S> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<S> Remembering<S> {
    fn state(&self) -> MutexGuard<'_, State> {
        let Self(memory) = self;
        memory.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn remembered(&self, page: NonZeroU32) -> Option<Remembered> {
        self.state().pages.get(&page).cloned()
    }

    /// Keeps a page by the answer that brought it or has confirmed it.
    fn keep(&self, page: NonZeroU32, remembered: Option<Remembered>) {
        let mut state = self.state();
        match remembered {
            Some(remembered) => state.pages.insert(page, remembered),
            None => state.pages.remove(&page),
        };
    }
}

impl<S: Lists<D>, D: BypassKind> Lists<D> for Remembering<S> {
    fn client(&self) -> &Client {
        let Self(memory) = self;
        memory.scope.client()
    }

    async fn ask(
        &self,
        query: &Query,
        time_period: TimePeriod,
        page: NonZeroU32,
        known: Option<HeaderValue>,
    ) -> Result<Asked<D>> {
        let Self(memory) = self;
        memory.scope.ask(query, time_period, page, known).await
    }

    async fn page(
        &self,
        query: &Query,
        time_period: TimePeriod,
        page: NonZeroU32,
    ) -> Result<Received<D>> {
        let before = self.remembered(page);
        let tag = before.as_ref().map(|before| before.tag.clone());
        let asked = self.ask(query, time_period, page, tag).await?;
        let call = asked.call.clone();
        let headers = call.head().map(|head| &head.headers);
        if let Some(mut before) = before.filter(|_| call.is_unchanged()) {
            let links = headers.and_then(Links::read);
            before.links = links.or(before.links);
            let mut received = asked.received_before(before.call.clone(), page)?;
            received.links = before.links;
            received.answered_at = headers.and_then(server_time).unwrap_or_else(Utc::now);
            received.retried_at = call.retried_at();
            // They were told when they came.
            received.bad_items = None;
            self.keep(page, Some(before));
            return Ok(received);
        }
        let mut received = asked.received(page)?;
        if let Some(error) = received.bad_items.take() {
            // Whoever watches for months is not to go blind for one request.
            warn!(%error, "a request is left out of the watch");
        }
        let tag = headers.and_then(|headers| headers.get(ETAG)).cloned();
        let remembered = tag.map(|tag| Remembered {
            tag,
            links: received.links,
            call: call.clone(),
        });
        self.keep(page, remembered);
        Ok(received)
    }
}
