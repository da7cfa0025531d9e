//! Hashes that are the same in every run, so that what follows from them may stand in a snapshot.

use std::hash::Hasher;

use fnv::FnvHasher;

pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
