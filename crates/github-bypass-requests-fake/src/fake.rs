//! The fake itself: built, seeded, served, and moved through time.

use std::{fmt, io, net::Ipv4Addr, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{net::TcpListener, sync::oneshot};

use crate::{
    access::Access,
    clock::Clock,
    demo::Demo,
    fault::{Fault, InvalidFault},
    service::{http, state::Shared},
    world::{
        World,
        bypass_request::{ChangeError, ResponseStatus},
        findings::{Findings, RuleViolation, SecretFinding},
        new_request::{NewRequest, OpenedRequest},
        places::Repository,
    },
};

/// A running fake of GitHub's bypass request endpoints.
///
/// It serves on the tokio runtime it was started on, until it is dropped. Seeding creates what is
/// missing: a request for a repository nobody has heard of brings that repository, its
/// organization and an enterprise into the world.
pub struct Fake {
    base_url: String,
    shared: Arc<Shared>,
    /// Dropping it ends the server.
    _running: oneshot::Sender<()>,
}

/// How a [`Fake`] is to be; see [`Fake::builder`].
#[derive(Clone, Debug)]
#[must_use = "nothing listens before `start`"]
pub struct Builder {
    accepted: Vec<Access>,
    clock: Clock,
    demo: Option<Demo>,
    port: u16,
    rate_limit: u64,
}

impl Fake {
    /// A fake with an empty world, the system's clock, and no opinion about tokens.
    pub fn builder() -> Builder {
        Builder {
            accepted: Vec::new(),
            clock: Clock::system(),
            demo: None,
            port: 0,
            rate_limit: 5000,
        }
    }

    /// Scheme, address and port, without a slash at the end: the base URL for a client.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The fake's present.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.lock().clock.now()
    }

    /// Moves the fake's clock, whichever it is.
    pub fn advance(&self, by: TimeDelta) {
        self.shared.lock().clock.advance(by);
    }

    /// Makes the fake's clock a manual one that stands at `now`.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.shared.lock().clock = Clock::manual(now);
    }
}

/// Seeding.
impl Fake {
    /// Adds an enterprise, unless it is there.
    pub fn add_enterprise(&self, slug: &str) {
        self.shared.lock().world.places.add_enterprise(slug);
    }

    /// Adds an organization to an enterprise. One that is there already stays where it is.
    pub fn add_organization(&self, enterprise: &str, name: &str) {
        self.shared
            .lock()
            .world
            .places
            .add_organization(enterprise, name);
    }

    /// Adds a repository, unless it is there. An owner nobody has heard of becomes an organization
    /// of the enterprise `octo-enterprise`.
    pub fn add_repository(&self, owner: &str, name: &str) {
        self.shared.lock().world.places.add_repository(owner, name);
    }

    /// Somebody asks to push a detected secret.
    pub fn open_secret_scanning_request(
        &self,
        request: NewRequest<SecretFinding>,
    ) -> OpenedRequest {
        let state = &mut *self.shared.lock();
        state
            .world
            .open(request, Findings::Secrets, state.clock.now())
    }

    /// Somebody asks to push what a push rule forbids.
    pub fn open_push_rule_request(&self, request: NewRequest<RuleViolation>) -> OpenedRequest {
        let state = &mut *self.shared.lock();
        state
            .world
            .open(request, Findings::Violations, state.clock.now())
    }
}

/// What others do meanwhile. A request's number leads to it, of whichever kind it is.
impl Fake {
    /// The requester gives up an undecided request.
    pub fn cancel(&self, owner: &str, repository: &str, number: u64) -> Result<(), ChangeError> {
        self.change(owner, repository, |world, repository, now| {
            world.request_mut(repository, number)?.cancel(now)
        })
    }

    /// The requester pushes after an approval.
    pub fn complete(&self, owner: &str, repository: &str, number: u64) -> Result<(), ChangeError> {
        self.change(owner, repository, |world, repository, now| {
            world.request_mut(repository, number)?.complete(now)
        })
    }

