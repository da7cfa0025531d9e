//! The version of the formats in which cursors and the positions of queues are saved.

use serde::{Deserialize, Serialize};

/// The only version of these formats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Version;

impl From<Version> for u32 {
    fn from(Version: Version) -> Self {
        1
    }
}

impl TryFrom<u32> for Version {
    type Error = String;

    fn try_from(version: u32) -> Result<Self, String> {
        if version == u32::from(Self) {
            return Ok(Self);
        }
        Err(format!(
            "it has version {version}, which this version of the crate cannot read"
        ))
    }
}
