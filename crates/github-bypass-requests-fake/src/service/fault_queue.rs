//! The remaining faults.

use axum::http::Method;

use crate::fault::Plan;

/// Faults in the order in which they were added, each with a number of requests.
#[derive(Debug, Default)]
pub(crate) struct FaultQueue(Vec<Queued>);

#[derive(Debug)]
pub(super) struct Queued {
    /// The number of requests that will still get the fault; never zero.
    pub(super) left: usize,
    pub(super) plan: Plan,
}

impl FaultQueue {
    pub(crate) fn push(&mut self, requests: usize, plan: Plan) {
        if requests > 0 {
            self.0.push(Queued {
                left: requests,
                plan,
            });
        }
    }

    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    pub(crate) fn left(&self) -> usize {
        self.0
            .iter()
            .fold(0, |sum, queued| sum.saturating_add(queued.left))
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Queued> {
        self.0.iter()
    }

    /// Takes the first fault for a request with this method.
    pub(super) fn take(&mut self, method: &Method) -> Option<Plan> {
        let fits = |queued: &Queued| queued.plan.only.as_ref().is_none_or(|only| only == method);
        let index = self.0.iter().position(fits)?;
        let queued = self.0.get_mut(index)?;
        queued.left -= 1;
        if queued.left > 0 {
            return Some(queued.plan.clone());
        }
        Some(self.0.remove(index).plan)
    }
}
