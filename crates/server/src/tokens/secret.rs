//! Secrets: 256 random bits, shown once. Since nobody can guess them, a plain hash keeps them as well as a slow one would.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::hint::black_box;

/// The hash of a secret.
pub(super) type Hash = [u8; 32];

/// What stands for no token when one is compared that is not known, so that both take the same time.
pub(super) const NOBODY: Hash = [0; 32];

/// A new secret for the token with this number.
pub(super) fn generate(number: u64) -> Result<String, getrandom::Error> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)?;
    Ok(format!("tg_t{number}_{}", hex(&bits)))
}

/// The number in a secret; a secret that has none is nobody's.
pub(super) fn number(secret: &str) -> Option<u64> {
    let (number, bits) = secret.strip_prefix("tg_t")?.split_once('_')?;
    let digits = !number.is_empty() && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit());
    if !digits || bits.len() != 64 {
        return None;
    }
    number.parse().ok()
}

pub(super) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret.as_bytes()).into()
}

/// Compares without saying, by the time that it takes, where the difference is.
pub(super) fn same(a: &Hash, b: &Hash) -> bool {
    let difference = a.iter().zip(b).fold(0, |difference, (a, b)| black_box(difference | (a ^ b)));
    black_box(difference) == 0
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

pub(super) fn unhex(text: &str) -> Option<Hash> {
    let mut hash = NOBODY;
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in hash.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(hash)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_carries_its_number_and_no_two_are_alike() {
        let (one, two) = (generate(7).unwrap(), generate(7).unwrap());
        assert_eq!(number(&one), Some(7));
        assert_ne!(one, two);
        assert!(same(&hash(&one), &hash(&one)) && !same(&hash(&one), &hash(&two)));
        assert_eq!(unhex(&hex(&hash(&one))), Some(hash(&one)));
    }

    #[test]
    fn what_is_no_secret_is_nobodys() {
        let bits = "0".repeat(64);
        for text in ["", "tg_", "tg_t_", &format!("tg_tx_{bits}"), &format!("tg_t1_{bits}0"), &format!("t1_{bits}")] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
