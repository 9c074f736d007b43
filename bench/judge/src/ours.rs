//! Our judge over a rollout, with the margins and phases of the process that a policy has by default.

use judge::{Cause, Judge, Margins, Outcome, Quantile, Settings, Unsound};

use crate::rollout::Interval;
use crate::timetable::START_MS;

/// The judge and what it said so far.
#[derive(Clone, Debug)]
pub struct Ours {
    judge: Judge,
    margins: Margins,
    passing: bool,
    /// Seconds from the start to the proof of harm.
    pub harm_s: Option<f64>,
    /// What proved it.
    pub cause: Option<Cause>,
    /// Whether each phase that ended was passed at its end.
    pub passed: Vec<bool>,
}

impl Ours {
    /// Before the first block.
    ///
    /// # Errors
    /// When the judge's own default settings are not sound.
    pub fn new() -> Result<Ours, Unsound> {
        let settings = Settings::default();
        let margins = settings.harm_margins.clone();
        let judge = Judge::new(settings)?;
        Ok(Ours { judge, margins, passing: false, harm_s: None, cause: None, passed: Vec::new() })
    }

    /// The next block. What comes after harm is not looked at: the release is gone.
    pub fn push(&mut self, interval: &Interval) {
        if self.harm_s.is_some() {
            return;
        }
        if interval.begins_phase {
            if interval.phase != Some(0) {
                self.passed.push(self.passing);
            }
            self.judge.enter_phase(interval.block.from_ms, &self.margins_of(interval.phase));
        }
        let _ = self.judge.absorb(&interval.block);
        match self.judge.outcome() {
            Outcome::Harm => {
                self.harm_s = Some((interval.block.to_ms - START_MS) as f64 / 1e3);
                self.cause = self.judge.verdict().cause;
                self.passing = false;
            }
            Outcome::Pass => self.passing = true,
            Outcome::Undecided => self.passing = false,
        }
    }

    /// The rollout is over: the last phase ended as well.
    pub fn end(&mut self) {
        if self.harm_s.is_none() {
            self.passed.push(self.passing);
        }
    }

    /// The slowest percent is asked for in the last phase alone, where half of all users are.
    fn margins_of(&self, phase: Option<usize>) -> Margins {
        let quantiles = match phase {
            Some(LAST_PHASE) => Quantile::ALL.to_vec(),
            Some(_) | None => vec![Quantile::P50, Quantile::P95],
        };
        Margins { quantiles, ..self.margins.clone() }
    }
}

const LAST_PHASE: usize = 2;
