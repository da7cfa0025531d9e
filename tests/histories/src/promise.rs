//! The promises that the documentation of the client makes, and that a history checks.

use std::fmt;

/// A promise of the client.
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
                "a response that was read back is new and has the decision of the review: the \
                 review or a colleague added it"
            }
            Self::NothingIfRefused => {
                "a review or a dismissal that is reported as refused was not recorded"
            }
            Self::Dismissed => "a response that is reported as dismissed is dismissed",
            Self::DismissesItsOwn => {
                "`undo` dismisses only the response of its review, and `dismiss` only the response \
                 with the given id"
            }
            Self::EndsInTime => "a call ends within its limits",
            Self::KeepsWorking => {
                "failed and cancelled calls do not keep a client from making other calls"
            }
            Self::OneHost => "requests and tokens are sent to the configured host only",
            Self::DeliversAll => {
                "a request that was in a list throughout a walk is delivered, or the walk ends in \
                 an error"
            }
            Self::DeliversOnce => {
                "a queue delivers no request twice, and neither does a list that grows by at most \
                 a page meanwhile"
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
                "no event is delivered again, except one that was handled but not saved before a \
                 stop"
            }
            Self::OpensTheNew => {
                "a watch reports as opened only requests that were open at the first poll or are \
                 newer"
            }
        })
    }
}
