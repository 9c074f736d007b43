//! The journal played back, moment by moment: what the soak of a release was when it had so many entries and measurements. The same
//! fold that drives releases and recovers them, over what is on disk, so that every report can be held against it.

use super::record::{Acknowledged, Moment, TakenBack, Verb};
use crate::demo::evidence::{all_entries, all_samples, hollow, undecodable};
use crate::failure::Failure;
use control::{decode_measurement, decode_record};
use engine::{Fact, Record, Stage, Stamp, State};
use journal::{Entry, Journal};
use std::collections::BTreeMap;

/// One release, played back.
#[derive(Debug)]
pub(super) struct Tape {
    release: String,
    entries: Vec<Entry>,
    /// By entries and measurements, the soak in milliseconds, where a clock runs.
    soaks: BTreeMap<(u64, u64), u64>,
}

impl Tape {
    /// Plays a release back.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(super) async fn play(journal: &dyn Journal, release: &str) -> Result<Self, Failure> {
        let stream = format!("release/{release}");
        let entries = all_entries(journal, &stream).await?;
        let mut samples = all_samples(journal, &stream).await?.into_iter().peekable();
        let mut soaks = BTreeMap::new();
        let mut state: Option<State> = None;
        let mut measured = 0;
        for entry in &entries {
            let (stamp, record) = decode_record(entry).map_err(|error| undecodable(&error))?;
            match (&mut state, record) {
                (None, Record::Opened(opened)) => {
                    let opened = State::open(&stamp, *opened);
                    state = Some(opened.map_err(|error| hollow(&stream, &error.to_string()))?);
                }
                (None, _) => return Err(hollow(&stream, "it does not begin with its opening")),
                (Some(state), record) => {
                    state.absorb(&stamp, &Fact::Record(record));
                }
            }
            let Some(state) = &mut state else { continue };
            note(&mut soaks, (entry.seq, measured), state);
            while let Some(sample) = samples.next_if(|sample| sample.after_seq <= entry.seq) {
                let measurement = decode_measurement(&sample).map_err(|error| undecodable(&error))?;
                let stamp = Stamp { at: measurement.received_at, actor: String::new() };
                state.absorb(&stamp, &Fact::Measured(Box::new(measurement)));
                measured = sample.n;
                note(&mut soaks, (entry.seq, measured), state);
            }
        }
        Ok(Self { release: release.to_owned(), entries, soaks })
    }

    /// What is wrong with a report of this release, if anything is.
    pub(super) fn contradicts(&self, (release, seq, measured): &Moment, soak: u64) -> Option<String> {
        let found = self.soaks.get(&(*seq, *measured)).copied();
        if release != &self.release || found == Some(soak) {
            return None;
        }
        let found = found.map_or_else(|| "none".to_owned(), |found| format!("{found} ms"));
        Some(format!(
            "{release}: {soak} ms were reported at entry {seq} and measurement {measured}; the journal says {found}"
        ))
    }

    /// The commands of this release, acknowledged and not in the journal.
    pub(super) fn lost<'a>(&self, acknowledged: &'a [Acknowledged]) -> Vec<&'a Acknowledged> {
        let ours: Vec<_> = acknowledged.iter().filter(|said| said.release == self.release).collect();
        let resumed = ours.iter().filter(|said| said.verb == Verb::Resume);
        let written = self.entries.iter().filter(|entry| entry.kind == "resumed").count();
        // It takes no words along, so that only their number tells.
        let mut lost: Vec<_> = resumed.skip(written).copied().collect();
        lost.extend(ours.iter().filter(|said| said.verb != Verb::Resume && !self.says(&said.words)).copied());
        lost
    }

    /// Whether the journal tells that the gate took users back then.
    pub(super) fn tells(&self, taken_back: &TakenBack) -> bool {
        self.entries.iter().any(
            |entry| matches!(decode_record(entry), Ok((_, Record::TakenBack { at, .. })) if at.0 == taken_back.at_ms),
        )
    }

    fn says(&self, words: &str) -> bool {
        self.entries.iter().any(|entry| entry.body.contains(words))
    }
}

fn note(soaks: &mut BTreeMap<(u64, u64), u64>, moment: (u64, u64), state: &State) {
    let soak = match &state.stage {
        Stage::Ramping(ramp) => ramp.soak,
        Stage::Watching(watch) => watch.soak,
        Stage::Opened
        | Stage::Deploying
        | Stage::Promoting
        | Stage::Completed
        | Stage::RollingBack(_)
        | Stage::Ended(_) => return,
    };
    soaks.insert(moment, soak.0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use journal::Hash;

    fn tape() -> Tape {
        let entry = |seq, kind: &str, body: &str| Entry {
            position: seq,
            stream: "release/r1".into(),
            seq,
            at_ms: 0,
            actor: String::new(),
            kind: kind.into(),
            body: body.into(),
            hash: Hash::ZERO,
        };
        let entries = vec![entry(1, "opened", "word 1 of it."), entry(2, "resumed", "")];
        Tape { release: "r1".into(), entries, soaks: BTreeMap::from([((2, 5), 1_500)]) }
    }

    #[test]
    fn a_report_that_the_journal_does_not_have_is_found() {
        let moment = |seq, measured| ("r1".to_owned(), seq, measured);
        assert_eq!(tape().contradicts(&moment(2, 5), 1_500), None);
        let told = tape().contradicts(&moment(2, 5), 2_000).unwrap();
        assert!(told.ends_with("the journal says 1500 ms"), "{told}");
        assert!(tape().contradicts(&moment(2, 6), 1_500).is_some(), "a measurement that was lost");
    }

    #[test]
    fn a_command_that_the_journal_does_not_have_is_found() {
        let said = |verb, words: &str| Acknowledged { release: "r1".into(), verb, words: words.into() };
        let all = [
            said(Verb::Open, "word 1 of it."),
            said(Verb::Pause, "word 2 of it."),
            said(Verb::Resume, "word 3 of it."),
            said(Verb::Resume, "word 4 of it."),
            Acknowledged { release: "r2".into(), ..said(Verb::Pause, "word 5 of it.") },
        ];
        assert_eq!(tape().lost(&all), [&all[3], &all[1]], "one of two resumes, and the pause");
    }
}
