//! Webhooks: deliveries from GitHub, verified and typed.
//!
//! GitHub sends a delivery when something happens to a bypass request, so a program learns of it
//! within seconds instead of at the next poll. A [`Receiver`] takes the headers and the body from
//! any HTTP server, verifies the signature, and returns a [`Delivery`]:
//!
//! ```
//! use github_bypass_requests::webhook::{Payload, Receiver};
//! # use bytes::Bytes;
//! # use http::HeaderMap;
//!
//! # fn example(headers: HeaderMap, body: Bytes) -> Result<(), Box<dyn std::error::Error>> {
//! let receiver = Receiver::new("the secret of the webhook")?;
//! let delivery = receiver.receive(&headers, body)?;
//! match delivery.read()? {
//!     Payload::Request(event) => println!("{event}"),
//!     _ => {} // A ping, or an event about something else.
//! }
//! # Ok(())
//! # }
//! ```
//!
//! If `receive` or `read` fails, respond with [`Refusal::status`]. If both succeed, respond with
//! 200 at once and do the work afterwards: GitHub waits for ten seconds (Enterprise Server for
//! thirty), and then counts the delivery as failed.
//!
//! # A delivery is a hint
//!
//! GitHub does not promise that a delivery arrives, that it arrives only once, or that deliveries
//! arrive in order. It does not redeliver a failed delivery automatically, and no delivery
//! announces that a request has expired. A program that must miss nothing combines three parts:
//!
//! - With the receiver, the program reacts within seconds. [`Seen`] recognizes a delivery that was
//!   handled before.
//! - As a safety net, a [`watch`](crate::List::watch) with a saved cursor finds changes that were
//!   never delivered.
//! - Before each review, [`review_if_open`](crate::SecretScanning::review_if_open) reads the
//!   current state, so an event that arrives late or twice does no harm.
//!   [`Client::repository_of_event`](crate::Client::repository_of_event) selects the repository.
//!
//! This bot rejects each request to push a secret. It needs axum, and tokio with the features
//! `macros`, `net` and `rt-multi-thread`:
//!
//! ```no_run
//! use std::sync::Arc;
//!
//! use axum::extract::{DefaultBodyLimit, State};
//! use axum::{Router, body::Bytes, http::HeaderMap, http::StatusCode, routing::post};
//! use github_bypass_requests::webhook::{Action, ExemptionKind, Payload, Receiver};
//! use github_bypass_requests::{Client, Decision, Error, Repository, RequestNumber};
//!
//! struct Bot {
//!     client: Client,
//!     receiver: Receiver,
//! }
//!
//! async fn receive(State(bot): State<Arc<Bot>>, headers: HeaderMap, body: Bytes) -> StatusCode {
//!     // Verify the signature, then decode the payload.
//!     match bot.receiver.receive(&headers, body).and_then(|delivery| delivery.read()) {
//!         Ok(payload) => {
//!             // Work in the background, and respond at once: GitHub waits for only ten seconds.
//!             tokio::spawn(async move {
//!                 if let Err(error) = bot.handle(payload).await {
//!                     eprintln!("{error}");
//!                 }
//!             });
//!             StatusCode::OK
//!         }
//!         Err(refusal) => refusal.status(),
//!     }
//! }
//!
//! impl Bot {
//!     async fn handle(&self, payload: Payload) -> Result<(), Error> {
//!         if let Payload::Request(event) = payload
//!             && event.action == Action::Created
//!             && event.kind() == Some(ExemptionKind::SecretScanning)
//!             && let Some(number) = event.request.number
//!         {
//!             self.reject(self.client.repository_of_event(&event)?, number).await?;
//!         }
//!         Ok(())
//!     }
//!
//!     /// Reads the request again before it acts, because an event describes the past.
//!     async fn reject(&self, repository: Repository, number: RequestNumber) -> Result<(), Error> {
//!         let requests = repository.secret_scanning();
//!         let review = requests.review_if_open(number, Decision::Reject, "please revoke the key");
//!         println!("#{number}: {}", review.await?);
//!         Ok(())
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let bot = Arc::new(Bot { client: Client::from_env()?, receiver: Receiver::from_env()? });
//!     let router = Router::new()
//!         .route("/", post(receive))
//!         .layer(DefaultBodyLimit::max(Receiver::MAX_BODY))
//!         .with_state(Arc::clone(&bot));
//!     let listener = tokio::net::TcpListener::bind("0.0.0.0:8081").await?;
//!     let receiving = async { Ok(axum::serve(listener, router).await?) };
//!
//!     // Find changes that were never delivered. Save `events.cursor()` to resume after a restart.
//!     let list = bot.client.organization("octo-org").secret_scanning().list();
//!     let watching = async {
//!         let mut events = list.watch().events();
//!         while let Some(event) = events.try_next().await? {
//!             if event.request.is_open() {
//!                 bot.reject(bot.client.repository_of(&event.request)?, event.request.number).await?;
//!             }
//!         }
//!         Ok::<(), Box<dyn std::error::Error>>(())
//!     };
//!     tokio::try_join!(receiving, watching)?;
//!     Ok(())
//! }
//! ```
//!
//! # Words
//!
//! Webhooks and the REST API use different words. In webhooks, GitHub calls the requests *exemption
//! requests*, and sends the same events for requests to dismiss an alert. This table compares the
//! words:
//!
//! | | REST API | webhooks |
//! |---|---|---|
//! | undecided | `open`, `pending` | `pending` |
//! | approved, before the push | `approved`, or still `open` | `pending` |
//! | refused | `denied` | `rejected` |
//! | after the push | `completed` | `completed` |
//! | expired | `expired` | no event |
//! | the reason | `used_in_tests`, `fix_later` | `tests`, `fixed_later` |
//!
//! No status of a request says that the request was approved, so use [`RequestEvent::decision`].
//! Where the words differ, webhooks have types of their own: for example, [`ExemptionStatus`]
//! instead of [`RequestStatus`](crate::RequestStatus).
//!
//! # Setting up a webhook
//!
//! Create it in the settings of a repository, an organization or a GitHub App, with a secret. The
//! content type can be `application/json` or `application/x-www-form-urlencoded`. A GitHub App
//! needs the repository permission "Secret scanning alerts" (read) for the events about secrets.
//! Choose the events "Bypass requests for secret scanning" and "Bypass requests for push rulesets".
//!
//! Sources: GitHub Docs, [Webhook events and
//! payloads](https://docs.github.com/enterprise-cloud@latest/webhooks/webhook-events-and-payloads)
//! and [Validating webhook
//! deliveries](https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries).

pub(crate) mod data;
pub(crate) mod delivery;
pub(crate) mod event;
pub(crate) mod names;
pub(crate) mod receiver;
pub(crate) mod refusal;
pub(crate) mod repository;
pub(crate) mod seen;
pub(crate) mod signature;
pub(crate) mod vocabulary;

pub use self::data::{
    DismissedAlert, DismissedSecretAlert, ExemptedSecret, ExemptionData, SecretLocation,
};
pub use self::delivery::{Delivery, Payload, Target};
pub use self::event::{
    EnterpriseRef, ExemptionMetadata, ExemptionRequest, ExemptionResponse, RequestEvent,
};
pub use self::names::{EventName, ExemptionKind};
pub use self::receiver::Receiver;
pub use self::refusal::Refusal;
pub use self::seen::Seen;
pub use self::vocabulary::{
    Action, ExemptionReason, ExemptionResponseStatus, ExemptionStatus, ExemptionType,
};
