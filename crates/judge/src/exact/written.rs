//! A judge as it is stored: which layout, the state, and a checksum, as a changed bit would be another truth.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::{self, Write as _};

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Damage, Exact, Reader, Writer, read_new};
use crate::judge::Judge;
use crate::settings::{Settings, Unsound};

/// Grows with every change of what is written or of what it means, as evidence of one method is none of another.
const LAYOUT: u8 = 1;

/// Why a stored judge cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Unreadable(Why);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Why {
    NotHex,
    /// Written by a version that judges in another way.
    Layout(u8),
    Checksum,
    Damage(Damage),
    Unsound(Unsound),
}

impl Judge {
    fn written(&self) -> Vec<u8> {
        let mut to = Writer::default();
        self.settings.write(&mut to);
        self.write(&mut to);
        sealed(&to.done())
    }

    fn restored(bytes: &[u8]) -> Result<Judge, Unreadable> {
        let read = || {
            let mut from = Reader::of(unsealed(bytes)?);
            let settings: Settings = read_new(&mut from).map_err(Why::Damage)?;
            let mut judge = Judge::new(settings).map_err(Why::Unsound)?;
            judge.read(&mut from).map_err(Why::Damage)?;
            from.end().map_err(Why::Damage)?;
            Ok(judge)
        };
        read().map_err(Unreadable)
    }
}

fn sealed(state: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(state.len() + 9);
    bytes.push(LAYOUT);
    bytes.extend_from_slice(state);
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum.to_le_bytes());
    bytes
}

fn unsealed(bytes: &[u8]) -> Result<&[u8], Why> {
    let (body, sum) = bytes.split_last_chunk::<8>().ok_or(Why::Damage(Damage::TooShort))?;
    if u64::from_le_bytes(*sum) != checksum(body) {
        return Err(Why::Checksum);
    }
    match body.split_first() {
        Some((&LAYOUT, state)) => Ok(state),
        Some((&other, _)) => Err(Why::Layout(other)),
        None => Err(Why::Damage(Damage::TooShort)),
    }
}

/// FNV-1a: against accidents, not against people.
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

fn unhex(text: &str) -> Result<Vec<u8>, Unreadable> {
    let digit = |digit: u8| (digit as char).to_digit(16).map(|digit| digit as u8);
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let bytes = pairs.iter().map(|&[high, low]| Some(digit(high)? << 4 | digit(low)?)).collect::<Option<Vec<u8>>>();
    bytes.filter(|_| rest.is_empty()).ok_or(Unreadable(Why::NotHex))
}

/// Text formats hold it in hexadecimal digits, compact ones in bytes.
impl Serialize for Judge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let bytes = self.written();
        if serializer.is_human_readable() {
            serializer.serialize_str(&hex(&bytes))
        } else {
            serializer.serialize_bytes(&bytes)
        }
    }
}

impl<'de> Deserialize<'de> for Judge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Judge, D::Error> {
        if deserializer.is_human_readable() {
            deserializer.deserialize_str(Stored)
        } else {
            deserializer.deserialize_byte_buf(Stored)
        }
    }
}

struct Stored;

