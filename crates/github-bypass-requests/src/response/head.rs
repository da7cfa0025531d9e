//! The status and headers of a response.

use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, StatusCode};

use crate::response::headers::REQUEST_ID;

/// A response without its body.
#[derive(Clone)]
pub(crate) struct Head {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
}

/// The compression of a body.
pub(crate) enum Encoding {
    Identity,
    Gzip,
    /// Not requested by the client, such as `br` or `gzip, gzip`.
    Other(String),
}

impl Head {
    /// Returns true if the response has GitHub's request id. Proxies and captive portals do not
    /// send it.
    pub(crate) fn has_request_id(&self) -> bool {
        self.headers.contains_key(REQUEST_ID)
    }

    /// Returns the compression of the body.
    pub(crate) fn encoding(&self) -> Encoding {
        let values = self.headers.get_all(CONTENT_ENCODING).iter();
        let values = values.map(|value| String::from_utf8_lossy(value.as_bytes()));
        let encoding = values.collect::<Vec<_>>().join(", ");
        match encoding.trim().to_ascii_lowercase().as_str() {
            "" | "identity" => Encoding::Identity,
            "gzip" | "x-gzip" => Encoding::Gzip,
            _ => Encoding::Other(encoding),
        }
    }

    /// Returns the media type, without parameters.
    pub(crate) fn media_type(&self) -> Option<&str> {
        let value = self.headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let media_type = value
            .split_once(';')
            .map_or(value, |(media_type, _)| media_type);
        Some(media_type.trim())
    }

    pub(crate) fn is_html(&self) -> bool {
        self.media_type()
            .is_some_and(|media_type| media_type.eq_ignore_ascii_case("text/html"))
    }
}
