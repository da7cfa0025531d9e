use serde::{Deserialize, Serialize};

use crate::model::actor::Actor;
use crate::model::ids::ResponseId;
use crate::response::meta::ResponseMeta;

/// A review that GitHub has recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Review {
    /// Id of the response that the review added to the request. GitHub may omit it. If the review was
    /// [read back](Confirmation::ReadBack), it may be the response of a colleague.
    ///
    /// [`dismiss`](crate::SecretScanning::dismiss) takes it. GitHub calls it `bypass_review_id`
    /// here and `bypass_response_id` there. That both are the same id is an inference from GitHub's
    /// documentation.
    #[serde(rename = "bypass_review_id", skip_serializing_if = "Option::is_none")]
    pub response_id: Option<ResponseId>,
    /// Evidence that the review was recorded. Serialized only if the review was read back;
    /// otherwise the JSON is the body of GitHub's response.
    #[serde(default, skip_serializing_if = "Confirmation::is_response")]
    pub confirmation: Confirmation,
    /// Metadata of the response, such as the request id to keep in an audit log. Not serialized.
    #[serde(skip)]
    pub meta: ResponseMeta,
}

/// Evidence that a review was recorded.
///
/// The JSON is `"response"` or `{"read_back": {"reviewer": …}}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Confirmation {
    /// GitHub's response to the review confirmed it.
    #[default]
    Response,
    /// The response was lost, or did not contain the id, but the request has a new response with
    /// the same decision. It may be from a colleague who decided at the same moment.
    ReadBack {
        /// The reviewer of the response that was found.
        reviewer: Actor,
    },
}

impl Confirmation {
    fn is_response(&self) -> bool {
        *self == Self::Response
    }
}

/// A dismissal of a response. Returned by [`dismiss`](crate::SecretScanning::dismiss) and
/// [`undo`](crate::SecretScanning::undo).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Dismissal {
    /// True if GitHub confirmed the dismissal. If false, GitHub's response to the dismissal was lost,
    /// and the response turned out to be dismissed or gone: by this call or by another.
    pub confirmed: bool,
    /// Metadata of GitHub's response, such as the request id to keep in an audit log.
    pub meta: ResponseMeta,
}
