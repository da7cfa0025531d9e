//! The running fake and its builder.

use std::{fmt, io, net::Ipv4Addr, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{net::TcpListener, sync::oneshot, task::JoinSet};

use crate::{
    access::Access,
    clock::Clock,
    delivery::Delivery,
    demo::Demo,
    event_names::EventNames,
    fault::{Fault, InvalidFault},
    hook::{Hook, InvalidHook},
    received::Received,
    service::{http, state::Shared, webhooks::Webhooks},
    world::{
        World,
        bypass_request::{BypassResponse, ChangeError},
        findings::{Findings, RuleViolation, SecretFinding},
        new_request::{NewRequest, OpenedRequest},
        new_response::NewResponse,
    },
};

/// A running fake of GitHub's bypass request operations.
///
/// It runs on the tokio runtime that started it, until the `Fake` is dropped. If you open a request
/// for a repository that does not exist, the fake creates the repository, and its organization and
/// enterprise if they are missing.
pub struct Fake {
    base_url: String,
    shared: Arc<Shared>,
    /// Dropping it stops the server.
    _running: oneshot::Sender<()>,
    /// The tasks that send deliveries. Dropping the set stops them.
    _deliveries: JoinSet<()>,
}

/// Configures a [`Fake`]. Created by [`Fake::builder`].
#[derive(Clone, Debug)]
#[must_use = "a `Builder` does nothing until `start` is called"]
pub struct Builder {
    accepted: Vec<Access>,
    clock: Clock,
    demo: Option<Demo>,
    port: u16,
    rate_limit: u64,
    hooks: Vec<Result<Hook, InvalidHook>>,
    event_names: EventNames,
}

impl Fake {
    /// Returns a builder. By default, the fake has no requests, uses the system clock and accepts
    /// every token.
    pub fn builder() -> Builder {
        Builder {
            accepted: Vec::new(),
            clock: Clock::system(),
            demo: None,
            port: 0,
            rate_limit: 5000,
            hooks: Vec::new(),
            event_names: EventNames::default(),
        }
    }

    /// Returns the base URL for a client: scheme, address and port, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Returns the time of the fake's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.shared.lock().clock.now()
    }

    /// Moves the fake's clock. Both kinds of [`Clock`] can be moved.
    pub fn advance(&self, by: TimeDelta) {
        self.shared.lock().clock.advance(by);
    }

    /// Replaces the fake's clock with a manual clock that is set to `now`.
    pub fn set_now(&self, now: DateTime<Utc>) {
        self.shared.lock().clock = Clock::manual(now);
    }
}

#[cfg(fuzzing)]
impl Fake {
    /// Returns the HTTP service, which can be called without a connection.
    #[doc(hidden)]
    pub fn service(&self) -> axum::Router {
        http::detached(Arc::clone(&self.shared))
    }
}

/// Adds places and requests.
impl Fake {
    /// Adds an enterprise, unless it already exists.
    pub fn add_enterprise(&self, slug: &str) {
        self.shared.lock().world.places.add_enterprise(slug);
    }

    /// Adds an organization to an enterprise. An existing organization is not moved.
    pub fn add_organization(&self, enterprise: &str, name: &str) {
        self.shared
            .lock()
            .world
            .places
            .add_organization(enterprise, name);
    }

    /// Adds a repository, unless it already exists. A missing owner is created as an organization
    /// of the enterprise `octo-enterprise`.
    pub fn add_repository(&self, owner: &str, name: &str) {
        self.shared.lock().world.places.add_repository(owner, name);
    }

    /// Opens a request to push a detected secret.
    pub fn open_secret_scanning_request(
        &self,
        request: NewRequest<SecretFinding>,
    ) -> OpenedRequest {
        self.shared.lock().open(request, Findings::Secrets)
    }

    /// Opens a request to push a change that a push rule forbids.
    pub fn open_push_rule_request(&self, request: NewRequest<RuleViolation>) -> OpenedRequest {
        self.shared.lock().open(request, Findings::Violations)
    }
}

