//! What is asked for by one at a time, for all who wait.

use std::ops::{Deref, DerefMut};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use tokio::sync::{Mutex, MutexGuard};

use crate::{Error, Result};

/// Something that is had by one call at a time, which may ask for what is missing.
#[derive(Default)]
pub(crate) struct SingleFlight<T> {
    /// How often it was asked for in vain.
    failures: AtomicU64,
    state: Mutex<State<T>>,
}

#[derive(Default)]
struct State<T> {
    value: T,
    failed: Option<Failed>,
}

struct Failed {
    host: String,
    error: Error,
}

/// The one call's hold on it, until it is dropped.
pub(crate) struct Flight<'a, T> {
    failures: &'a AtomicU64,
    state: MutexGuard<'a, State<T>>,
}

impl<T> SingleFlight<T> {
    /// Waits until no other call has it; or tells why the one that was waited for has failed to ask
    /// this host: who has waited for another's vain request does not send the next.
    pub(crate) async fn take(&self, host: &str) -> Result<Flight<'_, T>> {
        let Self { failures, state } = self;
        let before = failures.load(Relaxed);
        let state = state.lock().await;
        let failed = state.failed.as_ref().filter(|failed| failed.host == host);
        match failed {
            Some(Failed { error, .. }) if failures.load(Relaxed) != before => Err(error.copy()),
            _ => Ok(Flight { failures, state }),
        }
    }

    /// If no other call has it.
    #[cfg(feature = "github-app")]
    pub(crate) fn try_take(&self) -> Option<Flight<'_, T>> {
        let Self { failures, state } = self;
        let state = state.try_lock().ok()?;
        Some(Flight { failures, state })
    }
}

impl<T> Flight<'_, T> {
    /// Has asked in vain.
    pub(crate) fn fail(mut self, host: &str, error: Error) -> Error {
        self.state.failed = Some(Failed {
            host: host.to_owned(),
            error: error.copy(),
        });
        self.failures.fetch_add(1, Relaxed);
        error
    }
}

impl<T> Deref for Flight<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.state.value
    }
}

impl<T> DerefMut for Flight<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.state.value
    }
}
