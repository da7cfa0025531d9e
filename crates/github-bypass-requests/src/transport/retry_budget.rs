//! Keeps retries from multiplying the load on a server that is down.

use crate::transport::lock::Lock;

/// A bucket of tokens, shared by a client and its clones. A retry takes some, a success gives back.
#[derive(Debug)]
pub(crate) struct RetryBudget(Lock<u32>);

const CAPACITY: u32 = 500;
const RETRY: u32 = 14;
/// What a call gives back that went well at once: a server that recovers fills the bucket slowly.
const SUCCESS: u32 = 1;

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(Lock::new(CAPACITY))
    }

    /// Whether one more retry is allowed.
    pub(crate) fn take(&self) -> bool {
        let mut tokens = self.0.lock();
        let rest = tokens.checked_sub(RETRY);
        *tokens = rest.unwrap_or(*tokens);
        rest.is_some()
    }

    /// A call went well after `retries` retries.
    pub(crate) fn refund(&self, retries: u32) {
        let mut tokens = self.0.lock();
        let refund = retries.saturating_mul(RETRY).max(SUCCESS);
        *tokens = tokens.saturating_add(refund).min(CAPACITY);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_five_retries_without_a_success_are_the_end() {
        let budget = RetryBudget::new();
        assert_eq!((0..100).filter(|_| budget.take()).count(), 35);
        (0..3).for_each(|_| budget.refund(0));
        assert!(!budget.take(), "10 + 3 tokens are not enough");
        budget.refund(0);
        assert!(budget.take());
    }

    #[test]
    fn a_success_gives_back_what_its_retries_took_and_no_more_than_fits() {
        let budget = RetryBudget::new();
        assert!(budget.take() && budget.take());
        budget.refund(2);
        budget.refund(1000);
        assert_eq!((0..100).filter(|_| budget.take()).count(), 35);
    }
}
