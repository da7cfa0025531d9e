//! The state of a running fake.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{fault_queue::FaultQueue, log::Log, rate_limit::RateLimit, webhooks::Webhooks};
use crate::{access::Access, clock::Clock, received::Received, world::World};

/// The state shared by the server and the [`Fake`](crate::Fake).
#[derive(Debug)]
pub(crate) struct Shared {
    /// Used in URLs if the client sends no valid `Host`.
    pub(super) authority: String,
    state: Mutex<State>,
}

/// The mutable state. One lock guards it, so that each response is consistent.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) clock: Clock,
    pub(crate) world: World,
    pub(crate) faults: FaultQueue,
    pub(crate) received: Log<Received>,
    pub(crate) webhooks: Webhooks,
    /// If empty, every token is accepted.
    pub(super) accepted: Vec<Arc<Access>>,
    pub(super) rate_limit: RateLimit,
    /// The number of responses so far. Request ids contain it.
    pub(super) responses: u64,
}

impl Shared {
    /// `rate_limit` is the number of requests that are allowed per hour.
    pub(crate) fn new(
        authority: String,
        accepted: Vec<Access>,
        clock: Clock,
        world: World,
        rate_limit: u64,
        webhooks: Webhooks,
    ) -> Self {
        Self {
            authority,
            state: Mutex::new(State {
                clock,
                world,
                faults: FaultQueue::default(),
                received: Log::default(),
                webhooks,
                accepted: accepted.into_iter().map(Arc::new).collect(),
                rate_limit: RateLimit::new(rate_limit),
                responses: 0,
            }),
        }
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Accepts a token, or replaces the permissions of an accepted one.
    pub(crate) fn accept(&mut self, access: Access) {
        self.accepted.retain(|known| known.token != access.token);
        self.accepted.push(Arc::new(access));
    }

    pub(crate) fn accept_every_token(&mut self) {
        self.accepted.clear();
    }
}
