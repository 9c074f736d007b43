//! The two shapes of deterministic CBOR that are hashed: a text, and an array of texts. Lengths take the shortest form.

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
