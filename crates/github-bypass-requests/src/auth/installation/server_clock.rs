//! The clock of the server that issues the tokens.

use chrono::{DateTime, TimeDelta, Utc};
use http::HeaderMap;
use tokio::time::Instant;

use crate::response::headers::server_time;

/// The server's clock, or the local clock until the server has sent a response.
#[derive(Clone, Copy, Default)]
pub(super) struct ServerClock(Option<(DateTime<Utc>, Instant)>);

impl ServerClock {
    pub(super) fn now(self) -> DateTime<Utc> {
        let server_time = self.0.and_then(|(time, at)| {
            time.checked_add_signed(TimeDelta::from_std(at.elapsed()).ok()?)
        });
        server_time.unwrap_or_else(Utc::now)
    }

    pub(super) fn set(&mut self, headers: &HeaderMap) {
        if let Some(time) = server_time(headers) {
            self.0 = Some((time, Instant::now()));
        }
    }
}