    /// Somebody approves an undecided request, as in the browser, where push rules are reviewed,
    /// too. Returns the response's id.
    pub fn approve(
        &self,
        owner: &str,
        repository: &str,
        number: u64,
        reviewer: &str,
    ) -> Result<u64, ChangeError> {
        self.change(owner, repository, |world, repository, now| {
            world.review(repository, number, ResponseStatus::Approved, reviewer, now)
        })
    }

    /// Somebody denies an undecided request; otherwise like [`approve`](Self::approve).
    pub fn deny(
        &self,
        owner: &str,
        repository: &str,
        number: u64,
        reviewer: &str,
    ) -> Result<u64, ChangeError> {
        self.change(owner, repository, |world, repository, now| {
            world.review(repository, number, ResponseStatus::Denied, reviewer, now)
        })
    }

    fn change<T>(
        &self,
        owner: &str,
        repository: &str,
        change: impl FnOnce(&mut World, &Repository, DateTime<Utc>) -> Result<T, ChangeError>,
    ) -> Result<T, ChangeError> {
        let state = &mut *self.shared.lock();
        let repository = state
            .world
            .places
            .repository(owner, repository)
            .ok_or(ChangeError::NotFound)?;
        change(&mut state.world, &repository, state.clock.now())
    }
}

/// What goes wrong.
impl Fake {
    /// Makes the next so many requests meet a fault; `usize::MAX` is for good.
    ///
    /// Faults happen in the order they were asked for: a request meets the first one that is left
    /// and is not limited to [another method](Fault::only). Tests in other languages do the same
    /// with `POST /_fake/faults`.
    ///
    /// Fails if the fault cannot be; then nothing changes.
    pub fn misbehave(&self, requests: usize, fault: Fault) -> Result<(), InvalidFault> {
        let plan = fault.plan()?;
        self.shared.lock().faults.push(requests, plan);
        Ok(())
    }

    /// How many requests are still to meet a fault.
    pub fn faults_left(&self) -> usize {
        self.shared.lock().faults.left()
    }

    /// Nothing goes wrong any more, but for what is under way.
    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }
}

impl fmt::Debug for Fake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fake")
            .field("base_url", &self.base_url)
            .finish_non_exhaustive()
    }
}

impl Builder {
    /// Accepts a token, which may do everything; with the first one, no other is accepted.
    ///
    /// Without any, every token is accepted and belongs to `octocat`.
    pub fn token(self, token: impl Into<String>, login: impl Into<String>) -> Self {
        self.access(Access::new(token, login))
    }

    /// Accepts a token that may not do everything.
    pub fn access(mut self, access: Access) -> Self {
        self.accepted.push(access);
        self
    }

    /// What the fake takes for the time. The default is the system's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Fills the world.
    pub fn demo(mut self, demo: Demo) -> Self {
        self.demo = Some(demo);
        self
    }

    /// The port of 127.0.0.1 to listen on. The default, 0, is any that is free.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// How many calls an hour has for all callers together. The default is 5000.
    pub fn rate_limit(mut self, calls: u64) -> Self {
        self.rate_limit = calls;
        self
    }

    /// Listens, and serves on the current tokio runtime.
    ///
    /// Fails if the port is taken.
    pub async fn start(self) -> io::Result<Fake> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let authority = listener.local_addr()?.to_string();
        let base_url = format!("http://{authority}");

        let mut world = World::default();
        if let Some(demo) = self.demo {
            demo.fill(&mut world, self.clock.now());
        }
        let shared = Arc::new(Shared::new(
            authority,
            self.accepted,
            self.clock,
            world,
            self.rate_limit,
        ));

        let (running, dropped) = oneshot::channel::<()>();
        tokio::spawn(http::serve(listener, Arc::clone(&shared), async {
            // Nothing is ever sent: the fake was dropped.
            let _ = dropped.await;
        }));
        Ok(Fake {
            base_url,
            shared,
            _running: running,
        })
    }
}
