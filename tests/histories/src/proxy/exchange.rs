//! Takes one HTTP request to the server, and the response back to the client.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, IF_NONE_MATCH, LINK, LOCATION, RETRY_AFTER, USER_AGENT,
};
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixStream;
use tokio::time::sleep;

use crate::fault::{Fault, Target};
use crate::message::{Message, Reply};
use crate::proxy::HOST_NAME;
use crate::proxy::replies::{error, rate_limited, reply, unavailable};
use crate::record::{Effect, EffectOf, ServedPage};
use crate::sim::Sim;
use crate::slip::Slip;
use crate::world::{COLLEAGUE, Change, Key, Kind, Place, dismissal_path};

/// The end of a path to a bypass request that does not exist.
const MISSING: &str = "/999999";
const OTHER_HOST: &str = "elsewhere.example";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connection {
    Open,
    Closed,
}

/// An HTTP request on its way to the server, and the fault that it has.
pub(super) struct Exchange {
    sim: Arc<Sim>,
    message: Message,
    about: Option<Place>,
    target: Target,
    fault: Option<Fault>,
    /// The time at which the server responded.
    responded: Option<Duration>,
    /// The `Link` header of the response.
    link: Option<String>,
}

impl Exchange {
    pub(super) fn new(sim: Arc<Sim>, message: Message) -> Self {
        let about = sim.world().target(&message.target);
        let target = Target {
            is_write: message.method != Method::GET,
            is_list: message.target.contains('?'),
            is_conditional: message.headers.contains_key(IF_NONE_MATCH),
        };
        let fault = if sim.is_calm() {
            None
        } else {
            sim.plan.faults.draw(&mut sim.rng(), target)
        };
        Self {
            sim,
            message,
            about,
            target,
            fault,
            responded: None,
            link: None,
        }
    }

    pub(super) async fn run(&mut self, stream: &mut UnixStream) -> Connection {
        if let Some(outage) = self.sim.outage() {
            self.trace("is lost in an outage");
            if outage.refuses {
                return Connection::Closed;
            }
            self.sim.count(Fault::Outage);
            return send(stream, &unavailable(503)).await;
        }
        if let Some(fault) = self.fault {
            self.sim.count(fault);
        }
        // Each trip through the network takes a random time, so that the seed decides the order of
        // arrival.
        self.wait(1..60).await;
        let connection = self.respond(stream).await;
        // Watches follow the organization's list.
        if self.target.is_list && self.message.target.starts_with("/orgs/") {
            self.record_page();
        }
        connection
    }

    async fn wait(&self, milliseconds: Range<u64>) {
        let wait = self.sim.rng().u64(milliseconds);
        sleep(Duration::from_millis(wait)).await;
    }

    /// Carries the request out and sends a response, subject to the fault.
    async fn respond(&mut self, stream: &mut UnixStream) -> Connection {
        let coin = self.sim.rng().bool();
        if self.sim.slips(Slip::PermitsKept) && self.message.target.ends_with(MISSING) {
            sleep(Duration::MAX).await;
        }
        let reply = match self.fault {
            Some(Fault::ResetBefore) => {
                self.trace("is lost");
                return Connection::Closed;
            }
            Some(Fault::Stalled) => {
                if coin {
                    self.carry_out();
                } else {
                    self.trace("is lost, and the connection stays open");
                }
                // This read ends when the client gives up.
                let _ = stream.read(&mut [0]).await;
                return Connection::Closed;
            }
            Some(Fault::CarriedOutLate) => {
                self.carry_out_late();
                return Connection::Closed;
            }
            Some(Fault::RateLimited) => {
                self.trace("is rate limited");
                rate_limited(&self.sim)
            }
            Some(Fault::Failed) => {
                self.trace("fails with a 5xx");
                self.unavailable()
            }
            Some(Fault::FailedAfter) => {
                self.carry_out();
                self.unavailable()
            }
            Some(Fault::Portal) => {
                self.trace("reaches a captive portal");
                reply(
                    StatusCode::OK,
                    &[(CONTENT_TYPE, "text/html")],
                    "<html>Please log in</html>",
                )
            }
            Some(Fault::OtherHost) if !self.target.is_list => {
                self.trace("is redirected to another host");
                let location = format!("http://{OTHER_HOST}{}", self.message.target);
                reply(StatusCode::FOUND, &[(LOCATION, &location)], "")
            }
            Some(Fault::Delayed) => {
                self.wait(1_000..9_000).await;
                self.carry_out()
            }
            Some(Fault::Duplicated) => {
                let first = self.carry_out();
                let key = String::from_utf8_lossy(&self.message.body).into_owned();
                let key = key + &self.message.target;
                self.sim.record().duplicated.insert(key);
                let second = self.carry_out();
                if coin { first } else { second }
            }
            _ => self.carry_out(),
        };
        let reply = self.spoil(reply);
        let link = reply.headers.get(LINK);
        self.link = link.map(|link| link.to_str().expect("ASCII").to_owned());
        self.wait(1..40).await;
        if self.fault == Some(Fault::ResetAfter) {
            return Connection::Closed;
        }
        if self.fault == Some(Fault::Truncated) {
            let bytes = reply.bytes();
            // Cut off half of the body, or half of the head if there is no body.
            let cut = bytes.len()
                - (reply.body.len() / 2).max(bytes.len() / 2 * usize::from(reply.body.is_empty()));
            let _ = stream.write_all(&bytes[..cut]).await;
            return Connection::Closed;
        }
        send(stream, &reply).await
    }

