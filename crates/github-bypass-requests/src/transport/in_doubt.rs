//! Decides whether a call that ends early may have carried out a write.

use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering::Relaxed;

/// Records whether the server may have carried out a write of a call, or may still do so.
///
/// The attempts of a call run in a task. When the call reaches its time limit, the task may be
/// about to send an attempt on another thread. One atomic value orders the end of the call and the
/// start of the attempt: either the call ends first and nothing is sent afterwards, or the attempt
/// starts first and the call ends in doubt.
#[derive(Debug, Default)]
pub(crate) struct InDoubt(AtomicU8);

/// Nothing was sent, or the last attempt was refused.
const IDLE: u8 = 0;
/// The server may have carried out an attempt, or may still do so.
const SENT: u8 = 1;
/// The call has ended.
const ENDED: u8 = 2;

impl InDoubt {
    /// Records the start of an attempt. Returns false if the call has ended. In that case, do
    /// not send anything.
    pub(crate) fn start(&self) -> bool {
        self.0
            .fetch_update(Relaxed, Relaxed, |state| (state != ENDED).then_some(SENT))
            .is_ok()
    }

    /// Records that the attempt was refused or not sent.
    pub(crate) fn clear(&self) {
        // If the call has already ended, this has no effect.
        let _ = self.0.compare_exchange(SENT, IDLE, Relaxed, Relaxed);
    }

    /// Ends the call. Returns true if the server may have carried out an attempt, or may still do
    /// so.
    pub(crate) fn end(&self) -> bool {
        self.0.swap(ENDED, Relaxed) == SENT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_sent_after_the_end() {
        let idle = InDoubt::default();
        assert!(!idle.end());
        assert!(!idle.start());
    }

    #[test]
    fn only_an_attempt_that_was_not_refused_is_in_doubt() {
        let sent = InDoubt::default();
        assert!(sent.start());
        assert!(sent.end());
        let refused = InDoubt::default();
        assert!(refused.start());
        refused.clear();
        assert!(!refused.end());
        let again = InDoubt::default();
        assert!(again.start());
        again.clear();
        assert!(again.start());
        assert!(again.end());
    }
}
