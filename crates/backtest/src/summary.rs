//! Runs, summed up as they come: whoever stops early has what was known until then.

use crate::proportion::{Proportion, proportion};
use crate::walk::{Alarm, End, Run};
use serde::Serialize;

/// So many alarms are told in words.
const ALARMS_TOLD: usize = 3;
/// So many runs are drawn; more are one dark area.
const RUNS_DRAWN: usize = 200;
/// So many points of each.
const POINTS: usize = 240;

/// Healthy rollouts so far.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Summary {
    /// How many there were.
    pub runs: u64,
    /// How many were called harmful. Each is a false alarm.
    pub false_alarms: Proportion,
    /// In how many a person would have been asked, since a phase ended undecided.
    pub asked: u64,
    /// How many were taken back undecided, as their plan says.
    pub taken_back_undecided: u64,
    /// How many went through.
    pub through: u64,
    /// How many ran out of data because a phase was extended.
    pub out_of_data: u64,
    /// Blocks that the judge could not use, in all runs.
    pub skipped_blocks: u64,
    /// The first alarms.
    pub alarms: Vec<Alarm>,
    /// Evidence over time, for the plot.
    #[serde(skip)]
    pub paths: Vec<Vec<(i64, f64)>>,
}

impl Default for Summary {
    fn default() -> Summary {
        Summary {
            runs: 0,
            false_alarms: proportion(0, 0),
            asked: 0,
            taken_back_undecided: 0,
            through: 0,
            out_of_data: 0,
            skipped_blocks: 0,
            alarms: Vec::new(),
            paths: Vec::new(),
        }
    }
}

impl Summary {
    /// Takes one more run.
    pub fn add(&mut self, run: Run) {
        self.runs += 1;
        let mut alarms = self.false_alarms.count;
        match run.end {
            End::Harm => alarms += 1,
            End::TakenBackUndecided => self.taken_back_undecided += 1,
            End::Through => self.through += 1,
            End::NoMoreData => self.out_of_data += 1,
        }
        self.false_alarms = proportion(alarms, self.runs);
        self.asked += u64::from(run.asked > 0);
        self.skipped_blocks += run.skipped;
        if self.alarms.len() < ALARMS_TOLD {
            self.alarms.extend(run.alarm);
        }
        if self.paths.len() < RUNS_DRAWN {
            self.paths.push(thinned(run.path));
        }
    }
}

/// The highest of each few points, so that no peak is lost.
pub(crate) fn thinned(path: Vec<(i64, f64)>) -> Vec<(i64, f64)> {
    let every = path.len().div_ceil(POINTS).max(1);
    path.chunks(every).filter_map(|few| few.iter().copied().max_by(|a, b| a.1.total_cmp(&b.1))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peaks_survive_thinning() {
        let mut path: Vec<(i64, f64)> = (0..1_000).map(|i| (i, 0.9)).collect();
        path[517].1 = 90.0;
        let thin = thinned(path);
        assert!(thin.len() <= POINTS && thin.contains(&(517, 90.0)));
    }
}
