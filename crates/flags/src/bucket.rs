//! Bucketing: from the strings that name a user to a place on the line, and from a share to a yes or a no.
//!
//! The hash is the one that flagd calls version 3 of `fractional`: `murmur3_x86_32` with seed 0 over the deterministic CBOR
//! (RFC 8949, section 4.2.1) of a string, or of an array of strings. An array keeps `["ab", "c"]` and `["a", "bc"]` apart, which
//! gluing strings together does not.

use core::fmt;

use crate::cbor::Text;
use crate::murmur3::{Murmur3, scramble};

/// How many parts [`Ppm`] divides a whole into.
pub const PPM: u32 = 1_000_000;

/// How many groups [`user_bucket`] divides users into.
pub const USER_BUCKETS: u8 = 64;

/// The 32-bit hash of `parts`: of a CBOR text when there is one, of a CBOR array of texts otherwise.
///
/// Put what distinguishes one split from another (a salt, a flag's key) first and the user last.
#[must_use]
pub fn hash(parts: &[&str]) -> u32 {
    let mut digest = Murmur3::new();
    let mut write = |bytes: &[u8]| digest.write(bytes);
    match parts {
        [only] => Text(only).encode(&mut write),
        several => crate::cbor::encode_array(several, &mut write),
    }
    digest.finish()
}

/// Where `hash` falls on a line of `scale` places: `hash * scale / 2^32`, rounded down, so always below `scale`.
#[must_use]
pub const fn position(hash: u32, scale: u32) -> u32 {
    ((hash as u64 * scale as u64) >> 32) as u32
}

/// Whether a user with this hash is among the first `share` of the line.
///
/// Monotone: a user who is in a share is in every larger one, so nobody flips back while a share rises. Nobody is in
/// [`Ppm::NONE`] and everybody is in [`Ppm::ALL`].
#[must_use]
pub const fn in_share(hash: u32, share: Ppm) -> bool {
    position(hash, PPM) < share.0
}

/// Which of the [`USER_BUCKETS`] groups a user with this hash belongs to.
///
/// The group says nothing about the user's [`position`] and the position nothing about the group: the hash is scrambled once more
/// first. Without that, the groups of the users inside a 5 % share would be a biased choice of all groups, and the spread of
/// errors between groups would be an artefact of the split.
#[must_use]
pub const fn user_bucket(hash: u32) -> u8 {
    // The constant keeps 0 from being a fixed point of the scrambling; it is the fraction of the golden ratio, chosen by nobody.
    (scramble(hash ^ 0x9e37_79b9) & (USER_BUCKETS as u32 - 1)) as u8
}

/// A share of users in parts per million: between 0 (nobody) and 1,000,000 (everybody).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ppm(u32);

impl Ppm {
    /// Nobody.
    pub const NONE: Ppm = Ppm(0);
    /// Everybody.
    pub const ALL: Ppm = Ppm(PPM);

    /// A share of `ppm` parts per million.
    ///
    /// # Errors
    /// [`OverAll`] when that is more than everybody.
    pub const fn new(ppm: u32) -> Result<Ppm, OverAll> {
        if ppm > PPM { Err(OverAll(ppm)) } else { Ok(Ppm(ppm)) }
    }

    /// Parts per million.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The share as a fraction of 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / f64::from(PPM)
    }
}

/// A share of more than everybody, in parts per million.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OverAll(pub u32);

impl fmt::Display for OverAll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a share of {} parts per million is more than everybody ({PPM})", self.0)
    }
}

impl core::error::Error for OverAll {}
