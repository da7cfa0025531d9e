//! Reads the body of a response within a limit, and decompresses it.

use std::sync::atomic::AtomicU64;

use bytes::Bytes;
use flate2::{Decompress, FlushDecompress, Status};

use crate::response::head::Encoding;
use crate::transport::outcome::Failure;
use crate::transport::usage::count;

/// The maximum memory to reserve in advance, based on `Content-Length`. Beyond that, the buffer
/// grows as data arrives.
const MAX_RESERVED: usize = 64 << 10;
/// The largest step by which the buffer of decompressed data grows.
const MAX_STEP: usize = 1 << 20;
/// Data after the end of a gzip stream is ignored. If there is more than this, the rest is not
/// read, and the connection is closed.
const MAX_TRAILING: usize = 64 << 10;
/// The first byte of each member of a gzip stream.
const GZIP_MAGIC: u8 = 0x1f;
/// The largest window of gzip, as a power of two.
const WINDOW_BITS: u8 = 15;

/// Reads a body, and adds its size to `received`. The limit applies to the decompressed data. Reads
/// nothing if `Content-Length` shows that the body exceeds the limit.
pub(crate) async fn read(
    mut response: reqwest::Response,
    encoding: &Encoding,
    limit: usize,
    received: &AtomicU64,
) -> Result<Bytes, Failure> {
    let is_compressed = matches!(encoding, Encoding::Gzip);
    // Compression may make a short body longer.
    let slack = if is_compressed { MAX_TRAILING } else { 0 };
    let announced = usize::try_from(response.content_length().unwrap_or(0));
    let is_within = |length: &usize| *length <= limit.saturating_add(slack);
    let Some(announced) = announced.ok().filter(is_within) else {
        return Err(Failure::TooLarge { limit });
    };
    if is_compressed {
        return gunzip(response, limit, received).await;
    }
    let mut body = Vec::with_capacity(announced.min(MAX_RESERVED));
    while let Some(chunk) = response.chunk().await? {
        count(received, chunk.len() as u64);
        if chunk.len() > limit - body.len() {
            return Err(Failure::TooLarge { limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.into())
}

/// Reads a body that is compressed with gzip.
async fn gunzip(
    mut response: reqwest::Response,
    limit: usize,
    received: &AtomicU64,
) -> Result<Bytes, Failure> {
    let mut stream = Gunzip::new(limit);
    let mut trailing = 0;
    let mut compressed = 0_usize;
    while let Some(chunk) = response.chunk().await? {
        count(received, chunk.len() as u64);
        // A gzip stream can go on without ever containing data.
        compressed = compressed.saturating_add(chunk.len());
        if compressed > limit.saturating_add(MAX_TRAILING) {
            return Err(Failure::TooLarge { limit });
        }
        trailing += stream.push(&chunk)?;
        if trailing > MAX_TRAILING {
            break;
        }
    }
    stream.finish()
}

/// Decompresses a gzip stream chunk by chunk.
pub(crate) struct Gunzip {
    decompress: Decompress,
    body: Vec<u8>,
    limit: usize,
    /// True once the stream has ended with a correct checksum.
    has_ended: bool,
    /// True if there was data after the end of the stream.
    has_trailing: bool,
}

impl Gunzip {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            decompress: Decompress::new_gzip(WINDOW_BITS),
            body: Vec::new(),
            limit,
            has_ended: false,
            has_trailing: false,
        }
    }

    /// Decompresses a chunk. Returns the number of bytes after the end of the stream.
    pub(crate) fn push(&mut self, mut chunk: &[u8]) -> Result<usize, Failure> {
        while !self.has_ended {
            // Leaves room for one byte more than the limit, to detect that the limit is exceeded.
            let room = self.limit.saturating_add(1) - self.body.len();
            let step = self.body.len().clamp(MAX_RESERVED, MAX_STEP).min(room);
            if self.body.len() == self.body.capacity() {
                self.body.reserve_exact(step);
            }
            let (read, written) = (self.decompress.total_in(), self.body.len());
            let status = self
                .decompress
                .decompress_vec(chunk, &mut self.body, FlushDecompress::None)
                .map_err(|_| Failure::Damaged)?;
            let read = usize::try_from(self.decompress.total_in() - read).unwrap_or(chunk.len());
            chunk = chunk.get(read..).unwrap_or_default();
            if self.body.len() > self.limit {
                return Err(Failure::TooLarge { limit: self.limit });
            }
            self.has_ended = status == Status::StreamEnd;
            let is_full = self.body.len() == self.body.capacity();
            if chunk.is_empty() && !is_full {
                break;
            }
            if read == 0 && self.body.len() == written {
                return Err(Failure::Damaged);
            }
        }
        if let Some(&first) = chunk.first()
            && !std::mem::replace(&mut self.has_trailing, true)
            && first == GZIP_MAGIC
        {
            // The stream has a second member, without which the body would be incomplete. GitHub
            // never sends one.
            return Err(Failure::Damaged);
        }
        Ok(chunk.len())
    }

    pub(crate) fn finish(self) -> Result<Bytes, Failure> {
        // A response without a body, such as a 204, may still name an encoding.
        let is_empty = self.decompress.total_in() == 0;
        if self.has_ended || is_empty {
            return Ok(self.body.into());
        }
        Err(Failure::Damaged)
    }
}
