//! The names of webhook events.

use crate::world::findings::Kind;

/// The spelling of webhook event names, as in `X-GitHub-Event`.
///
/// For secret scanning, GitHub documents one name, but deployed apps receive another one. The name
/// for push rules is the same in both cases: `exemption_request_push_ruleset`.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum EventNames {
    /// `bypass_request_secret_scanning`, as in GitHub's documentation. The default.
    #[default]
    Documented,
    /// `exemption_request_secret_scanning`, as deployed apps receive it.
    Deployed,
}

impl EventNames {
    pub(crate) fn name(self, kind: Kind) -> &'static str {
        match (self, kind) {
            (Self::Documented, Kind::SecretScanning) => "bypass_request_secret_scanning",
            (Self::Deployed, Kind::SecretScanning) => "exemption_request_secret_scanning",
            (Self::Documented | Self::Deployed, Kind::PushRules) => {
                "exemption_request_push_ruleset"
            }
        }
    }

    pub(crate) fn all(self) -> [&'static str; 2] {
        [Kind::SecretScanning, Kind::PushRules].map(|kind| self.name(kind))
    }
}
