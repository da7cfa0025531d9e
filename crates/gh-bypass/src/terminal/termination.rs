//! Signals that ask the process to end.

/// SIGTERM and SIGHUP. A command listens for them if it must clean up before it ends. Elsewhere than
/// on Unix, there are no such signals.
pub(crate) struct Termination {
    #[cfg(unix)]
    signals: Option<[tokio::signal::unix::Signal; 2]>,
}

impl Termination {
    #[cfg(unix)]
    pub(crate) fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let listen = || {
            Ok::<_, std::io::Error>([
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ])
        };
        Self {
            signals: listen().ok(),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn new() -> Self {
        Self {}
    }

    /// Waits for a signal. Cancel safe.
    pub(crate) async fn recv(&mut self) {
        #[cfg(unix)]
        if let Some([terminate, hangup]) = &mut self.signals {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = hangup.recv() => {}
            }
            return;
        }
        std::future::pending().await
    }
}
