//! Limits the number of reads in flight, and spaces out writes.

use std::time::Duration;

use http::Method;
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::time::{Instant, sleep};

use crate::transport::lock::Lock;

/// The limits on concurrent reads and writes, shared by a client and its clones.
#[derive(Debug)]
pub(crate) struct Pace {
    reads: Semaphore,
    writes: Semaphore,
    write_interval: Duration,
    last_write: Lock<Option<Instant>>,
}

impl Pace {
    pub(crate) fn new(max_reads: usize, write_interval: Duration) -> Self {
        Self {
            reads: Semaphore::new(max_reads.min(Semaphore::MAX_PERMITS)),
            writes: Semaphore::new(1),
            write_interval,
            last_write: Lock::default(),
        }
    }

    /// Waits for a turn to send. The turn lasts until the permit is dropped.
    pub(crate) async fn turn(&self, method: &Method) -> Option<SemaphorePermit<'_>> {
        // Acquiring a permit always succeeds, because the semaphores are never closed.
        if method == Method::GET {
            return self.reads.acquire().await.ok();
        }
        let turn = self.writes.acquire().await.ok();
        let last = *self.last_write.lock();
        if let Some(last) = last {
            sleep(self.write_interval.saturating_sub(last.elapsed())).await;
        }
        turn
    }

    /// Records that an attempt starts now.
    pub(crate) fn record_start(&self, method: &Method) {
        if method != Method::GET {
            *self.last_write.lock() = Some(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Returns the time spent waiting for a turn.
    async fn waited(pace: &Pace, method: &Method) -> Duration {
        let started = Instant::now();
        let turn = pace.turn(method).await;
        assert!(turn.is_some());
        started.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn writes_start_an_interval_apart_and_reads_do_not_count() {
        let pace = Pace::new(1, SECOND);
        assert_eq!(waited(&pace, &Method::PATCH).await, Duration::ZERO);
        pace.record_start(&Method::GET);
        assert_eq!(waited(&pace, &Method::DELETE).await, Duration::ZERO);
        pace.record_start(&Method::DELETE);
        assert_eq!(waited(&pace, &Method::GET).await, Duration::ZERO);
        assert_eq!(waited(&pace, &Method::PATCH).await, SECOND);
        assert_eq!(waited(&pace, &Method::PATCH).await, Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn reads_are_limited_and_writes_are_serial() {
        let pace = Pace::new(2, Duration::ZERO);
        let _reads = [pace.turn(&Method::GET).await, pace.turn(&Method::GET).await];
        assert_eq!(pace.reads.available_permits(), 0);
        let _write = pace.turn(&Method::PATCH).await;
        assert_eq!(pace.writes.available_permits(), 0);
        let unlimited = Pace::new(usize::MAX, Duration::MAX);
        assert_eq!(unlimited.reads.available_permits(), Semaphore::MAX_PERMITS);
    }
}
