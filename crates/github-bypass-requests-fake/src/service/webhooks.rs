//! Delivers changes of bypass requests to webhooks.

mod delivery_log;
mod headers;
pub(super) mod payload;
mod sender;
mod signature;

use chrono::{DateTime, Utc};
use tokio::{
    sync::mpsc::{self, error::TrySendError},
    task::JoinSet,
};

use self::{delivery_log::DeliveryLog, payload::Event, sender::Job};
use crate::{
    delivery::Delivery, event_names::EventNames, hook::Hook, world::bypass_request::BypassRequest,
};

/// The number of deliveries that can wait for a slow receiver.
const MAX_QUEUE: usize = 1_000;

/// The webhooks and their deliveries. Without webhooks, no payload is built.
#[derive(Debug, Default)]
pub(crate) struct Webhooks {
    event_names: EventNames,
    queues: Vec<Queue>,
    deliveries: DeliveryLog,
}

/// A webhook and its unsent deliveries.
#[derive(Debug)]
struct Queue {
    hook_id: u64,
    hook: Hook,
    jobs: mpsc::Sender<Job>,
}

impl Webhooks {
    /// Starts a task for each webhook. Dropping the returned set stops the tasks.
    pub(crate) fn start(hooks: Vec<Hook>, event_names: EventNames) -> (Self, JoinSet<()>) {
        let mut tasks = JoinSet::new();
        let mut webhooks = Self {
            event_names,
            ..Self::default()
        };
        for (hook_id, hook) in (1..).zip(hooks) {
            let (jobs, queued) = mpsc::channel(MAX_QUEUE);
            let deliveries = webhooks.deliveries.clone();
            tasks.spawn(sender::run(hook.clone(), queued, deliveries));
            webhooks.queues.push(Queue {
                hook_id,
                hook,
                jobs,
            });
        }
        (webhooks, tasks)
    }

    /// Delivers a change to all webhooks. Returns at once.
    pub(super) fn deliver(&self, request: &BypassRequest, event: &Event<'_>, now: DateTime<Utc>) {
        if self.queues.is_empty() {
            return;
        }
        let name = self.event_names.name(request.findings.kind());
        let body = payload::of(request, event, now);
        let id = guid();
        for queue in &self.queues {
            let action = Some(event.action());
            self.enqueue(queue, queue.delivery(&id, name, action, body.clone()));
        }
    }

    /// Sends a ping to all webhooks.
    pub(crate) fn ping(&self) {
        for queue in &self.queues {
            let body = payload::ping(queue.hook_id, &queue.hook.url, &self.event_names.all());
            self.enqueue(queue, queue.delivery(&guid(), "ping", None, body));
        }
    }

    /// Sends a delivery again to each webhook that got it. Returns false if there is no such
    /// delivery.
    pub(crate) fn redeliver(&self, id: &str) -> bool {
        let deliveries = self.deliveries();
        let mut found = false;
        for queue in &self.queues {
            let delivery = deliveries
                .iter()
                .find(|delivery| delivery.id == id && delivery.hook_id == queue.hook_id);
            if let Some(delivery) = delivery {
                let delivery = Delivery {
                    redelivery: true,
                    status: None,
                    duration: None,
                    error: None,
                    ..delivery.clone()
                };
                self.enqueue(queue, delivery);
                found = true;
            }
        }
        found
    }

    pub(crate) fn deliveries(&self) -> Vec<Delivery> {
        self.deliveries.lock().all()
    }

    pub(crate) fn clear_deliveries(&self) {
        self.deliveries.lock().clear();
    }

    fn enqueue(&self, queue: &Queue, delivery: Delivery) {
        let position = self.deliveries.lock().push(delivery.clone());
        let error = match queue.jobs.try_send(Job { position, delivery }) {
            Ok(()) => return,
            Err(TrySendError::Full(_)) => format!("{MAX_QUEUE} deliveries are already waiting"),
            Err(TrySendError::Closed(_)) => "the runtime of the fake has stopped".to_owned(),
        };
        let mut deliveries = self.deliveries.lock();
        deliveries.change(position, |delivery| delivery.error = Some(error));
    }
}

impl Queue {
    fn delivery(&self, id: &str, event: &str, action: Option<&str>, body: String) -> Delivery {
        Delivery {
            id: id.to_owned(),
            hook_id: self.hook_id,
            event: event.to_owned(),
            action: action.map(str::to_owned),
            redelivery: false,
            headers: headers::of(self.hook_id, &self.hook.secret, id, event, &body),
            body,
            status: None,
            duration: None,
            error: None,
        }
    }
}

/// Returns a random GUID. A restarted fake must not reuse ids that a receiver already knows.
fn guid() -> String {
    let bits = fastrand::u128(..);
    format!(
        "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        bits >> 96,
        (bits >> 80) & 0xffff,
        // The version and the variant of random GUIDs.
        (bits >> 64) & 0x0fff | 0x4000,
        (bits >> 48) & 0x3fff | 0x8000,
        bits & 0xffff_ffff_ffff,
    )
}
