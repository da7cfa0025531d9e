use github_bypass_requests_api::types as wire;
use serde::{Deserialize, Serialize};

use crate::{Actor, ResponseId, ResponseMeta};

/// A review that GitHub has recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "wire::BypassReview")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema), schemars(!from))]
#[non_exhaustive]
pub struct Review {
    /// The response that the review has left on the request, as
    /// [`dismiss`](crate::SecretScanning::dismiss) takes it. GitHub may leave it out.
    ///
    /// GitHub calls it `bypass_review_id` here and `bypass_response_id` there; that they are the
    /// same is our reading of its documentation.
    #[serde(rename = "bypass_review_id", skip_serializing_if = "Option::is_none")]
    pub response_id: Option<ResponseId>,
    /// How it is known that the review was recorded. Not serialised.
    #[serde(skip)]
    pub confirmation: Confirmation,
    /// What else GitHub said, for an audit log. Not serialised.
    #[serde(skip)]
    pub meta: ResponseMeta,
}

/// How it is known that a write was applied.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Confirmation {
    /// GitHub has answered the write itself.
    Answered,
    /// The answer was lost, or did not tell the response's id, and the request shows a new response
    /// with the same decision. It may be a colleague's, who decided in the same moments.
    ReadBack {
        /// Who gave the response that was seen.
        reviewer: Actor,
    },
    /// The review was stored and read again, which does not keep it.
    #[default]
    Unknown,
}

#[doc(hidden)]
impl From<wire::BypassReview> for Review {
    fn from(wire::BypassReview { bypass_review_id }: wire::BypassReview) -> Self {
        Self {
            response_id: bypass_review_id.map(ResponseId::from_server),
            ..Self::default()
        }
    }
}

/// A dismissal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dismissal {
    /// Whether GitHub has confirmed it. Otherwise the answer to the first try was lost, and to the
    /// second GitHub said that there is no such response any more: it is dismissed, by this call or
    /// another.
    pub confirmed: bool,
    /// What GitHub said, for an audit log.
    pub meta: ResponseMeta,
}
