//! The remaining faults.

use axum::http::{Method, Uri};

use super::list_query;
use crate::fault::{Aim, Plan};

/// Faults in the order in which they were added, each with the number of requests that will still
/// get it.
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

    /// Takes the first fault that applies to this request. A fault that lets the request pass
    /// reduces its own `skip` by one.
    pub(super) fn take(&mut self, method: &Method, uri: &Uri) -> Option<Plan> {
        let takes = |queued: &mut Queued| {
            if !matches(&queued.plan.aim, method, uri) {
                return false;
            }
            let passes = queued.plan.skip > 0;
            queued.plan.skip = queued.plan.skip.saturating_sub(1);
            !passes
        };
        let index = self.0.iter_mut().position(takes)?;
        let queued = self.0.get_mut(index)?;
        queued.left -= 1;
        if queued.left > 0 {
            return Some(queued.plan.clone());
        }
        Some(self.0.remove(index).plan)
    }
}

fn matches(aim: &Aim, method: &Method, uri: &Uri) -> bool {
    aim.method.as_ref().is_none_or(|only| only == method)
        && aim
            .path_contains
            .as_ref()
            .is_none_or(|text| uri.path().contains(text))
        && aim
            .page
            .is_none_or(|page| requested_page(uri) == Some(page))
}

/// Returns the page of a list, or `None` if the path does not name a list.
fn requested_page(uri: &Uri) -> Option<usize> {
    let mut segments = uri.path().rsplit('/');
    let _kind = segments.next();
    let is_list = segments.next() == Some("bypass-requests");
    is_list.then(|| list_query::page_number(uri.query().unwrap_or_default()))
}
