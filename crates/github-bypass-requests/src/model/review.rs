use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

use crate::{ResponseId, ResponseMeta};

/// A review that GitHub has recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "wire::BypassReview")]
#[non_exhaustive]
pub struct Review {
    /// The response that the review has left on the request, as
    /// [`dismiss`](crate::SecretScanning::dismiss) takes it. GitHub may leave it out.
    ///
    /// GitHub calls it `bypass_review_id` here and `bypass_response_id` there; that they are the
    /// same is our reading of its documentation.
    #[serde(rename = "bypass_review_id", skip_serializing_if = "Option::is_none")]
    pub response_id: Option<ResponseId>,
    /// What else GitHub said, for an audit log. Not serialised.
    #[serde(skip)]
    pub meta: ResponseMeta,
}

#[doc(hidden)]
impl From<wire::BypassReview> for Review {
    fn from(wire::BypassReview { bypass_review_id }: wire::BypassReview) -> Self {
        Self {
            response_id: bypass_review_id.map(ResponseId::from_server),
            meta: ResponseMeta::default(),
        }
    }
}

/// A dismissal that GitHub has recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dismissal {
    /// What GitHub said, for an audit log.
    pub meta: ResponseMeta,
}
