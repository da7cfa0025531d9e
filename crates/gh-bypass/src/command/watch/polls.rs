//! The state of the polls, and notices about those that fail.

use chrono::{DateTime, Utc};
use github_bypass_requests::{WatchMonitor, WatchStatus};

use crate::failure::describe;
use crate::terminal::time::{rfc3339, span};

/// The lists of a watch, with the state of their polls at the last check.
pub(crate) struct Polls {
    lists: Vec<List>,
}

struct List {
    monitor: WatchMonitor,
    successful_polls: u64,
    /// The time of the first failed poll. `None` if no failure was reported.
    failing_since: Option<DateTime<Utc>>,
}

impl Polls {
    pub(crate) fn new(monitors: Vec<WatchMonitor>) -> Self {
        let lists = monitors.into_iter().map(|monitor| List {
            monitor,
            successful_polls: 0,
            failing_since: None,
        });
        Self {
            lists: lists.collect(),
        }
    }

    /// Returns true if a poll has succeeded or polls have begun to fail since the last update.
    pub(crate) fn have_changed(&self) -> bool {
        self.lists.iter().any(|list| {
            let status = list.monitor.status();
            status.successful_polls != list.successful_polls
                || failing_since(&status) != list.failing_since
        })
    }

    /// Updates the state. Returns a notice for each list whose polls have begun to fail or work
    /// again.
    pub(crate) fn update(&mut self, now: DateTime<Utc>) -> Vec<String> {
        let lists = self.lists.iter_mut();
        lists.filter_map(|list| list.update(now)).collect()
    }
}

impl List {
    fn update(&mut self, now: DateTime<Utc>) -> Option<String> {
        let status = self.monitor.status();
        self.successful_polls = status.successful_polls;
        let before = self.failing_since;
        self.failing_since = failing_since(&status);
        match (before, self.failing_since) {
            (None, Some(since)) => {
                let error = status.last_error.as_deref().map(describe);
                Some(format!(
                    "polling has failed since {}: {}",
                    rfc3339(since),
                    error.unwrap_or_default()
                ))
            }
            (Some(since), None) if !status.has_ended => Some(format!(
                "polling works again after {}: {}",
                span(now - since),
                self.monitor.list()
            )),
            _ => None,
        }
    }
}

/// A list that has ended is not failing: the stream has returned its error.
fn failing_since(status: &WatchStatus) -> Option<DateTime<Utc>> {
    status.failing_since.filter(|_| !status.has_ended)
}
