//! The log of deliveries.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::{
    delivery::Delivery,
    service::log::{Entry, Log},
};

/// The newest deliveries. It has its own lock, so that a task that sends deliveries does not need
/// the lock of the state.
#[derive(Clone, Debug, Default)]
pub(super) struct DeliveryLog(Arc<Mutex<Log<Delivery>>>);

impl DeliveryLog {
    pub(super) fn lock(&self) -> MutexGuard<'_, Log<Delivery>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry for Delivery {
    fn size(&self) -> usize {
        self.body.len()
    }
}
