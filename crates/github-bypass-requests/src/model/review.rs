use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::ids::ResponseId;
use crate::response::meta::ResponseMeta;

/// A review that GitHub has recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Review {
    /// ID of the response that the review added to the request. GitHub may omit it. If the review
    /// was [read back](Confirmation::ReadBack), this may be the id of a colleague's response.
    ///
    /// [`dismiss`](crate::SecretScanning::dismiss) takes it. GitHub calls it `bypass_review_id` in
    /// the response to a review, and `bypass_response_id` in the path of a dismissal. GitHub's
    /// documentation implies, but does not state, that both are the same id.
    #[serde(rename = "bypass_review_id", skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schemars",
        schemars(
            description = "ID of the response that the review added to the request. GitHub may \
                           omit it. If the review was read back, this may be the id of a \
                           colleague's response."
        )
    )]
    pub response_id: Option<ResponseId>,
    /// Evidence that the review was recorded. It is serialized only if the review was read back.
    /// Otherwise, the serialized review looks like the body of GitHub's response.
    #[serde(default, skip_serializing_if = "Confirmation::is_response")]
    pub confirmation: Confirmation,
    /// Metadata of the response, such as the request id to keep in an audit log. Not serialized.
    #[serde(skip)]
    pub meta: ResponseMeta,
}

/// Evidence that a review or a dismissal was recorded.
///
/// The JSON is `"response"`, `{"read_back": {"reviewer": …}}` or `"gone"`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Confirmation {
    /// GitHub's response confirmed it.
    #[default]
    Response,
    /// GitHub's response was lost, or did not contain the id of the review. The client then read
    /// the bypass request, and found a new bypass response with the same decision. After a
    /// dismissal, it found that the bypass response was dismissed. The review or dismissal may be a
    /// colleague's.
    ReadBack {
        /// The reviewer of the bypass response that was found.
        reviewer: Actor,
    },
    /// GitHub's response to a dismissal was lost. GitHub responded to a second attempt with 404:
    /// the bypass response no longer exists.
    Gone,
}

impl Confirmation {
    /// Returns true if GitHub's response confirmed the review or dismissal. In that case, this call
    /// certainly made it.
    pub fn is_response(&self) -> bool {
        *self == Self::Response
    }
}

/// The dismissal of a bypass response. Returned by [`dismiss`](crate::SecretScanning::dismiss) and
/// [`undo`](crate::SecretScanning::undo).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Dismissal {
    /// Evidence that the bypass response was dismissed.
    pub confirmation: Confirmation,
    /// Metadata of GitHub's response, such as the request id to keep in an audit log.
    pub meta: ResponseMeta,
}
