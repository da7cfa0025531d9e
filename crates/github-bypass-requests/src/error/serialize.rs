//! Serializes errors for logs.

use serde::ser::{Serialize, SerializeStruct, Serializer};

use crate::error::Error;

/// An object with `kind`, `message`, `status`, `request_id` and `retry_at`. The last three may be
/// null.
impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Error", 5)?;
        fields.serialize_field("kind", &self.kind())?;
        fields.serialize_field("message", &self.to_string())?;
        fields.serialize_field("status", &self.status())?;
        fields.serialize_field("request_id", &self.request_id())?;
        fields.serialize_field("retry_at", &self.retry_at())?;
        fields.end()
    }
}
