//! What the journal says of a release, read from its file by folding it anew: the same fold that drives releases and
//! recovers them. What the server said meanwhile is not asked.

use crate::command::audit::unreadable;
use crate::exit::Exit;
use crate::failure::Failure;
use control::{Undecodable, decode_measurement, decode_record};
use engine::{Fact, Measurement, Millis, PassedBy, Record, Share, Stage, Stamp, State, Timestamp};
use journal::{Entry, Journal, Sample};

/// How many entries are read at once.
const BATCH: usize = 1_000;

/// A release as the journal tells it.
#[derive(Clone, Debug)]
pub(crate) struct Evidence {
    /// The state at its end.
    pub(crate) state: State,
    /// The phases that were entered.
    pub(crate) phases: Vec<Phase>,
    /// What the watch counted, when it is over.
    pub(crate) watched: Option<Millis>,
    /// Users being taken back, if they were.
    pub(crate) rollback: Option<Rollback>,
    /// How often both arms were found degraded together.
    pub(crate) shared_degradations: u32,
    /// Intervals that begin before the one before them ended.
    pub(crate) overlaps: u32,
    /// Measurements it rests on.
    pub(crate) measurements: u64,
}

/// A phase that was entered.
#[derive(Clone, Debug)]
pub(crate) struct Phase {
    /// Its share.
    pub(crate) share: Share,
    /// When it was entered.
    pub(crate) entered: Timestamp,
    /// When the lever confirmed its share.
    pub(crate) confirmed: Option<Timestamp>,
    /// When it was passed, by whom, and what had been counted then.
    pub(crate) passed: Option<Passed>,
}

/// The end of a phase.
#[derive(Clone, Debug)]
pub(crate) struct Passed {
    /// When.
    pub(crate) at: Timestamp,
    /// Who let it pass.
    pub(crate) by: PassedBy,
    /// What was counted.
    pub(crate) soak: Millis,
}

/// Taking users back.
#[derive(Clone, Debug)]
pub(crate) struct Rollback {
    /// When it was decided.
    pub(crate) decided: Timestamp,
    /// Why.
    pub(crate) cause: String,
    /// When the lever confirmed that nobody is on the new version.
    pub(crate) nobody: Option<Timestamp>,
}

impl Evidence {
    /// Reads the release whose stream this is.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(crate) async fn read(journal: &dyn Journal, stream: &str) -> Result<Self, Failure> {
        let mut entries = all_entries(journal, stream).await?.into_iter();
        let Some(first) = entries.next() else { return Err(hollow(stream, "it has no entries")) };
        let (stamp, record) = decode_record(&first).map_err(|error| undecodable(&error))?;
        let Record::Opened(opened) = record else { return Err(hollow(stream, "it does not begin with its opening")) };
        let state = State::open(&stamp, *opened).map_err(|error| hollow(stream, &error.to_string()))?;
        let mut fold = Fold::new(state);
        let mut samples = all_samples(journal, stream).await?.into_iter().peekable();
        let mut seq = first.seq;
        loop {
            while let Some(sample) = samples.next_if(|sample| sample.after_seq <= seq) {
                fold.measured(decode_measurement(&sample).map_err(|error| undecodable(&error))?);
            }
            let Some(entry) = entries.next() else { return Ok(fold.evidence) };
            let (stamp, record) = decode_record(&entry).map_err(|error| undecodable(&error))?;
            fold.recorded(&stamp, record);
            seq = entry.seq;
        }
    }

    /// How it ended.
    #[must_use]
    pub(crate) fn exit(&self) -> Exit {
        match &self.state.stage {
            Stage::Completed => Exit::Done,
            Stage::Ended(rollback) => match rollback.ending {
                engine::Ending::RolledBack => Exit::RolledBack,
                engine::Ending::Aborted | engine::Ending::Superseded => Exit::Ended,
            },
            Stage::Opened
            | Stage::Deploying
            | Stage::Ramping(_)
            | Stage::Watching(_)
            | Stage::Promoting
            | Stage::RollingBack(_) => Exit::Waiting,
        }
    }

    /// Soaks that are not what was planned, in words.
    #[must_use]
    pub(crate) fn wrong_soaks(&self) -> Vec<String> {
        let plan = self.state.plan();
        let mut wrong = Vec::new();
        for (phase, planned) in self.phases.iter().zip(&plan.phases) {
            let (Some(_), Some(passed)) = (phase.confirmed, &phase.passed) else { continue };
            if passed.soak < planned.soak {
                wrong.push(format!("{}: {} counted, {} planned", phase.share, passed.soak, planned.soak));
            }
            // The gate may move users a moment before control has its answer.
            let most = passed.at.since(phase.entered) + plan.interval;
            if passed.soak > most {
                wrong.push(format!("{}: {} counted in {}", phase.share, passed.soak, most));
            }
        }
        if let Some(watched) = self.watched.filter(|watched| *watched < plan.watch && self.state.opened.live.is_some())
        {
            wrong.push(format!("watch: {watched} counted, {} planned", plan.watch));
        }
        wrong
    }
}

