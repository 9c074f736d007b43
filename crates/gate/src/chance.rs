//! Names that nobody has used before: for users without a cookie, for requests and their traces, and for runs of the gate.

use std::cell::Cell;
use std::hash::{BuildHasher, RandomState};

/// 16 bytes, others at every call. Each thread has a generator of its own (xoshiro256++ by Blackman and Vigna), which begins
/// where the system's source of chance puts it: good enough to tell users and requests apart, and not meant as a secret.
fn fresh() -> [u8; 16] {
    thread_local! {
        static STATE: Cell<[u64; 4]> = Cell::new([0, 1, 2, 3].map(|word: u64| RandomState::new().hash_one(word)));
    }
    let (high, low) = STATE.with(|state| {
        let (high, between) = next(state.get());
        let (low, after) = next(between);
        state.set(after);
        (high, low)
    });
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&high.to_be_bytes());
    bytes[8..].copy_from_slice(&low.to_be_bytes());
    bytes
}

/// The next number, and the state that follows.
fn next([a, b, c, d]: [u64; 4]) -> (u64, [u64; 4]) {
    let number = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
    let (c, d) = (c ^ a, d ^ b);
    (number, [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)])
}

/// 32 hexadecimal digits, without a trip through the heap: one is made for nearly every request.
pub(crate) fn fresh_digits() -> [u8; 32] {
    let mut digits = [0; 32];
    for (pair, byte) in digits.as_chunks_mut().0.iter_mut().zip(fresh()) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    digits
}

/// The same as text.
pub(crate) fn fresh_id() -> String {
    fresh_digits().map(char::from).iter().collect()
}

fn digit(half: u8) -> u8 {
    if half < 10 { b'0' + half } else { b'a' + half - 10 }
}

#[cfg(test)]
mod tests {
    use super::fresh_id;

    #[test]
    fn no_two_are_alike() {
        let ids: std::collections::HashSet<String> = (0..10_000).map(|_| fresh_id()).collect();
        assert_eq!(ids.len(), 10_000);
        assert!(ids.iter().all(|id| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit())));
    }
}
