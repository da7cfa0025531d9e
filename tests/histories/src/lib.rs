//! Random histories of the client, checked against the promises of its documentation.

mod actor;
mod check;
mod fault;
mod history;
mod message;
mod plan;
mod promise;
mod proxy;
mod record;
mod sim;
mod slip;
mod total;
mod trace;
mod wall_clock;
mod world;

pub use fault::Fault;
pub use history::{History, Violation, run};
pub use promise::Promise;
pub use slip::Slip;
pub use total::{Total, run_all};
