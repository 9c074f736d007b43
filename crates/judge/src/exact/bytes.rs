//! Numbers as bytes: one for what is small, else how many follow.

use alloc::vec::Vec;
use core::fmt;

/// Numbers below this are one byte.
const SINGLE: u8 = 0x80;

/// The usual first bytes of floats: zero, minus infinity, and what is neither tiny nor huge.
const TOPS: [u8; 31] = [
    0x00, 0xff, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b,
    0x4c, 0x4d, 0xbc, 0xbd, 0xbe, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc5,
];
/// In the place of another first byte, which then follows.
const UNUSUAL: u8 = 31;

#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn number(&mut self, number: u64) {
        match u8::try_from(number) {
            Ok(small) if small < SINGLE => self.0.push(small),
            Ok(_) | Err(_) => {
                let length = 8 - number.leading_zeros() as usize / 8;
                self.0.push(SINGLE + length as u8);
                self.0.extend(number.to_le_bytes().iter().take(length));
            }
        }
    }

    /// Sign and exponent first, with how many bytes follow before all is zero: those of round numbers are zeros.
    pub(crate) fn float(&mut self, float: f64) {
        let [top, rest @ ..] = float.to_be_bytes();
        let length = rest.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        let tag = match (0..).zip(TOPS).find(|entry| entry.1 == top) {
            Some((place, _)) => place,
            None => UNUSUAL,
        };
        self.0.push(tag << 3 | length as u8);
        if tag == UNUSUAL {
            self.0.push(top);
        }
        self.0.extend(rest.iter().take(length));
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.number(text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
    }

    pub(crate) fn done(self) -> Vec<u8> {
        self.0
    }
}

#[derive(Debug)]
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(crate) fn of(bytes: &'a [u8]) -> Reader<'a> {
        Reader(bytes)
    }

    pub(crate) fn number(&mut self) -> Result<u64, Damage> {
        let first = self.byte()?;
        let Some(length) = first.checked_sub(SINGLE) else {
            return Ok(u64::from(first));
        };
        let mut number = [0; 8];
        let Some(part) = number.get_mut(..usize::from(length)) else {
            return Err(Damage::OutOfRange);
        };
        part.copy_from_slice(self.take(usize::from(length))?);
        Ok(u64::from_le_bytes(number))
    }

    pub(crate) fn float(&mut self) -> Result<f64, Damage> {
        let tag = self.byte()?;
        let top = match TOPS.get(usize::from(tag >> 3)) {
            Some(&top) => top,
            None => self.byte()?,
        };
        let mut bytes = [top, 0, 0, 0, 0, 0, 0, 0];
        for byte in bytes.iter_mut().skip(1).take(usize::from(tag & 7)) {
            *byte = self.byte()?;
        }
        Ok(f64::from_be_bytes(bytes))
    }

    /// How many items follow, each of at least one byte.
    pub(crate) fn length(&mut self) -> Result<usize, Damage> {
        let length = usize::try_from(self.number()?).map_err(|_| Damage::OutOfRange)?;
        if length > self.0.len() { Err(Damage::TooShort) } else { Ok(length) }
    }

    pub(crate) fn text(&mut self) -> Result<&'a str, Damage> {
        let length = self.length()?;
        core::str::from_utf8(self.take(length)?).map_err(|_| Damage::OutOfRange)
    }

    /// One of a list, by its place.
    pub(crate) fn one_of<'b, T>(&mut self, all: &'b [T], what: &'static str) -> Result<&'b T, Damage> {
        let at = usize::try_from(self.number()?).map_err(|_| Damage::OutOfRange)?;
        all.get(at).ok_or(Damage::Contradiction(what))
    }

    /// Nothing may be left.
    pub(crate) fn end(self) -> Result<(), Damage> {
        if self.0.is_empty() { Ok(()) } else { Err(Damage::TooLong) }
    }

    fn byte(&mut self) -> Result<u8, Damage> {
        let (first, rest) = self.0.split_first().ok_or(Damage::TooShort)?;
        self.0 = rest;
        Ok(*first)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Damage> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(Damage::TooShort)?;
        self.0 = rest;
        Ok(taken)
    }
}

/// Why bytes are no state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Damage {
    TooShort,
    TooLong,
    /// A float that is not a number, or too large for one.
    NoNumber,
    /// A number too large for its place, or text that is none.
    OutOfRange,
    /// Values that cannot be together, of this type.
    Contradiction(&'static str),
}

impl fmt::Display for Damage {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Damage::TooShort => out.write_str("it ends too early"),
            Damage::TooLong => out.write_str("it goes on after its end"),
            Damage::NoNumber => out.write_str("it holds a number that is none"),
            Damage::OutOfRange => out.write_str("it holds a value that does not fit its place"),
            Damage::Contradiction(what) => write!(out, "it holds values of {what} that cannot be together"),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Exact, read_new};
    use super::*;

    fn through<T: Exact + Default>(value: &T) -> (T, usize) {
        let mut to = Writer::default();
        value.write(&mut to);
        let bytes = to.done();
        let mut from = Reader::of(&bytes);
        let read = read_new(&mut from).unwrap();
        from.end().unwrap();
        (read, bytes.len())
    }

    proptest! {
        #[test]
        fn every_number_comes_back(number: u64, signed: i64, bits: u64) {
            prop_assert_eq!(through(&number).0, number);
            prop_assert_eq!(through(&signed).0, signed);
            let float = f64::from_bits(bits);
            prop_assume!(float <= f64::MAX);
            prop_assert_eq!(through(&float).0.to_bits(), bits);
        }
    }

    #[test]
    fn floats_that_text_would_lose_come_back_and_counts_are_short() {
        for float in [f64::NEG_INFINITY, -0.0, f64::MIN_POSITIVE / 3.0, 0.1 + 0.2, f64::MAX] {
            assert_eq!(through(&float).0.to_bits(), float.to_bits());
        }
        assert_eq!([0.0, 1.0, 100.0, f64::NEG_INFINITY, 0.1].map(|float| through(&float).1), [1, 2, 2, 2, 8]);
        assert_eq!([0_i64, -1, 63, 64, i64::MIN].map(|number| through(&number).1), [1, 1, 1, 2, 9]);
    }

    #[test]
    fn rounding_keeps_the_leading_digits() {
        let close = |value: f64| (super::super::rounded::<12>(value) / value - 1.0).abs();
        assert!([0.1, -7.3e-9, 1.9999999, 3e60].map(close).iter().all(|error| *error <= 1.0 / 8_192.0));
        assert!([0.1, -7.3e-9].map(close).iter().all(|error| *error > 0.0));
        assert_eq!([0.0, 1.0, -4_095.0].map(super::super::rounded::<12>), [0.0, 1.0, -4_095.0]);
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for float in [f64::NAN, f64::INFINITY] {
            let mut to = Writer::default();
            float.write(&mut to);
            assert_eq!(read_new::<f64>(&mut Reader::of(&to.done())), Err(Damage::NoNumber));
        }
        assert_eq!(Reader::of(&[0x89, 1, 2, 3, 4, 5, 6, 7, 8, 9]).number(), Err(Damage::OutOfRange));
        assert_eq!(read_new::<alloc::vec::Vec<u8>>(&mut Reader::of(&[5, 1])), Err(Damage::TooShort));
    }
}