    /// Sends the request to the server.
    fn carry_out(&mut self) -> Reply {
        let token = self.message.header(&AUTHORIZATION);
        let user = self.sim.user(token.trim_start_matches("Bearer "));
        let Some(user) = user else {
            self.trace("is unauthorized");
            return error(StatusCode::UNAUTHORIZED, "Bad credentials");
        };
        let mut message = self.message.clone();
        message.authorize(&user);
        let reply = if self.target.is_write {
            self.write(message, &user)
        } else {
            let is_stale = self.fault == Some(Fault::Stale);
            let now = self.sim.now();
            self.responded = Some(now);
            self.sim.world().read(now, &message, is_stale)
        };
        self.trace_reply(&reply);
        reply
    }

    fn write(&self, mut message: Message, user: &str) -> Reply {
        let sim = &self.sim;
        if sim.slips(Slip::AnotherDismissed) && message.method == Method::DELETE {
            self.dismiss_another(&mut message);
        }
        let reply = sim
            .change(Change::Write(message.clone()))
            .expect("a response");
        if reply.status.is_success() {
            let effect = self.effect(&message, &reply);
            if sim.slips(Slip::AppliedTwice)
                && let EffectOf::Review { response, .. } = effect
            {
                self.record_effect(user, effect);
                let place = self.about.expect("a request");
                let dismissal = Message::dismissal(place.repository, response, COLLEAGUE);
                sim.change(Change::Write(dismissal));
                let reply = sim
                    .change(Change::Write(message.clone()))
                    .expect("a response");
                self.record_effect(user, self.effect(&message, &reply));
                return reply;
            }
            self.record_effect(user, effect);
        }
        reply
    }

    fn effect(&self, message: &Message, reply: &Reply) -> EffectOf {
        if message.method == Method::DELETE {
            let (_, response) = message.target.rsplit_once('/').expect("a path");
            return EffectOf::Dismissal {
                response: response.parse().expect("an id"),
            };
        }
        let sent: Value = serde_json::from_slice(&message.body).expect("JSON");
        let received: Value = serde_json::from_slice(&reply.body).expect("JSON");
        EffectOf::Review {
            message: sent["message"].as_str().expect("a message").to_owned(),
            response: received["bypass_review_id"].as_i64().expect("an id"),
        }
    }

    fn record_effect(&self, user: &str, what: EffectOf) {
        self.sim.record().effects.push(Effect {
            at: self.sim.now(),
            user: user.to_owned(),
            what,
        });
    }

    /// Changes the message so that it dismisses another response, if there is one.
    fn dismiss_another(&self, message: &mut Message) {
        let world = self.sim.world();
        let others = world.entries.iter().find_map(|entry| {
            let responses = entry.state().responses.iter();
            let others = responses.filter(|it| it.status != "dismissed");
            let path = |id| dismissal_path(entry.place.repository, id);
            others
                .map(|it| path(it.id))
                .find(|path| *path != message.target)
        });
        if let Some(other) = others {
            message.target = other;
        }
    }

    /// Carries the request out after the connection is lost.
    fn carry_out_late(&self) {
        let max = self.sim.plan.faults.max_late.as_millis() as u64;
        let late = Duration::from_millis(self.sim.rng().u64(..=max));
        self.trace("loses its connection, and is carried out later");
        let mut late_one = Self {
            sim: self.sim.clone(),
            message: self.message.clone(),
            link: None,
            ..*self
        };
        tokio::spawn(async move {
            sleep(late).await;
            late_one.carry_out();
        });
    }

