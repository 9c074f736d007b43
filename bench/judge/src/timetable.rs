//! When which share of the traffic is the canary's: the same for every method, so that delays can be compared. Nobody
//! is promoted early, and a phase that was not passed goes on to the next.

/// When a rollout starts, in milliseconds since the Unix epoch; the start of a minute.
pub const START_MS: i64 = 1_789_999_980_000;

/// A phase of the rollout.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PhaseTime {
    /// The canary's share of the traffic.
    pub share: f64,
    /// How long it is held.
    pub seconds: u32,
}

/// A history of stable alone, then phases, in blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Timetable {
    /// How long stable was watched before the rollout.
    pub history_s: u32,
    /// The phases, one after the other.
    pub phases: Vec<PhaseTime>,
    /// Length of a block. A minute is a whole number of them.
    pub block_s: u32,
}

impl Timetable {
    /// An hour of history, then 5 % for half an hour, 25 % for an hour and 50 % for two, in blocks of 10 seconds.
    #[must_use]
    pub fn standard() -> Timetable {
        let phases = [(0.05, 1_800), (0.25, 3_600), (0.5, 7_200)];
        Timetable {
            history_s: 3_600,
            phases: phases.map(|(share, seconds)| PhaseTime { share, seconds }).to_vec(),
            block_s: 10,
        }
    }

    /// The same in blocks of another length: 5 seconds is what a gate is asked in.
    #[must_use]
    pub fn in_blocks_of(self, seconds: u32) -> Timetable {
        Timetable { block_s: seconds.max(1), ..self }
    }

    /// Seconds from the start of the rollout to its end.
    #[must_use]
    pub fn length_s(&self) -> u32 {
        self.phases.iter().map(|phase| phase.seconds).sum()
    }

    /// How many blocks there are, with those of the history.
    #[must_use]
    pub fn blocks(&self) -> u32 {
        (self.history_s + self.length_s()) / self.block_s
    }

    /// The phase at a moment, seconds from the start; none before it and after the end.
    pub(crate) fn at(&self, second: i64) -> Option<InPhase> {
        let mut begins = 0;
        for (number, phase) in self.phases.iter().enumerate() {
            let ends = begins + i64::from(phase.seconds);
            if (begins..ends).contains(&second) {
                return Some(InPhase { number, share: phase.share, age_s: second - begins });
            }
            begins = ends;
        }
        None
    }
}

/// Where in the rollout a block begins.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct InPhase {
    pub(crate) number: usize,
    pub(crate) share: f64,
    pub(crate) age_s: i64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rollout_is_three_and_a_half_hours_after_an_hour() {
        let table = Timetable::standard();
        assert_eq!((table.length_s(), table.blocks()), (12_600, 1_620));
        assert_eq!(table.clone().in_blocks_of(5).blocks(), 3_240);
        assert_eq!(table.at(-10), None);
        assert_eq!(table.at(1_800), Some(InPhase { number: 1, share: 0.25, age_s: 0 }));
        assert_eq!(table.at(12_600), None);
        assert_eq!(START_MS % 60_000, 0);
    }
}
