//! A simulated network link in front of the server.

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

/// The properties of a link. All connections share its rate.
#[derive(Clone, Copy)]
pub(crate) struct Link {
    /// The delay in each direction.
    pub(crate) delay: Duration,
    /// Bits per second, in each direction.
    pub(crate) rate: u64,
}

/// One direction of a link. At `busy_until`, the link will have sent all packets that it has
/// accepted so far.
#[derive(Clone)]
struct Direction {
    link: Link,
    busy_until: Arc<Mutex<Instant>>,
}

/// The maximum size of a packet. Small packets keep connections from blocking each other.
const PACKET: usize = 1500;

/// Forwards connections to the server through the link.
pub(crate) async fn forward(listener: TcpListener, server: String, link: Link) -> io::Result<()> {
    let direction = || Direction {
        link,
        busy_until: Arc::new(Mutex::new(Instant::now())),
    };
    let (up, down) = (direction(), direction());
    loop {
        let (client, _) = listener.accept().await?;
        let (up, down, server) = (up.clone(), down.clone(), server.clone());
        tokio::spawn(async move {
            let server = TcpStream::connect(server).await?;
            client.set_nodelay(true)?;
            server.set_nodelay(true)?;
            let (from_client, to_client) = client.into_split();
            let (from_server, to_server) = server.into_split();
            tokio::try_join!(
                up.carry(from_client, to_server),
                down.carry(from_server, to_client)
            )
        });
    }
}

impl Direction {
    async fn carry(
        self,
        mut from: impl AsyncReadExt + Unpin,
        mut to: impl AsyncWriteExt + Unpin,
    ) -> io::Result<()> {
        let (sender, mut packets) = mpsc::channel::<(Instant, Vec<u8>)>(1024);
        let read = async move {
            let mut buffer = [0; PACKET];
            loop {
                let length = from.read(&mut buffer).await?;
                let packet = buffer[..length].to_vec();
                let (sent, arrives) = self.schedule(length);
                if sender.send((arrives, packet)).await.is_err() || length == 0 {
                    return Ok(());
                }
                // Read the next packet only after this one has left, so that connections take
                // turns.
                sleep_until(sent).await;
            }
        };
        let write = async move {
            while let Some((arrives, packet)) = packets.recv().await {
                sleep_until(arrives).await;
                if packet.is_empty() {
                    break;
                }
                to.write_all(&packet).await?;
            }
            to.shutdown().await
        };
        tokio::try_join!(read, write).map(|_: ((), ())| ())
    }

    /// Schedules a packet of this length. Returns the time at which it has left, and the time at
    /// which it arrives.
    fn schedule(&self, length: usize) -> (Instant, Instant) {
        let mut busy_until = self.busy_until.lock().expect("no panic");
        let seconds = (length * 8) as f64 / self.link.rate as f64;
        let sent = (*busy_until).max(Instant::now()) + Duration::from_secs_f64(seconds);
        *busy_until = sent;
        (sent, sent + self.link.delay)
    }
}
