//! The outcomes of earlier requests.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use github_bypass_requests::{AnyBypassRequest, Decision};

use crate::output::row;
use crate::terminal::time::ago;

/// The number of earlier requests to show.
const SHOWN: usize = 3;

/// The requests of a month, as counts and short lines.
#[derive(Debug, Default)]
pub(crate) struct History {
    requesters: HashMap<String, Counts>,
    /// The newest decided requests, by their secret types or rules.
    decided: HashMap<String, Vec<Past>>,
    /// True if the whole month was read.
    pub(crate) is_complete: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Counts {
    all: usize,
    approved: usize,
    denied: usize,
}

#[derive(Clone, Debug)]
struct Past {
    name: String,
    decision: Decision,
    reviewer: String,
    created_at: DateTime<Utc>,
}

impl History {
    /// Adds a request. The newest request must be added first.
    pub(crate) fn add(&mut self, request: &AnyBypassRequest) {
        let counts = self
            .requesters
            .entry(request.requester().to_string())
            .or_default();
        counts.all += 1;
        let Some(decision) = request.decision() else {
            return;
        };
        match decision {
            Decision::Approve => counts.approved += 1,
            _ => counts.denied += 1,
        }
        let decided = self.decided.entry(row::what(request)).or_default();
        if decided.len() < SHOWN {
            let reviewer = request
                .deciding_response()
                .map(|response| response.reviewer.to_string());
            decided.push(Past {
                name: name(request),
                decision,
                reviewer: reviewer.unwrap_or_default(),
                created_at: request.created_at(),
            });
        }
    }

    /// Returns how often the requester asked, and the outcomes of similar requests.
    pub(crate) fn lines(
        &self,
        request: &AnyBypassRequest,
        now: DateTime<Utc>,
    ) -> Vec<(&'static str, String)> {
        let counts = self.requesters.get(&request.requester().to_string());
        let Counts {
            all,
            approved,
            denied,
        } = counts.copied().unwrap_or_default();
        let so_far = if self.is_complete { "" } else { " (so far)" };
        let times = if all == 1 {
            "once".to_owned()
        } else {
            format!("{all} times")
        };
        let mut lines = vec![(
            "Requester",
            format!("asked {times} this month: {approved} approved, {denied} rejected{so_far}"),
        )];
        let this = name(request);
        let decided = self.decided.get(&row::what(request)).into_iter().flatten();
        for past in decided.filter(|past| past.name != this) {
            let decision = match past.decision {
                Decision::Approve => "approved",
                _ => "rejected",
            };
            let when = ago(past.created_at, now);
            let Past { name, reviewer, .. } = past;
            let by = if reviewer.is_empty() {
                String::new()
            } else {
                format!(" by {reviewer}")
            };
            lines.push(("Similar", format!("{name} from {when}: {decision}{by}")));
        }
        lines
    }
}

fn name(request: &AnyBypassRequest) -> String {
    format!("{}#{}", request.repository(), request.number())
}
