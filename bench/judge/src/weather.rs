//! What both arms live in: load, the errors of normal times, how slow everything is just now, and incidents that hit
//! both. None of it is the canary's fault.

use crate::chance::Chance;
use crate::noise::Wander;
use crate::scenario::Scenario;
use crate::timetable::Timetable;

/// What is the same for both arms in a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sky {
    /// Requests per second.
    pub(crate) rate: f64,
    /// Share of requests that fail.
    pub(crate) errors: f64,
    /// Natural logarithm of the factor on durations.
    pub(crate) slower: f64,
    /// Whether the measurement of this block is lost.
    pub(crate) lost: bool,
}

#[derive(Clone, Debug)]
pub(crate) struct Weather {
    rate: f64,
    base_errors: f64,
    load: Wander,
    errors: Wander,
    slowness: Wander,
    incidents: Vec<Incident>,
    /// Where in its six hours the tide is at the start, if there is one.
    tide: Option<f64>,
    /// Start and end of the long gap, when scrapes are lost.
    gap: Option<(f64, f64)>,
}

#[derive(Clone, Copy, Debug)]
struct Incident {
    from_s: f64,
    to_s: f64,
    errors: f64,
    slower: f64,
}

impl Weather {
    pub(crate) fn new(chance: &mut Chance, scenario: &Scenario, table: &Timetable) -> Weather {
        let step_s = f64::from(table.block_s);
        let (history_s, length_s) = (f64::from(table.history_s), f64::from(table.length_s()));
        let mut incidents = Vec::new();
        if scenario.shared_bursts {
            for _ in 0..chance.poisson((history_s + length_s) / BETWEEN_BURSTS_S) {
                let from_s = chance.between(-history_s, length_s);
                let to_s = from_s + chance.between(20.0, 60.0);
                incidents.push(Incident { from_s, to_s, errors: chance.between(0.03, 0.1), slower: 0.2 });
            }
        }
        if scenario.outage {
            let from_s = chance.between(600.0, length_s - 1_200.0);
            incidents.push(Incident { from_s, to_s: from_s + 600.0, errors: 0.08, slower: libm::log(3.0) });
        }
        let tide = scenario.diurnal.then(|| chance.between(0.0, std::f64::consts::TAU));
        let gap = scenario.gaps.then(|| {
            let from_s = chance.between(600.0, length_s - 600.0);
            (from_s, from_s + 300.0)
        });
        Weather {
            rate: scenario.rate,
            base_errors: scenario.base_errors,
            load: Wander::new(chance, 0.1, 60.0, step_s),
            errors: Wander::new(chance, 0.15, 300.0, step_s),
            slowness: Wander::new(chance, 0.04, 60.0, step_s),
            incidents,
            tide,
            gap,
        }
    }

    /// The block that begins `second` after the start.
    pub(crate) fn at(&mut self, chance: &mut Chance, second: f64) -> Sky {
        let tide =
            self.tide.map_or(1.0, |phase| 1.0 + 0.6 * libm::sin(std::f64::consts::TAU * second / 21_600.0 + phase));
        let mut sky = Sky {
            rate: self.rate * tide * libm::exp(self.load.step(chance)),
            errors: self.base_errors * libm::pow(tide, 0.8) * libm::exp(self.errors.step(chance)),
            slower: self.slowness.step(chance) + 0.35 * libm::log(tide),
            lost: false,
        };
        for incident in self.incidents.iter().filter(|incident| (incident.from_s..incident.to_s).contains(&second)) {
            sky.errors += incident.errors;
            sky.slower += incident.slower;
        }
        if let Some((from_s, to_s)) = self.gap {
            let scrape_lost = chance.uniform() < SCRAPES_LOST;
            sky.lost = second >= 0.0 && (scrape_lost || (from_s..to_s).contains(&second));
        }
        sky
    }
}

/// Four bursts an hour.
const BETWEEN_BURSTS_S: f64 = 900.0;
/// Of the measurements of a rollout with gaps.
const SCRAPES_LOST: f64 = 0.2;
