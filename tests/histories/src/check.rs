//! The checks. Each one verifies one sentence of the documentation.

mod calls;
mod walks;
mod watches;

use crate::history::Violation;
use crate::sim::Sim;

pub(crate) fn all(sim: &Sim) -> Vec<Violation> {
    let mut violations = Vec::new();
    calls::check(sim, &mut violations);
    walks::check(sim, &mut violations);
    watches::check(sim, &mut violations);
    violations
}
