//! Stops a watch from outside: after a signal, or after the reader of its output has ended.

use crate::failure::Result;

/// Waits for a signal, or for the end of the program that reads standard output.
pub(crate) struct Stop {
    is_requested: bool,
    #[cfg(unix)]
    sources: unix::Sources,
}

impl Stop {
    /// From now on, signals do not end the process.
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            is_requested: false,
            #[cfg(unix)]
            sources: unix::Sources::new()?,
        })
    }

    /// Returns as soon as the watch must end. Returns at once if that was requested before.
    pub(crate) async fn requested(&mut self) {
        if !self.is_requested {
            self.wait().await;
            self.is_requested = true;
        }
    }

    #[cfg(unix)]
    async fn wait(&mut self) {
        self.sources.wait().await;
    }

    #[cfg(not(unix))]
    async fn wait(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(unix)]
mod unix {
    use std::io;
    use std::sync::Arc;
    use std::thread;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;
    use tokio::signal::unix::{Signal, SignalKind, signal};
    use tokio::sync::Notify;

    use crate::failure::{Failure, Result};

    pub(crate) struct Sources {
        interrupt: Signal,
        terminate: Signal,
        closed: Arc<Notify>,
    }

    impl Sources {
        pub(crate) fn new() -> Result<Self> {
            let sources = || {
                Ok(Self {
                    interrupt: signal(SignalKind::interrupt())?,
                    terminate: signal(SignalKind::terminate())?,
                    closed: closed_output()?,
                })
            };
            sources().map_err(|error: io::Error| {
                Failure::failed(format!("signals cannot be handled: {error}"))
            })
        }

        pub(crate) async fn wait(&mut self) {
            tokio::select! {
                _ = self.interrupt.recv() => {}
                _ = self.terminate.recv() => {}
                () = self.closed.notified() => {}
            }
        }
    }

    /// Detects that the program that reads standard output has ended, even if nothing is written.
    fn closed_output() -> io::Result<Arc<Notify>> {
        let notify = Arc::new(Notify::new());
        let notified = notify.clone();
        let wait = move || {
            let stdout = io::stdout();
            let mut polled = [PollFd::new(&stdout, PollFlags::empty())];
            while poll(&mut polled, None) == Err(Errno::INTR) {}
            let closed = PollFlags::ERR | PollFlags::HUP;
            if polled.iter().any(|it| it.revents().intersects(closed)) {
                notify.notify_one();
            }
        };
        thread::Builder::new().spawn(wait)?;
        Ok(notified)
    }
}
