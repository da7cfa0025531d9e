//! The `Date` header.

use axum::http::{HeaderMap, HeaderValue, header::DATE};
use chrono::{DateTime, Utc};

/// Sets the header to the fake's time. Clients compare the times in a response with this header.
pub(super) fn set(headers: &mut HeaderMap, now: DateTime<Utc>) {
    let date = now.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        headers.insert(DATE, date);
    }
}