impl<'de> Visitor<'de> for Stored {
    type Value = Judge;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the state of a judge")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Judge, E> {
        unhex(text).and_then(|bytes| Judge::restored(&bytes)).map_err(E::custom)
    }

    fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Judge, E> {
        Judge::restored(bytes).map_err(E::custom)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Judge, A::Error> {
        let mut bytes = Vec::new();
        while let Some(byte) = seq.next_element()? {
            bytes.push(byte);
        }
        Judge::restored(&bytes).map_err(A::Error::custom)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let why = match &self.0 {
            Why::NotHex => "it is not written in hexadecimal digits".into(),
            Why::Layout(layout) => format!("it has layout {layout}, this judge reads {LAYOUT}; judge the blocks anew"),
            Why::Checksum => "its checksum is wrong".into(),
            Why::Damage(damage) => format!("{damage}"),
            Why::Unsound(unsound) => format!("its settings cannot be judged by: {unsound}"),
        };
        write!(out, "not the state of a judge: {why}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::counts::{Arm, Block, Bucket, Mean, Split, USER_BUCKETS};
    use crate::rules::{Allowed, Direction, MeanRule, SeriesRule};
    use crate::settings::{Margins, Quantile};

    fn arm(number: i64) -> Arm {
        let mut arm = Arm { requests: 400, errors: 2, started: Some(401), fresh_errors: Some(1), ..Arm::default() };
        (0..400).for_each(|at| arm.latency.record(20_000 + 7_919 * (at + number.unsigned_abs()) % 90_000));
        arm.buckets = alloc::vec![Bucket { requests: 6, errors: 0, affected_users: 0 }; USER_BUCKETS];
        arm.means = alloc::vec![Mean { count: 100, sum: 100.0, sum_squares: 150.0 }];
        arm
    }

    fn block(number: i64) -> Block {
        Block {
            from_ms: number * 10_000,
            to_ms: (number + 1) * 10_000,
            share: 0.5,
            stable: Some(arm(number)),
            canary: Some(arm(number + 3)),
            series: alloc::vec![Some((10.0 + (number % 7) as f64, 11.0))],
            split: Split::ByRequest,
        }
    }

    fn settings() -> Settings {
        let (direction, allowed) = (Direction::LowerIsBetter, Allowed::Relative(0.1));
        let mean =
            MeanRule { name: "orders".into(), direction, allowed, required: true, winsorised: Some("cut".into()) };
        let series = SeriesRule { name: "heap".into(), direction, allowed, required: false };
        Settings { means: alloc::vec![mean], series: alloc::vec![series], warm_up_ms: 30_000, ..Settings::default() }
    }

    fn judged(blocks: i64) -> Judge {
        let mut judge = Judge::new(settings()).unwrap();
        for number in 0..blocks {
            if number == 5 {
                judge
                    .enter_phase(number * 10_000, &Margins { error_rate: 0.002, latency: 0.15, quantiles: Vec::new() });
            }
            let _ = judge.absorb(&block(number));
        }
        judge
    }

    fn lives_on(mut judge: Judge) {
        let _ = judge.verdict();
        for number in [60, 61, 62, 100, 900] {
            let _ = judge.absorb(&block(number));
        }
        judge.enter_phase(9_000_000, &Margins { error_rate: 0.001, latency: 0.1, quantiles: Quantile::ALL.to_vec() });
        for number in 901..920 {
            let _ = judge.absorb(&block(number));
        }
        let _ = judge.verdict().sentence();
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3_000))]

        /// With a checksum that fits, as damage before writing would have: an error, or a judge that goes on.
        #[test]
        fn no_state_makes_it_panic(blocks in 0_i64..40, at: prop::sample::Index, to: u8, shorter in 0_usize..3) {
            let whole = judged(blocks).written();
            let mut state = unsealed(&whole).unwrap().to_vec();
            let at = at.index(state.len());
            state[at] = to;
            state.truncate(state.len() - shorter);
            if let Ok(judge) = Judge::restored(&sealed(&state)) {
                lives_on(judge);
            }
        }
    }

    #[test]
    fn what_was_written_comes_back_before_and_in_a_phase() {
        for blocks in [0, 1, 5, 6, 40] {
            let judge = judged(blocks);
            assert_eq!(Judge::restored(&judge.written()), Ok(judge));
        }
    }

    #[test]
    fn a_phase_that_cannot_pass_comes_back_with_its_reason() {
        let mut judge = judged(10);
        judge.enter_phase(200_000, &Margins { error_rate: 0.001, latency: f64::NAN, quantiles: Vec::new() });
        let restored = Judge::restored(&judge.written()).unwrap();
        assert_eq!(restored, judge);
        assert_eq!(restored.verdict().not_judged, judge.verdict().not_judged);
    }

    #[test]
    fn what_is_not_this_layout_is_said_so() {
        let mut bytes = judged(3).written();
        let told = |bytes: &[u8]| alloc::string::ToString::to_string(&Judge::restored(bytes).unwrap_err());
        assert_eq!(told(&[]), "not the state of a judge: it ends too early");
        bytes[40] ^= 1;
        assert_eq!(told(&bytes), "not the state of a judge: its checksum is wrong");
        let body = &[9, 1, 2];
        let mut other = body.to_vec();
        other.extend(checksum(body).to_le_bytes());
        assert!(told(&other).contains("it has layout 9, this judge reads 1"), "{}", told(&other));
        let mut unsound = judged(0);
        unsound.settings.horizon_ms = 0;
        assert!(told(&unsound.written()).contains("horizon_ms: is 0, must be above 0"));
    }
}
