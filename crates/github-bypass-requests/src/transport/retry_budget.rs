//! Keeps retries from multiplying the load on a server that is down.

use crate::transport::lock::Lock;

/// A token bucket, shared by a client and its clones. Retries take tokens, and successes refund
/// them.
#[derive(Debug)]
pub(crate) struct RetryBudget(Lock<u32>);

const CAPACITY: u32 = 500;
/// The cost of a retry.
const RETRY: u32 = 14;
/// The refund for a call that succeeds without a retry. It is small, so that the bucket fills
/// slowly while a server recovers.
const SUCCESS: u32 = 1;

impl RetryBudget {
    pub(crate) fn new() -> Self {
        Self(Lock::new(CAPACITY))
    }

    /// Takes the tokens of one retry. Returns false if there are too few.
    pub(crate) fn take(&self) -> bool {
        let mut tokens = self.0.lock();
        let rest = tokens.checked_sub(RETRY);
        *tokens = rest.unwrap_or(*tokens);
        rest.is_some()
    }

    /// Refunds tokens after a call that succeeded with this many retries.
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
    fn thirty_five_retries_without_a_success_exhaust_the_budget() {
        let budget = RetryBudget::new();
        assert_eq!((0..100).filter(|_| budget.take()).count(), 35);
        (0..3).for_each(|_| budget.refund(0));
        assert!(!budget.take(), "10 + 3 tokens are not enough");
        budget.refund(0);
        assert!(budget.take());
    }

    #[test]
    fn a_success_returns_the_tokens_of_its_retries_up_to_the_capacity() {
        let budget = RetryBudget::new();
        assert!(budget.take() && budget.take());
        budget.refund(2);
        budget.refund(1000);
        assert_eq!((0..100).filter(|_| budget.take()).count(), 35);
    }
}
