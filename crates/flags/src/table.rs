//! From a flag's key to its place: one probe of a table with open addressing, at most half full.

use alloc::vec;
use alloc::vec::Vec;

const EMPTY: u32 = u32::MAX;

/// The places of keys.
#[derive(Clone, Debug, Default)]
pub(crate) struct Table {
    /// A power of two of slots: the upper half of a key's hash, and its place.
    slots: Vec<(u32, u32)>,
}

impl Table {
    pub(crate) fn new<'k>(keys: impl ExactSizeIterator<Item = &'k str>) -> Self {
        let size = (keys.len() * 2).next_power_of_two();
        let mut slots = vec![(0, EMPTY); size];
        for (place, key) in (0_u32..).zip(keys) {
            let hash = hash(key.as_bytes());
            let mut at = start(hash, size);
            while let Some(slot) = slots.get_mut(at) {
                if slot.1 == EMPTY {
                    *slot = (tag(hash), place);
                    break;
                }
                at = (at + 1) & (size - 1);
            }
        }
        Table { slots }
    }

    /// The place for which `is_it` says yes, among those whose keys may be this one.
    pub(crate) fn find<T>(&self, key: &str, is_it: impl Fn(usize) -> Option<T>) -> Option<T> {
        let size = self.slots.len();
        let hash = hash(key.as_bytes());
        let mut at = start(hash, size);
        loop {
            let (known, place) = *self.slots.get(at)?;
            if place == EMPTY {
                return None;
            }
            if known == tag(hash)
                && let Some(found) = is_it(place as usize)
            {
                return Some(found);
            }
            at = (at + 1) & (size - 1);
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the lower bits are what is wanted")]
fn start(hash: u64, size: usize) -> usize {
    hash as usize & size.wrapping_sub(1)
}

const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// Eight bytes at a time, each mixed by a multiplication whose halves are folded together. Keys are written by people who may
/// write flags, so that nothing has to be kept secret.
fn hash(bytes: &[u8]) -> u64 {
    const ODD: u64 = 0x9e37_79b9_7f4a_7c15;
    let fold = |state: u64, word: u64| {
        let product = u128::from(state ^ word) * u128::from(ODD);
        #[expect(clippy::cast_possible_truncation, reason = "the halves are folded")]
        let folded = (product as u64) ^ ((product >> 64) as u64);
        folded
    };
    let (words, rest) = bytes.as_chunks::<8>();
    let state = words.iter().fold(ODD ^ bytes.len() as u64, |state, word| fold(state, u64::from_le_bytes(*word)));
    let last = rest.iter().rev().fold(0, |word, byte| (word << 8) | u64::from(*byte));
    fold(fold(state, last), ODD)
}
