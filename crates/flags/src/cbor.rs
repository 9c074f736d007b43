//! Deterministic CBOR (RFC 8949, section 4.2.1) of what is hashed: mostly a text or an array of texts, at times another value.
//! Lengths and numbers take the shortest form, and the members of a map are in the order of their encoded names.

use alloc::vec::Vec;

use crate::datum::Datum;
use crate::limits::DEPTH;

const NEGATIVE: u8 = 1 << 5;
const MAP: u8 = 5 << 5;
const FALSE: u8 = 0xf4;
const TRUE: u8 = 0xf5;
const NULL: u8 = 0xf6;
const HALF: u8 = 0xf9;
const SINGLE: u8 = 0xfa;
const DOUBLE: u8 = 0xfb;
const TEXT: u8 = 3 << 5;
const ARRAY: u8 = 4 << 5;

/// A CBOR text.
pub(crate) struct Text<'a>(pub(crate) &'a str);

impl Text<'_> {
    pub(crate) fn encode(&self, write: &mut impl FnMut(&[u8])) {
        encode_head(TEXT, self.0.len() as u64, write);
        write(self.0.as_bytes());
    }
}

pub(crate) fn encode_array(texts: &[&str], write: &mut impl FnMut(&[u8])) {
    encode_head(ARRAY, texts.len() as u64, write);
    for text in texts {
        Text(text).encode(write);
    }
}

/// What stands before the bytes of a text.
pub(crate) fn encode_text_head(bytes: usize, write: &mut impl FnMut(&[u8])) {
    encode_head(TEXT, bytes as u64, write);
}

/// Any value; nothing is said of one that is too deep.
pub(crate) fn encode_datum(datum: &Datum<'_>, write: &mut impl FnMut(&[u8])) -> Option<()> {
    encode_level(datum, write, DEPTH)
}

fn encode_level<W: FnMut(&[u8])>(datum: &Datum<'_>, write: &mut W, levels: usize) -> Option<()> {
    match datum {
        Datum::Null => write(&[NULL]),
        Datum::Bool(value) => write(&[if *value { TRUE } else { FALSE }]),
        Datum::Int(value) => encode_whole(i128::from(*value), write),
        Datum::Float(value) => match whole(*value) {
            Some(value) => encode_whole(value, write),
            None => encode_float(*value, write),
        },
        Datum::Text(text) => Text(text.as_str()).encode(write),
        Datum::Given(_) | Datum::Written(_) | Datum::List(_) | Datum::Map(_) => {
            let levels = levels.checked_sub(1)?;
            if let Some(length) = datum.length() {
                encode_head(ARRAY, length as u64, write);
                return datum.items().try_for_each(|item| encode_level(&item, write, levels));
            }
            let mut members: Vec<_> = (0..datum.size()?).map_while(|i| datum.member_at(i)).collect();
            // The head of a name says its length, so shorter names come first.
            members.sort_by(|(a, _), (b, _)| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
            encode_head(MAP, members.len() as u64, write);
            return members.iter().try_for_each(|(name, value)| {
                Text(name).encode(write);
                encode_level(value, write, levels)
            });
        }
    }
    Some(())
}

/// A number without a fraction that 64 bits, with or without a sign, can hold.
#[expect(clippy::cast_possible_truncation, reason = "the range was compared")]
pub(crate) fn whole(value: f64) -> Option<i128> {
    let fits = (-9_223_372_036_854_775_808.0..18_446_744_073_709_551_616.0).contains(&value);
    (fits && value % 1.0 == 0.0).then_some(value as i128)
}

fn encode_whole(value: i128, write: &mut impl FnMut(&[u8])) {
    let (major, magnitude) = if value < 0 { (NEGATIVE, -1 - value) } else { (0, value) };
    // Within range: `whole` and an `i64` are.
    encode_head(major, u64::try_from(magnitude).unwrap_or(u64::MAX), write);
}

#[expect(clippy::cast_possible_truncation, reason = "the narrow form is taken only if it is the same number")]
fn encode_float(value: f64, write: &mut impl FnMut(&[u8])) {
    let single = value as f32;
    if value.is_nan() {
        write(&[HALF, 0x7e, 0x00]);
    } else if f64::from(single).to_bits() != value.to_bits() {
        write(&[DOUBLE]);
        write(&value.to_be_bytes());
    } else if let Some(half) = half(single) {
        write(&[HALF]);
        write(&half.to_be_bytes());
    } else {
        write(&[SINGLE]);
        write(&single.to_be_bytes());
    }
}

/// The same number in 16 bits, if they can say it.
#[expect(clippy::cast_possible_truncation, reason = "each shift leaves what fits, and nothing is lost by it")]
fn half(single: f32) -> Option<u16> {
    let bits = single.to_bits();
    let sign = (bits >> 16) as u16 & 0x8000;
    let exponent = ((bits >> 23) & 0xff).cast_signed() - 127;
    let fraction = bits & 0x7f_ffff;
    match exponent {
        128 => (fraction == 0).then_some(sign | 0x7c00),
        -127 => (fraction == 0).then_some(sign),
        -14..=15 if fraction & 0x1fff == 0 => Some(sign | (((exponent + 15) as u16) << 10) | (fraction >> 13) as u16),
        -24..=-15 => {
            let shift = (-exponent - 1).unsigned_abs();
            let all = fraction | 0x80_0000;
            (all & ((1 << shift) - 1) == 0).then_some(sign | (all >> shift) as u16)
        }
        _ => None,
    }
}

#[expect(clippy::cast_possible_truncation, reason = "each arm of the match is the range that fits")]
fn encode_head(major: u8, length: u64, write: &mut impl FnMut(&[u8])) {
    match length {
        0..=23 => write(&[major | length as u8]),
        24..=0xff => write(&[major | 24, length as u8]),
        0x100..=0xffff => {
            write(&[major | 25]);
            write(&(length as u16).to_be_bytes());
        }
        0x1_0000..=0xffff_ffff => {
            write(&[major | 26]);
            write(&(length as u32).to_be_bytes());
        }
        _ => {
            write(&[major | 27]);
            write(&length.to_be_bytes());
        }
    }
}
