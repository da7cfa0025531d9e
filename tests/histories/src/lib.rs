//! Random histories of the client, checked against what its documentation promises.

mod actor;
mod check;
mod fault;
mod history;
mod plan;
mod proxy;
mod record;
mod sim;
mod slip;
mod trace;
mod wall_clock;
mod world;

pub use fault::Fault;
pub use history::{History, Violation, run};
pub use slip::Slip;
