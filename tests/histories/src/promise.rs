//! The promises of the client that a history checks, as its documentation makes them.

use std::fmt;

/// A promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Promise {
    RecordedOnce,
    RecordedIfReviewed,
    OwnOrColleagues,
    NothingIfRefused,
    Dismissed,
    DismissesItsOwn,
    EndsInTime,
    KeepsWorking,
    OneHost,
    DeliversAll,
    DeliversOnce,
    DeliversMatches,
    CanBeResumed,
    ReportsTheTruth,
    ReportsEachChange,
    ReportsTheLastState,
    RepeatsTheUnsaved,
    OpensTheNew,
}

impl Promise {
    pub const ALL: [Self; 18] = [
        Self::RecordedOnce,
        Self::RecordedIfReviewed,
        Self::OwnOrColleagues,
        Self::NothingIfRefused,
        Self::Dismissed,
        Self::DismissesItsOwn,
        Self::EndsInTime,
        Self::KeepsWorking,
        Self::OneHost,
        Self::DeliversAll,
        Self::DeliversOnce,
        Self::DeliversMatches,
        Self::CanBeResumed,
        Self::ReportsTheTruth,
        Self::ReportsEachChange,
        Self::ReportsTheLastState,
        Self::RepeatsTheUnsaved,
        Self::OpensTheNew,
    ];
}

impl fmt::Display for Promise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::RecordedOnce => "a review is recorded at most once",
            Self::RecordedIfReviewed => {
                "a review that is reported as recorded has one response of its own on the server"
            }
            Self::OwnOrColleagues => {
                "a response that was read back is new and has the decision of the review: it is \
                 that of the review, or of a colleague"
            }
            Self::NothingIfRefused => {
                "a review or a dismissal that is reported as refused was not recorded"
            }
            Self::Dismissed => "a response that is reported as dismissed is dismissed",
            Self::DismissesItsOwn => {
                "`undo` dismisses the response of its review only, and `dismiss` the response that \
                 it was given"
            }
            Self::EndsInTime => "a call ends within its limits",
            Self::KeepsWorking => {
                "failed and cancelled calls do not keep a client from sending others"
            }
            Self::OneHost => "requests and tokens are sent to the configured host only",
            Self::DeliversAll => {
                "a request that was in a list throughout a walk is delivered, or the walk ends in \
                 an error"
            }
            Self::DeliversOnce => {
                "a request is delivered once if the list grows by at most a page meanwhile, and by \
                 a queue in any case"
            }
            Self::DeliversMatches => "a walk delivers only requests that match its filters",
            Self::CanBeResumed => "a walk that ends in an error can be resumed",
            Self::ReportsTheTruth => "an event of a watch is a change that has happened",
            Self::ReportsEachChange => {
                "a change that is not undone before the next poll is reported at least once"
            }
            Self::ReportsTheLastState => {
                "once polls succeed again, the events add up to the state of the server"
            }
            Self::RepeatsTheUnsaved => {
                "no event is delivered again, except one that was handled before a stop, and not \
                 saved"
            }
            Self::OpensTheNew => {
                "a watch reports as opened what was open at the first poll, or is new since"
            }
        })
    }
}
