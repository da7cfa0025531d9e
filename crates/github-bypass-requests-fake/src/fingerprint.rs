//! A hash that is the same in every run, so that snapshots can contain it.

use std::hash::Hasher;

use fnv::FnvHasher;

pub(crate) fn fingerprint(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
