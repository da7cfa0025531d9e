//! The pace: how many reads are in flight, and how far apart writes are.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use http::Method;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep_until};

use crate::gate::LONGEST_WAIT;

/// Shared by a client and its clones.
#[derive(Debug)]
pub(crate) struct Pace {
    reads: Semaphore,
    writes: Semaphore,
    write_interval: Duration,
    last_write: Mutex<Option<Instant>>,
}

impl Pace {
    pub(crate) fn new(max_reads: usize, write_interval: Duration) -> Self {
        Self {
            reads: Semaphore::new(max_reads.min(Semaphore::MAX_PERMITS)),
            writes: Semaphore::new(1),
            write_interval: write_interval.min(LONGEST_WAIT),
            last_write: Mutex::new(None),
        }
    }

    /// Waits for a turn, which lasts until the permit is dropped.
    pub(crate) async fn turn(&self, method: &Method) -> Option<SemaphorePermit<'_>> {
        // The semaphores are never closed.
        if method == Method::GET {
            return self.reads.acquire().await.ok();
        }
        let turn = self.writes.acquire().await.ok();
        let last = *self.last_write();
        if let Some(next) = last.and_then(|last| last.checked_add(self.write_interval)) {
            sleep_until(next).await;
        }
        turn
    }

    /// An attempt begins now.
    pub(crate) fn begin(&self, method: &Method) {
        if method != Method::GET {
            *self.last_write() = Some(Instant::now());
        }
    }

    fn last_write(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.last_write
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
