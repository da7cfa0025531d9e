//! Changes on GitHub: reviews and dismissals.

pub(crate) mod audit;
pub(crate) mod message;
pub(crate) mod outcome;
pub(crate) mod results;
pub(crate) mod writer;
