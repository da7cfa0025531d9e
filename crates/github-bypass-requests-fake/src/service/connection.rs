//! TCP connections that faults can close in the middle of a response.

use std::{
    io::{self, IoSlice},
    net::SocketAddr,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
};

use axum::{extract::connect_info::Connected, serve};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
};

/// Accepts connections that faults can close.
#[derive(Debug)]
pub(super) struct Listener(pub(super) TcpListener);

#[derive(Debug)]
pub(super) struct Connection {
    stream: TcpStream,
    ending: Ending,
}

/// A handle that closes a connection. Each request on the connection carries the handle as its
/// `ConnectInfo`.
#[derive(Clone, Debug, Default)]
pub(super) struct Ending(Arc<OnceLock<Manner>>);

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Manner {
    Reset,
    Cut,
}

impl Ending {
    /// Sends a TCP reset at the next write.
    pub(super) fn reset(&self) {
        // The first call wins.
        let _ = self.0.set(Manner::Reset);
    }

    /// Closes the connection once all written bytes are sent.
    pub(super) fn cut(&self) {
        let _ = self.0.set(Manner::Cut);
    }

    fn is(&self, manner: Manner) -> bool {
        self.0.get() == Some(&manner)
    }
}

impl serve::Listener for Listener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Self::Io, Self::Addr) {
        let (stream, address) = serve::Listener::accept(&mut self.0).await;
        let ending = Ending::default();
        (Connection { stream, ending }, address)
    }

    fn local_addr(&self) -> io::Result<Self::Addr> {
        self.0.local_addr()
    }
}

impl Connected<serve::IncomingStream<'_, Listener>> for Ending {
    fn connect_info(stream: serve::IncomingStream<'_, Listener>) -> Self {
        stream.io().ending.clone()
    }
}

impl Connection {
    /// Returns an error if the connection must be reset. The server then drops the connection,
    /// which sends a reset because of the zero linger.
    fn unless_reset(&self) -> io::Result<()> {
        if self.ending.is(Manner::Reset) {
            self.stream.set_zero_linger()?;
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.unless_reset()?;
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.unless_reset()?;
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// The server calls this after it has written all bytes.
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.ending.is(Manner::Cut) {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.unless_reset()?;
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
