//! How requests are printed.

pub(crate) mod card;
pub(crate) mod fields;
pub(crate) mod jq;
pub(crate) mod row;
