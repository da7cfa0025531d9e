//! A verified delivery.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use github_bypass_requests_api::webhooks as wire;
use http::HeaderMap;

use crate::response::json;
use crate::webhook::event::RequestEvent;
use crate::webhook::names::EventName;
use crate::webhook::refusal::{Reason, Refusal};

/// A delivery whose signature is valid. Returned by
/// [`Receiver::receive`](crate::webhook::Receiver::receive).
///
/// The signature covers the body only. Anyone who has a signed delivery can send it again with
/// other headers, such as another id or another event name. Read the request from the REST API
/// before you act on it.
///
/// `Debug` prints no part of the body.
#[derive(Clone)]
pub struct Delivery {
    id: Option<String>,
    event: EventName,
    hook_id: Option<u64>,
    target: Target,
    enterprise_host: Option<String>,
    enterprise_version: Option<String>,
    format: BodyFormat,
    body: Bytes,
}

/// How the JSON is encoded in the body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFormat {
    Json,
    /// In the field `payload`.
    Urlencoded,
}

/// The resource that a webhook belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Target {
    /// The type of the resource, for example `repository`, `organization` or `integration`, which
    /// is a GitHub App.
    pub kind: Option<String>,
    /// ID of the resource.
    pub id: Option<u64>,
}

/// The decoded payload of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Payload {
    /// Something happened to a request.
    Request(Box<RequestEvent>),
    /// GitHub tests the webhook. The payload of this event is not decoded.
    Ping,
    /// An event that this version does not know. Its payload is not decoded: see
    /// [`Delivery::payload`].
    Other,
}

impl Delivery {
    /// Returns `None` if the name of the event is missing.
    pub(crate) fn new(headers: &HeaderMap, format: BodyFormat, body: Bytes) -> Option<Self> {
        let of = |name| text(headers, name).map(str::to_owned);
        let number = |name| text(headers, name)?.parse().ok();
        Some(Self {
            event: EventName::from(text(headers, "x-github-event")?),
            id: of("x-github-delivery"),
            hook_id: number("x-github-hook-id"),
            target: Target {
                kind: of("x-github-hook-installation-target-type"),
                id: number("x-github-hook-installation-target-id"),
            },
            enterprise_host: of("x-github-enterprise-host"),
            enterprise_version: of("x-github-enterprise-version"),
            format,
            body,
        })
    }

    /// Returns the GUID of the event. A redelivery has the same GUID. If several webhooks receive
    /// one event, their deliveries share its GUID, too.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// Returns the name of the event.
    pub fn event(&self) -> &EventName {
        &self.event
    }

    /// Returns the ID of the webhook.
    pub fn hook_id(&self) -> Option<u64> {
        self.hook_id
    }

    /// Returns the resource that the webhook belongs to.
    pub fn target(&self) -> &Target {
        &self.target
    }

    /// Returns the host of the Enterprise Server. `None` for GitHub Enterprise Cloud.
    ///
    /// The signature does not cover this header. Do not send a token to this host.
    pub fn enterprise_host(&self) -> Option<&str> {
        self.enterprise_host.as_deref()
    }

    /// Returns the version of the Enterprise Server. `None` for GitHub Enterprise Cloud.
    pub fn enterprise_version(&self) -> Option<&str> {
        self.enterprise_version.as_deref()
    }

    /// Returns the JSON of the payload, undecoded. If the body is a form, that is the value of its
    /// field `payload`.
    ///
    /// # Errors
    ///
    /// [`Refusal::is_unreadable`] if the body is a form that does not have exactly one such field.
    pub fn payload(&self) -> Result<Cow<'_, [u8]>, Refusal> {
        self.json().map_err(|reason| self.refusal(reason))
    }

    /// Decodes the payload, unless the event is a ping or is unknown.
    ///
    /// # Errors
    ///
    /// [`Refusal::is_unreadable`] if the payload cannot be decoded. The refusal is also logged as a
    /// warning.
    pub fn read(&self) -> Result<Payload, Refusal> {
        match &self.event {
            EventName::Ping => Ok(Payload::Ping),
            event if event.kind().is_none() => Ok(Payload::Other),
            event => {
                let event = self.decode(event).map_err(|reason| self.refusal(reason))?;
                Ok(Payload::Request(Box::new(event)))
            }
        }
    }

    fn decode(&self, event: &EventName) -> Result<RequestEvent, Reason> {
        let payload = self.json()?;
        let decoded = json::from_slice::<wire::ExemptionRequestEvent>(&payload);
        let decoded = decoded.or_else(|_| json::read(&payload).map_err(Reason::Unreadable))?;
        Ok(RequestEvent::new(event.clone(), decoded))
    }

    fn json(&self) -> Result<Cow<'_, [u8]>, Reason> {
        if self.format == BodyFormat::Json {
            return Ok(Cow::Borrowed(&self.body));
        }
        let fields = form_urlencoded::parse(&self.body);
        let mut payloads = fields.filter(|(name, _)| name == "payload");
        match (payloads.next(), payloads.count()) {
            (Some((_, payload)), 0) => Ok(Cow::Owned(payload.into_owned().into_bytes())),
            (None, _) => Err(Reason::NoPayload { fields: 0 }),
            (Some(_), more) => Err(Reason::NoPayload { fields: more + 1 }),
        }
    }

    fn refusal(&self, reason: Reason) -> Refusal {
        Refusal::logged(reason, self.id())
    }
}

/// Returns the text of a header. `None` if it is absent, empty or repeated, or if it contains
/// anything but visible ASCII characters, spaces and tabs.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok()?;
    (!value.is_empty() && values.next().is_none()).then_some(value)
}

impl fmt::Debug for Delivery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Delivery")
            .field("id", &self.id)
            .field("event", &self.event)
            .field("hook_id", &self.hook_id)
            .field("target", &self.target)
            .field("bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
