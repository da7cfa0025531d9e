//! Deliberate mistakes between the client and the checks. Each must be found: a check that cannot
//! fail is worse than none.

/// A mistake that a history makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slip {
    /// The server records each review twice.
    AppliedTwice,
    /// A review that was recorded is reported as refused.
    ReportedAsRefused,
    /// A review that was refused is reported as recorded.
    ReportedAsDone,
    /// A dismissal removes another response.
    AnotherDismissed,
    /// A dismissal that was refused is reported as done.
    DismissalReportedAsDone,
    /// A read does not deliver one of its requests.
    ItemHidden,
    /// A read delivers one of its requests twice.
    ItemRepeated,
    /// A watch does not deliver one of its events.
    EventHidden,
    /// A watch delivers an event twice.
    EventRepeated,
    /// A watch saves its cursor before it handles the event.
    CursorSavedTooEarly,
    /// Calls that never end keep all permits of the client.
    PermitKept,
    /// A call takes an hour longer than it may.
    EndsLate,
    /// A request is sent to another host.
    SentElsewhere,
}

impl Slip {
    pub const ALL: [Self; 13] = [
        Self::AppliedTwice,
        Self::ReportedAsRefused,
        Self::ReportedAsDone,
        Self::AnotherDismissed,
        Self::DismissalReportedAsDone,
        Self::ItemHidden,
        Self::ItemRepeated,
        Self::EventHidden,
        Self::EventRepeated,
        Self::CursorSavedTooEarly,
        Self::PermitKept,
        Self::EndsLate,
        Self::SentElsewhere,
    ];
}