/// Acts as other users. The methods do not need the kind of a request, because both kinds share the
/// numbers of a repository.
impl Fake {
    /// Cancels an undecided request, as its requester.
    pub fn cancel(&self, owner: &str, repository: &str, number: u64) -> Result<(), ChangeError> {
        let mut state = self.shared.lock();
        let repository = state.repository(owner, repository)?;
        state.cancel(&repository, number)
    }

    /// Completes an approved request, as its requester does by pushing.
    pub fn complete(&self, owner: &str, repository: &str, number: u64) -> Result<(), ChangeError> {
        let mut state = self.shared.lock();
        let repository = state.repository(owner, repository)?;
        state.complete(&repository, number)
    }

    /// Approves an undecided request as `reviewer`. As in the browser, this also works for push
    /// rule requests. Returns the id of the response.
    pub fn approve(
        &self,
        owner: &str,
        repository: &str,
        number: u64,
        reviewer: &str,
    ) -> Result<u64, ChangeError> {
        self.respond(owner, repository, number, NewResponse::approved(reviewer))
    }

    /// Denies an undecided request as `reviewer`, like [`approve`](Self::approve).
    pub fn deny(
        &self,
        owner: &str,
        repository: &str,
        number: u64,
        reviewer: &str,
    ) -> Result<u64, ChangeError> {
        self.respond(owner, repository, number, NewResponse::denied(reviewer))
    }

    /// Adds a response with a time and a message of your choice. Returns its id.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such request, or if the request was no longer `pending` or
    /// `open` at the time of the response. That time may be in the past: the response then decides
    /// the request even if it has expired since.
    pub fn respond(
        &self,
        owner: &str,
        repository: &str,
        number: u64,
        response: NewResponse,
    ) -> Result<u64, ChangeError> {
        let mut state = self.shared.lock();
        let repository = state.repository(owner, repository)?;
        state.review(&repository, number, response)
    }

    /// Returns the responses to a request with their messages, in the order in which they were
    /// added.
    ///
    /// # Errors
    ///
    /// Returns an error if there is no such request.
    pub fn responses(
        &self,
        owner: &str,
        repository: &str,
        number: u64,
    ) -> Result<Vec<BypassResponse>, ChangeError> {
        let mut state = self.shared.lock();
        let repository = state.repository(owner, repository)?;
        state.world.responses(&repository, number)
    }
}

/// Observes the client.
impl Fake {
    /// Returns the HTTP requests that the fake has received and its responses to them, in the order
    /// in which the requests arrived. Requests to `/_fake` are not included.
    ///
    /// The newest 10,000 requests are kept, or fewer if their paths and bodies exceed 16 MiB. In
    /// long runs, call [`clear_received`](Self::clear_received).
    ///
    /// # Examples
    ///
    /// ```
    /// use github_bypass_requests_fake::{Fake, NewRequest};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let fake = Fake::builder().token("a-token", "octo-bot").start().await?;
    /// fake.open_secret_scanning_request(NewRequest::new());
    ///
    /// let path = "/repos/octo-org/smile/bypass-requests/secret-scanning/1";
    /// let client = reqwest::Client::builder().user_agent("bot").no_proxy().build()?;
    /// client
    ///     .patch(format!("{}{path}", fake.base_url()))
    ///     .bearer_auth("a-token")
    ///     .body(r#"{"status": "approve", "message": "It is a test key."}"#)
    ///     .send()
    ///     .await?;
    ///
    /// let [review] = &fake.received()[..] else { panic!("one request") };
    /// assert_eq!((&*review.method, &*review.path), ("PATCH", path));
    /// assert_eq!(review.caller.as_deref(), Some("octo-bot"));
    /// assert!(review.body.contains("It is a test key."));
    /// assert_eq!(review.response.as_ref().map(|it| it.status), Some(200));
    /// # Ok(())
    /// # }
    /// ```
    pub fn received(&self) -> Vec<Received> {
        self.shared.lock().received.all()
    }

