//! Remembers deliveries.

use std::collections::{HashSet, VecDeque};
use std::sync::{Mutex, PoisonError};

use crate::webhook::delivery::Delivery;

/// Remembers which deliveries are being handled or were handled.
///
/// On GitHub, a person can send a delivery again for up to three days after the first time (on
/// Enterprise Server, seven). A redelivery has the same id and hook id as the original, and a valid
/// signature, so only its ids show that it was handled before. The memory holds a fixed number of
/// deliveries, and forgets the oldest one first.
///
/// It is no protection against an attacker who has a signed delivery, because the signature does
/// not cover the ids. It also belongs to one process and is lost at a restart: if several processes
/// receive the deliveries of a webhook, keep the pairs of [`hook_id`](Delivery::hook_id) and
/// [`id`](Delivery::id) in a store that they share. If `Seen` misses a repeated delivery for one of
/// these reasons, [`review_if_open`](crate::SecretScanning::review_if_open) still prevents a second
/// review.
///
/// # Examples
///
/// ```
/// use github_bypass_requests::webhook::{Delivery, Seen};
///
/// # fn handle(_: &Delivery) -> Result<(), std::io::Error> { Ok(()) }
/// fn once(seen: &Seen, delivery: &Delivery) -> Result<(), std::io::Error> {
///     // If several copies arrive at once, `insert` returns true for only one of them.
///     if seen.insert(delivery) {
///         // If handling fails, forget the delivery, so that a redelivery is not skipped.
///         handle(delivery).inspect_err(|_| seen.remove(delivery))?;
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct Seen {
    capacity: usize,
    pairs: Mutex<Pairs>,
}

type Pair = (Option<u64>, String);

#[derive(Debug, Default)]
struct Pairs {
    known: HashSet<Pair>,
    /// The oldest pair first.
    order: VecDeque<Pair>,
}

impl Seen {
    /// Creates a `Seen` that remembers this many deliveries. Each one takes about 200 bytes.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            pairs: Mutex::default(),
        }
    }

    /// Returns true if the delivery was inserted before and has not been forgotten. Returns false
    /// if the delivery has no id.
    pub fn contains(&self, delivery: &Delivery) -> bool {
        pair(delivery).is_some_and(|pair| self.lock().known.contains(&pair))
    }

    /// Remembers the delivery. Returns true if the delivery was not remembered before, or if it has
    /// no id.
    pub fn insert(&self, delivery: &Delivery) -> bool {
        let Some(pair) = pair(delivery) else {
            return true;
        };
        let mut pairs = self.lock();
        if !pairs.known.insert(pair.clone()) {
            return false;
        }
        pairs.order.push_back(pair);
        if pairs.order.len() > self.capacity
            && let Some(oldest) = pairs.order.pop_front()
        {
            pairs.known.remove(&oldest);
        }
        true
    }

    /// Forgets the delivery.
    pub fn remove(&self, delivery: &Delivery) {
        let Some(pair) = pair(delivery) else {
            return;
        };
        let mut pairs = self.lock();
        if pairs.known.remove(&pair) {
            pairs.order.retain(|known| *known != pair);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Pairs> {
        self.pairs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn pair(delivery: &Delivery) -> Option<Pair> {
    Some((delivery.hook_id(), delivery.id()?.to_owned()))
}
