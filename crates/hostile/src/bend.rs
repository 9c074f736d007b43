//! Mutations with a seed. libFuzzer finds its way by coverage; this is for the stable tests, and goes where hostile hands go first:
//! keys swapped and told twice, deep nesting, huge and negative numbers, torn UTF-8, zero bytes, long strings, YAML's anchors.

/// xorshift64*: the same seed bends the same way everywhere.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Chance that can be repeated.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed.max(1))
    }

    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        usize::try_from(self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33).unwrap() % sides.max(1)
    }
}

/// What is put where something else was.
const ODD: [&str; 34] = [
    "0",
    "-1",
    "-5 min",
    "1e308",
    "-1e308",
    "1e-400",
    "18446744073709551615",
    "18446744073709551616",
    "-9223372036854775808",
    "99999999999999999999999999",
    "0.30000000000000004",
    "NaN",
    "null",
    "true",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "[]",
    "{}",
    "[[]]",
    "{\"a\":{\"a\":1}}",
    "\u{0}",
    "\u{feff}",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "&a [*a]",
    "<<: *a",
    "!!binary x",
    "? [a]: b",
    "---",
    "%YAML 9.9",
    "100 %",
    "😀",
];

/// Changes `bytes` in one to four places. `other` is another piece of the same kind, of which parts may be taken.
#[must_use]
pub fn bend(bytes: &[u8], other: &[u8], dice: &mut Dice) -> Vec<u8> {
    let mut bent = bytes.to_vec();
    for _ in 0..=dice.roll(4) {
        once(&mut bent, other, dice);
    }
    // Beyond this only the length is tried, which the first kilobytes do as well.
    bent.truncate(64 * 1024);
    bent
}

fn once(bent: &mut Vec<u8>, other: &[u8], dice: &mut Dice) {
    match dice.roll(12) {
        0 => bent.truncate(dice.roll(bent.len() + 1)),
        1 => {
            let at = dice.roll(bent.len());
            if let Some(byte) = bent.get_mut(at) {
                *byte ^= 1 << dice.roll(8);
            }
        }
        2 => replace_word(bent, ODD[dice.roll(ODD.len())].as_bytes(), dice),
        3 => insert(bent, ODD[dice.roll(ODD.len())].as_bytes(), dice),
        4 => swap_words(bent, dice),
        5 => tell_twice(bent, dice),
        6 => {
            let opening = [&b"["[..], b"{\"a\":", b"- ", b"{a: ", b"&a [", b"("][dice.roll(6)];
            insert(bent, &opening.repeat(1 + dice.roll(3_000)), dice);
        }
        7 => insert(
            bent,
            &[b'x', b'9', b' ', 0xf0, b'-', b'\\'][dice.roll(6)..][..1].repeat(1 + dice.roll(20_000)),
            dice,
        ),
        8 => {
            // In the middle of a character, if there is one.
            let at = bent.iter().position(|byte| *byte >= 0x80).unwrap_or(dice.roll(bent.len() + 1));
            bent.truncate(at + usize::from(at < bent.len()));
        }
        9 => {
            let at = dice.roll(other.len() + 1);
            let length = dice.roll(200).min(other.len() - at);
            insert(bent, &other[at..at + length], dice);
        }
        10 => drop_line(bent, dice),
        _ => {
            let bomb = b"&a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d]\n";
            insert(bent, bomb, dice);
        }
    }
}

fn insert(bent: &mut Vec<u8>, piece: &[u8], dice: &mut Dice) {
    let at = dice.roll(bent.len() + 1);
    bent.splice(at..at, piece.iter().copied());
}

/// Words are what stands between the signs of JSON, YAML and HTTP.
fn words(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, byte) in bytes.iter().enumerate() {
        let inside =
            !matches!(byte, b' ' | b'\n' | b':' | b',' | b'{' | b'}' | b'[' | b']' | b'"' | b'\'' | b';' | b'=');
        match (inside, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push((from, at));
                start = None;
            }
            (true, Some(_)) | (false, None) => {}
        }
    }
    words.extend(start.map(|from| (from, bytes.len())));
    words
}

fn replace_word(bent: &mut Vec<u8>, with: &[u8], dice: &mut Dice) {
    let words = words(bent);
    if let Some(&(from, to)) = words.get(dice.roll(words.len())) {
        // A quoted word loses its quotes half of the time, or a number could never stand in for a text.
        let quoted = from > 0 && bent[from - 1] == b'"' && bent.get(to) == Some(&b'"') && dice.roll(2) == 0;
        let (from, to) = if quoted { (from - 1, to + 1) } else { (from, to) };
        bent.splice(from..to, with.iter().copied());
    }
}

fn swap_words(bent: &mut Vec<u8>, dice: &mut Dice) {
    let words = words(bent);
    let (one, other) = (dice.roll(words.len()), dice.roll(words.len()));
    let (Some(&first), Some(&second)) = (words.get(one.min(other)), words.get(one.max(other))) else { return };
    if one != other {
        let (early, late) = (bent[first.0..first.1].to_vec(), bent[second.0..second.1].to_vec());
        bent.splice(second.0..second.1, early);
        bent.splice(first.0..first.1, late);
    }
}

/// A line, or a piece between two commas, once more: a key that is there twice.
fn tell_twice(bent: &mut Vec<u8>, dice: &mut Dice) {
    let separator = if dice.roll(2) == 0 { b'\n' } else { b',' };
    let places: Vec<usize> =
        bent.iter().enumerate().filter(|(_, byte)| **byte == separator).map(|(at, _)| at).collect();
    let Some(&[from, to]) =
        places.windows(2).map(|pair| [pair[0], pair[1]]).collect::<Vec<_>>().get(dice.roll(places.len()))
    else {
        return;
    };
    let piece = bent[from..to].to_vec();
    bent.splice(to..to, piece);
}

fn drop_line(bent: &mut Vec<u8>, dice: &mut Dice) {
    let mut lines: Vec<&[u8]> = bent.split(|byte| *byte == b'\n').collect();
    lines.remove(dice.roll(lines.len()));
    *bent = lines.join(&b'\n');
}
