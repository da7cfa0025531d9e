//! The plan of a history, drawn from its seed.

use std::time::Duration;

use fastrand::Rng;

use crate::fault::{Fault, Faults, Outage};

/// The plan of a history.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    /// The number of requests at the start.
    pub(crate) requests: usize,
    pub(crate) writers: usize,
    pub(crate) readers: usize,
    pub(crate) watchers: usize,
    /// True if a colleague reviews requests and dismisses responses, and requesters cancel and
    /// complete requests.
    pub(crate) colleague: bool,
    pub(crate) per_page: u32,
    /// The largest number of requests that are added at once. 0 if none are added.
    pub(crate) burst: u32,
    /// The time during which writers, readers and people act.
    pub(crate) duration: Duration,
    /// True if the watch follows a queue.
    pub(crate) queue: bool,
    /// The interval between the polls of a watch.
    pub(crate) every: Duration,
    /// The time limit of a call.
    pub(crate) call_timeout: Option<Duration>,
    /// True if tokens are replaced, and the old ones are revoked.
    pub(crate) rotates: bool,
    /// The share of calls that are dropped before they end.
    pub(crate) dropped: f64,
    /// The lag of the replica.
    pub(crate) lag: Duration,
    /// True if the responses of the replica have an old `Date`, too, like those of a cache.
    pub(crate) has_old_date: bool,
    /// True if all responses lack the `Link` header. Otherwise, only those with [`Fault::NoLink`]
    /// do.
    pub(crate) has_no_links: bool,
    pub(crate) faults: Faults,
}

impl Plan {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let [writers, readers, watchers] = match rng.u32(..20) {
            0..8 => [rng.usize(1..=2), 0, 0],
            8..14 => [0, rng.usize(1..=2), 0],
            14..18 => [0, 0, 1],
            _ => [1, 1, 1],
        };
        // If the interval is shorter than the lag, several polls can see the same old state of the
        // replica.
        let every = match rng.bool() {
            true => Duration::from_secs(rng.u64(2..=6)),
            false => Duration::from_secs(rng.u64(10..=60)),
        };
        let duration = match watchers {
            0 => Duration::from_secs(rng.u64(60..=240)),
            _ => every * rng.u32(15..=30),
        };
        // A write that is carried out late must be visible before the client stops reading it back,
        // after 15 seconds.
        let lag = Duration::from_millis(rng.u64(500..=10_000));
        let max_late = Duration::from_secs(14).saturating_sub(lag);
        let mut faults = Faults {
            enabled: Vec::new(),
            rate: rng.choice([0.0, 0.05, 0.15, 0.3]).unwrap_or_default(),
            max_late: max_late.min(Duration::from_secs(10)),
            outages: Vec::new(),
        };
        // A history with few kinds of faults reaches states that one with all kinds does not reach.
        let share = rng.choice([0.15, 0.4, 1.0]).unwrap_or_default();
        for fault in Fault::ALL {
            if rng.f64() < share {
                faults.enabled.push(fault);
            }
        }
        // Documented: a walk over a lagging replica may miss requests.
        if readers > 0 {
            faults.enabled.retain(|fault| *fault != Fault::Stale);
        }
        if faults.rate > 0.0 && faults.has(Fault::Outage) {
            let start = Duration::from_secs(rng.u64(1..duration.as_secs()));
            faults.outages.push(Outage {
                start,
                end: start + Duration::from_secs(rng.u64(1..=60)),
                refuses: rng.bool(),
            });
        }
        Self {
            requests: if readers + watchers > 0 {
                rng.usize(1..=30)
            } else {
                rng.usize(1..=4)
            },
            writers,
            readers,
            watchers,
            colleague: readers == 0 || rng.bool(),
            per_page: rng.u32(2..=10),
            burst: if rng.bool() { rng.u32(1..=12) } else { 0 },
            duration,
            every,
            call_timeout: (rng.u32(..4) == 0).then(|| Duration::from_secs(rng.u64(1..=60))),
            rotates: rng.u32(..4) == 0,
            dropped: rng.choice([0.0, 0.1, 0.4]).unwrap_or_default(),
            lag,
            has_old_date: rng.bool(),
            has_no_links: rng.bool() && faults.rate > 0.0 && faults.has(Fault::NoLink),
            // Drawn last, so that the other values of a seed do not depend on it.
            queue: rng.u32(..2) == 0,
            faults,
        }
    }
}