struct Fold {
    evidence: Evidence,
    end_of_last: Timestamp,
}

impl Fold {
    fn new(state: State) -> Self {
        let evidence = Evidence {
            state,
            phases: Vec::new(),
            watched: None,
            rollback: None,
            shared_degradations: 0,
            overlaps: 0,
            measurements: 0,
        };
        Self { evidence, end_of_last: Timestamp(i64::MIN) }
    }

    fn measured(&mut self, measurement: Measurement) {
        self.evidence.measurements += 1;
        self.evidence.overlaps += u32::from(measurement.from < self.end_of_last);
        self.end_of_last = self.end_of_last.max(measurement.to);
        let stamp = Stamp { at: measurement.received_at, actor: String::new() };
        self.evidence.state.absorb(&stamp, &Fact::Measured(Box::new(measurement)));
    }

    fn recorded(&mut self, stamp: &Stamp, record: Record) {
        let evidence = &mut self.evidence;
        let at = stamp.at;
        match &record {
            Record::PhaseEntered { share, .. } => {
                evidence.phases.push(Phase { share: *share, entered: at, confirmed: None, passed: None });
            }
            Record::ShareConfirmed { share } => evidence.confirmed(at, *share),
            Record::PhasePassed { by, .. } => {
                let soak = match &evidence.state.stage {
                    Stage::Ramping(ramp) => ramp.soak,
                    _ => Millis::ZERO,
                };
                if let Some(phase) = evidence.phases.last_mut() {
                    phase.passed = Some(Passed { at, by: by.clone(), soak });
                }
            }
            Record::PromotionStarted => {
                if let Stage::Watching(watch) = &evidence.state.stage {
                    evidence.watched = Some(watch.soak);
                }
            }
            Record::RollbackStarted { cause, .. } => {
                evidence.rollback = Some(Rollback { decided: at, cause: cause.to_string(), nobody: None });
            }
            Record::DegradationShared { began: true } => evidence.shared_degradations += 1,
            _ => {}
        }
        evidence.state.absorb(stamp, &Fact::Record(record));
    }
}

impl Evidence {
    fn confirmed(&mut self, at: Timestamp, share: Share) {
        match &mut self.rollback {
            Some(rollback) if share == Share::NONE => rollback.nobody = rollback.nobody.or(Some(at)),
            Some(_) => {}
            None => {
                if let Some(phase) = self.phases.last_mut().filter(|phase| phase.share == share) {
                    phase.confirmed = phase.confirmed.or(Some(at));
                }
            }
        }
    }
}

pub(crate) async fn all_entries(journal: &dyn Journal, stream: &str) -> Result<Vec<Entry>, Failure> {
    let mut all: Vec<Entry> = Vec::new();
    loop {
        let after = all.last().map_or(0, |entry| entry.seq);
        let page = journal.read_stream(stream, after, BATCH).await.map_err(unreadable)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

pub(crate) async fn all_samples(journal: &dyn Journal, stream: &str) -> Result<Vec<Sample>, Failure> {
    let mut all: Vec<Sample> = Vec::new();
    loop {
        let after = all.last().map_or(0, |sample| sample.n);
        let page = journal.read_samples(stream, after, BATCH).await.map_err(unreadable)?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

pub(crate) fn undecodable(error: &Undecodable) -> Failure {
    Failure::new(Exit::Failed, "TG-2108", error.to_string())
}

pub(crate) fn hollow(stream: &str, why: &str) -> Failure {
    Failure::new(Exit::Failed, "TG-7029", format!("the journal's stream {stream} tells no release")).because(why)
}
