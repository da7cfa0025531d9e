//! The faults that a history may have between the client and the server.

use std::time::Duration;

use fastrand::Rng;

/// A fault of one HTTP request or response.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fault {
    /// The request is carried out some seconds later than usual.
    Delayed,
    /// The connection is closed, and the request is not carried out.
    ResetBefore,
    /// The request is carried out, and the connection is closed.
    ResetAfter,
    /// The connection is closed, and the request is carried out up to ten seconds later.
    CarriedOutLate,
    /// Half of the response arrives, then the connection is closed.
    Truncated,
    /// The request may be carried out, and no response arrives.
    Stalled,
    /// The request is refused by a rate limit.
    RateLimited,
    /// A 5xx; the request is not carried out.
    Failed,
    /// A 5xx; the request is carried out.
    FailedAfter,
    /// The request is carried out twice.
    Duplicated,
    /// No `Link` header.
    NoLink,
    /// No `ETag` header.
    NoEtag,
    /// The response comes from a replica that lags behind.
    Stale,
    /// A 304 although the page has changed.
    UntrueNotModified,
    /// A request in a list cannot be decoded.
    BadItem,
    /// The response is the page of a captive portal.
    Portal,
    /// The response has a link or a redirect to another host.
    OtherHost,
    /// The server is down for up to a minute. This is not a fault of one request.
    Outage,
}

impl Fault {
    pub const ALL: [Self; 18] = [
        Self::Delayed,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::CarriedOutLate,
        Self::Truncated,
        Self::Stalled,
        Self::RateLimited,
        Self::Failed,
        Self::FailedAfter,
        Self::Duplicated,
        Self::NoLink,
        Self::NoEtag,
        Self::Stale,
        Self::UntrueNotModified,
        Self::BadItem,
        Self::Portal,
        Self::OtherHost,
        Self::Outage,
    ];

    fn applies(self, to: Target) -> bool {
        match self {
            Self::CarriedOutLate | Self::Duplicated => to.is_write,
            Self::Stale => !to.is_write,
            Self::NoLink | Self::NoEtag | Self::BadItem => to.is_list,
            Self::OtherHost => !to.is_write,
            Self::UntrueNotModified => to.is_conditional,
            Self::Outage => false,
            _ => true,
        }
    }
}

/// The properties of a request that decide which faults it may have.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Target {
    pub(crate) is_write: bool,
    pub(crate) is_list: bool,
    pub(crate) is_conditional: bool,
}

/// The faults of a history.
#[derive(Clone, Debug)]
pub(crate) struct Faults {
    pub(crate) enabled: Vec<Fault>,
    /// The share of HTTP requests that have a fault.
    pub(crate) rate: f64,
    /// The longest time between a lost connection and the execution of its request.
    pub(crate) max_late: Duration,
    pub(crate) outages: Vec<Outage>,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Outage {
    pub(crate) start: Duration,
    pub(crate) end: Duration,
    /// If true, connections are refused. Otherwise, every response is a 503.
    pub(crate) refuses: bool,
}

impl Faults {
    pub(crate) fn draw(&self, rng: &mut Rng, target: Target) -> Option<Fault> {
        if rng.f64() >= self.rate {
            return None;
        }
        let possible: Vec<Fault> = self
            .enabled
            .iter()
            .copied()
            .filter(|fault| fault.applies(target))
            .collect();
        rng.choice(possible)
    }

    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.enabled.contains(&fault)
    }
}