    /// Forgets the received requests.
    pub fn clear_received(&self) {
        self.shared.lock().received.clear();
    }
}

/// Observes and repeats the deliveries to webhooks, which [`Builder::webhook`] adds.
impl Fake {
    /// Returns the deliveries, including pending and failed ones, in the order in which they were
    /// made.
    ///
    /// The newest 10,000 deliveries are kept, or fewer if their bodies exceed 16 MiB. In long runs,
    /// call [`clear_deliveries`](Self::clear_deliveries).
    pub fn deliveries(&self) -> Vec<Delivery> {
        self.shared.lock().webhooks.deliveries()
    }

    /// Forgets the deliveries. Pending ones are still sent.
    pub fn clear_deliveries(&self) {
        self.shared.lock().webhooks.clear_deliveries();
    }

    /// Sends a delivery again, to each webhook that got it. Returns false if there is no delivery
    /// with this id.
    ///
    /// The headers and the body are the same, so a receiver can recognize the redelivery by its
    /// `X-GitHub-Delivery`.
    #[must_use = "nothing is sent if there is no such delivery"]
    pub fn redeliver(&self, id: &str) -> bool {
        self.shared.lock().webhooks.redeliver(id)
    }

    /// Sends a `ping` to each webhook, as GitHub does when a webhook is added.
    pub fn ping(&self) {
        self.shared.lock().webhooks.ping();
    }
}

/// Changes the accepted tokens.
impl Fake {
    /// Accepts a token. If the token is already accepted, replaces its login and permissions.
    ///
    /// If the fake accepted every token before, it now accepts only this one.
    pub fn set_access(&self, access: Access) {
        self.shared.lock().accept(access);
    }

    /// Accepts every token again. All tokens belong to `octocat`.
    pub fn accept_every_token(&self) {
        self.shared.lock().accept_every_token();
    }
}

/// Injects faults.
impl Fake {
    /// Applies a fault to the next `requests` HTTP requests. With `usize::MAX`, the fault applies
    /// to all requests.
    ///
    /// Faults are used in the order in which they were added. A request gets the first remaining
    /// fault that [matches](Fault#aim) it. Tests in other languages can use `POST /_fake/faults`.
    ///
    /// # Errors
    ///
    /// Returns an error, and adds nothing, if the fault is invalid.
    pub fn misbehave(&self, requests: usize, fault: Fault) -> Result<(), InvalidFault> {
        let plan = fault.plan()?;
        self.shared.lock().faults.push(requests, plan);
        Ok(())
    }

    /// Returns the number of requests that will still get a fault.
    pub fn faults_left(&self) -> usize {
        self.shared.lock().faults.left()
    }

    /// Removes all faults. Requests in flight keep theirs.
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
    /// Accepts a token that belongs to `login` and has all permissions. Tokens that were not added
    /// are rejected.
    ///
    /// By default, every token is accepted and belongs to `octocat`.
    pub fn token(self, token: impl Into<String>, login: impl Into<String>) -> Self {
        self.access(Access::new(token, login))
    }

    /// Accepts a token with limited permissions.
    pub fn access(mut self, access: Access) -> Self {
        self.accepted.push(access);
        self
    }

