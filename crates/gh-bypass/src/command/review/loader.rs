//! Loads requests while the user reads.

use github_bypass_requests::{AnyBypassRequest, Error, QueueStream};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

use crate::failure::{Code, code_of, describe};

/// A message from a background task.
pub(crate) enum Loaded {
    /// A request to review.
    Request(AnyBypassRequest),
    /// All requests to review were delivered.
    AllRequests,
    /// A request from the last month, for the history.
    Past(AnyBypassRequest),
    /// The whole month was delivered.
    AllPast,
    /// A request was read again.
    Refreshed(usize, AnyBypassRequest),
    /// A list could not be read.
    Failed(Code, String),
}

/// Delivers requests from background tasks.
pub(crate) struct Loader {
    sender: UnboundedSender<Loaded>,
    receiver: UnboundedReceiver<Loaded>,
}

impl Loader {
    /// Starts to load the requests to review, then those of the month.
    pub(crate) fn start(open: QueueStream, month: QueueStream) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let loaded = sender.clone();
        tokio::spawn(async move {
            load(open, &loaded, Loaded::Request, Loaded::AllRequests, true).await?;
            // The history is an extra. If it cannot be read, the review goes on without it.
            load(month, &loaded, Loaded::Past, Loaded::AllPast, false).await
        });
        Self { sender, receiver }
    }

    /// Returns the next message. Cancel safe.
    pub(crate) async fn next(&mut self) -> Loaded {
        match self.receiver.recv().await {
            Some(loaded) => loaded,
            // `self` keeps a sender, so the channel is never closed.
            None => std::future::pending().await,
        }
    }

    /// Reads a request again in the background.
    pub(crate) fn refresh(
        &self,
        index: usize,
        read: impl Future<Output = Result<AnyBypassRequest, Error>> + Send + 'static,
    ) {
        let loaded = self.sender.clone();
        tokio::spawn(async move {
            // If the request cannot be read again, the screen keeps showing the old one.
            if let Ok(request) = read.await {
                let _ = loaded.send(Loaded::Refreshed(index, request));
            }
        });
    }
}

/// Delivers the requests of a stream. Returns `None` early if the receiver is gone.
async fn load(
    mut stream: QueueStream,
    loaded: &UnboundedSender<Loaded>,
    item: impl Fn(AnyBypassRequest) -> Loaded,
    end: Loaded,
    reports_errors: bool,
) -> Option<()> {
    loop {
        let next = match stream.try_next().await {
            Ok(Some(request)) => item(request),
            Ok(None) => break,
            Err(error) if reports_errors => Loaded::Failed(code_of(&error), describe(&error)),
            // Without its end, the history counts as incomplete.
            Err(_) => return None,
        };
        loaded.send(next).ok()?;
    }
    loaded.send(end).ok()
}
