//! What comes from the journal's disk. Its bytes are under a hash, and still: a journal may be a newer version's, may be carried
//! here by somebody, and a disk may lie. Whatever a record says, folding it must end, and without a panic.

mod rows;

pub use rows::journal_rows;

use crate::{is_code, soon};
use ::journal::{Entry, Hash, Head, Sample};
use engine::{Fact, Measurement, Record, Share, Stamp, State, desired};

/// One line for each row of a release: an entry's JSON, or a measurement's. They are decoded, written again, and folded into a state
/// as recovery does it, with everything that is read off a state.
pub fn journal_records(bytes: &[u8]) {
    let Ok(text) = str::from_utf8(bytes) else { return };
    anchors(text);
    soon(|| fold(text));
}

fn fold(text: &str) {
    let mut state: Option<State> = None;
    for (n, line) in (1..).zip(text.lines()) {
        let Some(decoded) = decode(n, line) else { continue };
        match (&mut state, decoded) {
            (None, (stamp, Fact::Record(Record::Opened(opened)))) => state = State::open(&stamp, *opened).ok(),
            (None, _) => {}
            (Some(state), (stamp, fact)) => {
                state.absorb(&stamp, &fact);
                read_off(state);
            }
        }
    }
}

/// What drivers, people and the API ask of a state.
fn read_off(state: &State) {
    let wanted = desired(state);
    let headline = state.headline();
    assert!(!headline.line.is_empty() && !headline.word.is_empty(), "{:?}", state.stage);
    assert!(state.taken_back().is_none() || wanted.share == Share::NONE, "the lever took users back: {wanted:?}");
    let _verdict = state.judge.verdict();
}

fn decode(n: u64, line: &str) -> Option<(Stamp, Fact)> {
    let entry = entry(n, line);
    let sample = sample(n, line);
    match (control::decode_record(&entry), control::decode_measurement(&sample)) {
        (Ok((stamp, record)), Err(_)) => {
            let again = serde_json::to_string(&record).expect("a record is JSON");
            assert_eq!(serde_json::from_str::<Record>(&again).expect("a record reads back"), record, "{again}");
            Some((stamp, Fact::Record(record)))
        }
        (Err(_), Ok(measurement)) => {
            let again = serde_json::to_string(&measurement).expect("a measurement is JSON");
            assert_eq!(serde_json::from_str::<Measurement>(&again).expect("it reads back"), measurement, "{again}");
            let stamp = Stamp { at: measurement.received_at, actor: "tidegate".to_owned() };
            Some((stamp, Fact::Measured(Box::new(measurement))))
        }
        (Err(no_record), Err(no_measurement)) => {
            for undecodable in [no_record, no_measurement] {
                assert!(undecodable.place.contains(&n.to_string()), "{undecodable}");
                assert!(!undecodable.why.is_empty());
            }
            None
        }
        (Ok(record), Ok(measurement)) => panic!("both a record and a measurement: {record:?} {measurement:?}"),
    }
}

fn entry(n: u64, body: &str) -> Entry {
    Entry {
        position: n,
        stream: "release/r1".to_owned(),
        seq: n,
        // Mostly in order, and now and then long ago.
        at_ms: if body.len().is_multiple_of(7) { i64::MIN } else { 1_000 * i64::try_from(n).unwrap_or(i64::MAX) },
        actor: "ada".to_owned(),
        kind: "any".to_owned(),
        body: body.to_owned(),
        hash: Hash::ZERO,
    }
}

fn sample(n: u64, body: &str) -> Sample {
    Sample { stream: "release/r1".to_owned(), n, after_seq: 1, body: body.to_owned(), hash: Hash::ZERO }
}

/// An anchor is typed by people, and read from a file that they kept.
fn anchors(text: &str) {
    let first = text.lines().next().unwrap_or("");
    match first.parse::<Head>() {
        Ok(head) => assert_eq!(head.to_string().parse(), Ok(head), "{first:?}"),
        Err(wrong) => assert!(is_code(wrong.code()) && !wrong.hint().is_empty()),
    }
}