    /// Changes the response according to the fault.
    fn spoil(&self, mut reply: Reply) -> Reply {
        if self.sim.plan.has_no_links && !self.sim.is_calm() {
            reply.headers.remove(LINK);
        }
        match self.fault {
            Some(Fault::NoLink) => {
                reply.headers.remove(LINK);
            }
            Some(Fault::NoEtag) => {
                reply.headers.remove(ETAG);
            }
            Some(Fault::UntrueNotModified) if reply.status == StatusCode::OK => {
                self.trace("gets an untrue 304");
                reply.status = StatusCode::NOT_MODIFIED;
                reply.body.clear();
            }
            Some(Fault::OtherHost) if self.target.is_list => {
                if let Some(link) = reply.headers.get_mut(LINK) {
                    let other = link.to_str().expect("ASCII").replace(HOST_NAME, OTHER_HOST);
                    *link = HeaderValue::try_from(other).expect("ASCII");
                }
            }
            Some(Fault::BadItem) => self.spoil_item(&mut reply),
            _ => {}
        }
        reply
    }

    /// Replaces a field of one item with a value of another type.
    fn spoil_item(&self, reply: &mut Reply) {
        let Ok(Value::Array(mut items)) = serde_json::from_slice(&reply.body) else {
            return;
        };
        if items.is_empty() {
            return;
        }
        let index = self.sim.rng().usize(..items.len());
        let key = self.key(&items[index]);
        self.trace(&format!("contains an undecodable {key:?}"));
        items[index]["created_at"] = json!(0);
        self.sim.record().bad_items.push((self.sim.now(), key));
        reply.body = Value::Array(items).to_string().into();
        // A changed body needs a new `ETag`.
        let tag = format!("\"undecodable-{}\"", self.sim.now().as_millis());
        let tag = HeaderValue::try_from(tag).expect("a value");
        reply.headers.insert(ETAG, tag);
    }

    fn key(&self, item: &Value) -> Key {
        let is_secret = self.message.target.contains("/secret-scanning");
        let kind = if is_secret { Kind::Secret } else { Kind::Rule };
        (kind, item["id"].as_i64().expect("an id"))
    }

    fn unavailable(&self) -> Reply {
        let mut rng = self.sim.rng();
        let status = rng.choice([500, 502, 503, 504]);
        let mut reply = unavailable(status.expect("a status"));
        if rng.u32(..3) == 0 {
            let seconds = HeaderValue::from(rng.u64(1..10));
            reply.headers.insert(RETRY_AFTER, seconds);
        }
        reply
    }

    /// Records a page that a watch requested. The user agent contains the part of the watch.
    fn record_page(&self) {
        let agent = self.message.header(&USER_AGENT);
        let Some((_, part)) = agent.rsplit_once("part/") else {
            return;
        };
        let page = self
            .message
            .target
            .split(['?', '&'])
            .find_map(|it| it.strip_prefix("page="));
        let page: usize = page.map_or(1, |page| page.parse().expect("a number"));
        let Some(at) = self.responded else { return };
        let world = self.sim.world();
        let secrets = world.entries.iter().filter(|it| it.key.0 == Kind::Secret);
        let listed = secrets.count();
        // Without links, the client requests pages until one is not full.
        let is_last = match &self.link {
            Some(link) => !link.contains("rel=\"next\""),
            None => page * self.sim.plan.per_page as usize > listed,
        };
        drop(world);
        let served = ServedPage {
            at,
            part: part.parse().expect("a number"),
            page,
            is_true: matches!(
                self.fault,
                None | Some(Fault::NoEtag | Fault::NoLink | Fault::OtherHost)
            ),
            is_last,
        };
        self.sim.record().pages.push(served);
    }

    fn trace(&self, what: &str) {
        self.sim
            .trace(self.about, || format!("{} {what}", self.name()));
    }

    fn trace_reply(&self, reply: &Reply) {
        let fault = self.fault;
        self.sim.trace(self.about, || {
            let fault = fault.map_or_else(String::new, |fault| format!(" ({fault:?})"));
            let body = match self.target.is_write {
                true => String::from_utf8_lossy(&reply.body).into_owned(),
                false => String::new(),
            };
            format!("{} → {}{fault} {body}", self.name(), reply.status.as_u16())
        });
    }

    fn name(&self) -> String {
        let Message {
            method,
            target,
            body,
            ..
        } = &self.message;
        let token = self.message.header(&AUTHORIZATION);
        let token = token.trim_start_matches("Bearer ");
        let body = String::from_utf8_lossy(body);
        let about = match self.about {
            Some(place) if *method != Method::DELETE => place.to_string(),
            _ => target.rsplit('/').next().unwrap_or_default().to_owned(),
        };
        format!("{token}: {method} {about} {body}")
            .trim_end()
            .to_owned()
    }
}

/// Sends a response, unless the client is gone.
async fn send(stream: &mut UnixStream, reply: &Reply) -> Connection {
    match stream.write_all(&reply.bytes()).await {
        Ok(()) => Connection::Open,
        Err(_) => Connection::Closed,
    }
}
