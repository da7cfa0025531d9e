//! Deliberate mistakes, made between the client and the checks. The checks must find each mistake:
//! a check that cannot fail is worse than none.

use crate::promise::Promise;

/// A mistake that a history makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// The server records each review twice.
    AppliedTwice,
    /// A review that was refused is reported as recorded.
    RefusedReportedAsReviewed,
    /// A review that was refused is reported as read back.
    RefusedReportedAsReadBack,
    /// A review that was recorded is reported as refused.
    ReviewedReportedAsRefused,
    /// A dismissal that was recorded is reported as refused.
    DismissedReportedAsRefused,
    /// A dismissal that was refused is reported as done.
    RefusedReportedAsDismissed,
    /// A dismissal dismisses another response.
    AnotherDismissed,
    /// A call seems to take two hours longer than it does.
    EndsLate,
    /// Calls that never end keep all permits of the client.
    PermitsKept,
    /// A request is sent to another host.
    SentElsewhere,
    /// A walk does not deliver its last request.
    ItemHidden,
    /// A walk delivers its first request twice.
    ItemRepeated,
    /// A walk delivers a request that does not match its filters.
    ItemAdded,
    /// A walk ends in an error and has no position to resume from.
    PositionLost,
    /// A watch reports a dismissal that has not happened.
    EventInvented,
    /// A watch does not deliver some of its events.
    EventHidden,
    /// A watch saves its cursor before it handles the event.
    CursorSavedTooEarly,
    /// A watch delivers its events twice.
    EventRepeated,
    /// A watch that should report only changes starts with all open requests.
    StartedWithOpen,
}

impl Slip {
    pub const ALL: [Self; 19] = [
        Self::AppliedTwice,
        Self::RefusedReportedAsReviewed,
        Self::RefusedReportedAsReadBack,
        Self::ReviewedReportedAsRefused,
        Self::DismissedReportedAsRefused,
        Self::RefusedReportedAsDismissed,
        Self::AnotherDismissed,
        Self::EndsLate,
        Self::PermitsKept,
        Self::SentElsewhere,
        Self::ItemHidden,
        Self::ItemRepeated,
        Self::ItemAdded,
        Self::PositionLost,
        Self::EventInvented,
        Self::EventHidden,
        Self::CursorSavedTooEarly,
        Self::EventRepeated,
        Self::StartedWithOpen,
    ];

    /// Returns the promise that the slip breaks.
    pub fn breaks(self) -> Promise {
        match self {
            Self::AppliedTwice => Promise::RecordedOnce,
            Self::RefusedReportedAsReviewed => Promise::RecordedIfReviewed,
            Self::RefusedReportedAsReadBack => Promise::OwnOrColleagues,
            Self::ReviewedReportedAsRefused | Self::DismissedReportedAsRefused => {
                Promise::NothingIfRefused
            }
            Self::RefusedReportedAsDismissed => Promise::Dismissed,
            Self::AnotherDismissed => Promise::DismissesItsOwn,
            Self::EndsLate => Promise::EndsInTime,
            Self::PermitsKept => Promise::KeepsWorking,
            Self::SentElsewhere => Promise::OneHost,
            Self::ItemHidden => Promise::DeliversAll,
            Self::ItemRepeated => Promise::DeliversOnce,
            Self::ItemAdded => Promise::DeliversMatches,
            Self::PositionLost => Promise::CanBeResumed,
            Self::EventInvented => Promise::ReportsTheTruth,
            Self::EventHidden => Promise::ReportsEachChange,
            Self::CursorSavedTooEarly => Promise::ReportsTheLastState,
            Self::EventRepeated => Promise::RepeatsTheUnsaved,
            Self::StartedWithOpen => Promise::OpensTheNew,
        }
    }
}