    /// Sets the clock. The default is the system clock.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.clock = clock;
        self
    }

    /// Adds demo requests.
    pub fn demo(mut self, demo: Demo) -> Self {
        self.demo = Some(demo);
        self
    }

    /// Sets the port on 127.0.0.1. The default is 0, which selects any free port.
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Sets the hourly rate limit, which all callers share. The default is 5000 requests.
    pub fn rate_limit(mut self, calls: u64) -> Self {
        self.rate_limit = calls;
        self
    }

    /// Adds a webhook of an app. For each change to a bypass request, the fake sends the webhook a
    /// delivery that is signed with the secret.
    ///
    /// It does so whether the change comes from an operation, from a request to `/_fake` or from a
    /// method of [`Fake`]. [`Demo`] requests are not delivered. The URL must use http and a
    /// loopback address: 127.0.0.0/8, `::1` or `localhost`. If the URL is invalid or the secret is
    /// empty, [`start`](Self::start) returns an error.
    ///
    /// The first webhook has id 1, and the second one has id 2.
    ///
    /// # Delivery
    ///
    /// A webhook gets its deliveries in the order of the changes, one at a time. As on GitHub, a
    /// delivery fails if no 2xx response arrives within ten seconds, and a failed delivery is not
    /// retried. A slow receiver delays only its own deliveries. If 1,000 of them are waiting,
    /// further ones fail.
    ///
    /// # Examples
    ///
    /// ```
    /// use axum::{Router, http::HeaderMap, routing::post};
    /// use github_bypass_requests_fake::{Fake, NewRequest};
    /// use tokio::{net::TcpListener, sync::mpsc};
    ///
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let (sender, mut received) = mpsc::unbounded_channel();
    /// let receiver = Router::new().route(
    ///     "/webhook",
    ///     post(async move |headers: HeaderMap, body: String| {
    ///         let _ = sender.send((headers, body));
    ///     }),
    /// );
    /// let listener = TcpListener::bind("127.0.0.1:0").await?;
    /// let url = format!("http://{}/webhook", listener.local_addr()?);
    /// tokio::spawn(async { axum::serve(listener, receiver).await });
    ///
    /// let fake = Fake::builder().webhook(url, "a-secret").start().await?;
    /// fake.open_secret_scanning_request(NewRequest::new());
    ///
    /// let (headers, body) = received.recv().await.expect("a delivery");
    /// assert_eq!(headers["x-github-event"], "bypass_request_secret_scanning");
    /// assert!(body.starts_with(r#"{"action":"created","#));
    /// # Ok(())
    /// # }
    /// ```
    pub fn webhook(mut self, url: impl AsRef<str>, secret: impl Into<String>) -> Self {
        self.hooks.push(Hook::new(url.as_ref(), secret.into()));
        self
    }

    /// Sets the spelling of webhook event names. The default is the spelling in GitHub's
    /// documentation.
    pub fn event_names(mut self, names: EventNames) -> Self {
        self.event_names = names;
        self
    }

    /// Creates a fake that does not listen on a port, for simulations that call its
    /// [`service`](Fake::service). It delivers nothing to webhooks.
    #[cfg(fuzzing)]
    #[doc(hidden)]
    pub fn detached(self) -> Fake {
        let authority = "fake.invalid".to_owned();
        let base_url = format!("http://{authority}");
        let shared = self.shared(authority, Webhooks::default());
        Fake {
            base_url,
            shared: Arc::new(shared),
            _running: oneshot::channel().0,
            _deliveries: JoinSet::new(),
        }
    }

    /// Starts the fake on the current tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns an error if the port is in use, or if a webhook is invalid
    /// ([`InvalidInput`](io::ErrorKind::InvalidInput)).
    pub async fn start(mut self) -> io::Result<Fake> {
        let hooks: Result<Vec<_>, _> = self.hooks.drain(..).collect();
        let hooks = hooks?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, self.port)).await?;
        let authority = listener.local_addr()?.to_string();
        let base_url = format!("http://{authority}");
        let (webhooks, deliveries) = Webhooks::start(hooks, self.event_names);
        let shared = Arc::new(self.shared(authority, webhooks));

        let (running, dropped) = oneshot::channel::<()>();
        tokio::spawn(http::serve(listener, Arc::clone(&shared), async {
            // Completes when the fake is dropped.
            let _ = dropped.await;
        }));
        Ok(Fake {
            base_url,
            shared,
            _running: running,
            _deliveries: deliveries,
        })
    }

    fn shared(self, authority: String, webhooks: Webhooks) -> Shared {
        let mut world = World::default();
        if let Some(demo) = self.demo {
            demo.fill(&mut world, self.clock.now());
        }
        Shared::new(
            authority,
            self.accepted,
            self.clock,
            world,
            self.rate_limit,
            webhooks,
        )
    }
}
