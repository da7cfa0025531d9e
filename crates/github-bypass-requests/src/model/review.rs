use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::ids::ResponseId;
use crate::response::meta::ResponseMeta;

/// A review that GitHub has recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Review {
    /// The response that the review has left on the request, as
    /// [`dismiss`](crate::SecretScanning::dismiss) takes it. GitHub may leave it out.
    ///
    /// GitHub calls it `bypass_review_id` here and `bypass_response_id` there; that they are the
    /// same is our reading of its documentation.
    #[serde(rename = "bypass_review_id", skip_serializing_if = "Option::is_none")]
    pub response_id: Option<ResponseId>,
    /// How it is known that the review was recorded. As JSON, it is left out unless the review was read
    /// back: the rest is the body of GitHub's own response.
    #[serde(default, skip_serializing_if = "Confirmation::is_response")]
    pub confirmation: Confirmation,
    /// Metadata of the response, for an audit log. Not serialised.
    #[serde(skip)]
    pub meta: ResponseMeta,
}

/// How it is known that a review was recorded. As JSON: `"response"`, `{"read_back": {"reviewer": …}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Confirmation {
    /// GitHub's response to the review says so.
    #[default]
    Response,
    /// The response was lost, or did not contain the id, and the request shows a new response with the
    /// same decision. It may be a colleague's, who decided at the same moment.
    ReadBack {
        /// The reviewer who gave the response that was found.
        reviewer: Actor,
    },
}

impl Confirmation {
    fn is_response(&self) -> bool {
        *self == Self::Response
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
