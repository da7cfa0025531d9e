//! The outcome of a change.

use github_bypass_requests::{Error, ErrorKind};

use crate::failure::{Code, code_of, describe};
use crate::terminal::text::visible;
use crate::write::audit::Phase;

/// The outcome of a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// GitHub recorded the change. The text describes it.
    Done(String),
    /// Nothing was changed.
    Refused(Refusal),
    /// The change may have been recorded.
    Unknown(String),
}

/// The reason why nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: String,
    pub(crate) code: Code,
    /// True if further changes would fail in the same way.
    pub(crate) ends_all: bool,
}

impl Refusal {
    /// Converts an error to a refusal.
    pub(crate) fn of(error: &Error) -> Self {
        let code = code_of(error);
        Self {
            reason: describe(error),
            code,
            ends_all: code == Code::Auth || error.is_rate_limited(),
        }
    }
}

impl Outcome {
    /// Creates the outcome of a change that was not made. The reason may contain other people's names.
    pub(crate) fn refused(reason: impl ToString) -> Self {
        Self::Refused(Refusal {
            reason: visible(&reason.to_string()),
            code: Code::Failed,
            ends_all: false,
        })
    }

    pub(crate) fn of_error(error: &Error) -> Self {
        if may_be_recorded(error) {
            return Self::Unknown(error.to_string());
        }
        Self::Refused(Refusal::of(error))
    }

    pub(crate) fn phase(&self) -> Phase {
        match self {
            Self::Done(_) => Phase::Done,
            Self::Refused(_) => Phase::Refused,
            Self::Unknown(_) => Phase::Unknown,
        }
    }

    pub(crate) fn reason(&self) -> Option<&str> {
        match self {
            Self::Done(_) => None,
            Self::Refused(refusal) => Some(&refusal.reason),
            Self::Unknown(reason) => Some(reason),
        }
    }
}

/// Returns true if the change may have been recorded. The client reports this with an ambiguous
/// error. Errors that this program does not expect after a change count as ambiguous, too.
fn may_be_recorded(error: &Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::Ambiguous | ErrorKind::BodyTooLarge | ErrorKind::Decode | ErrorKind::Interrupted
    )
}
