//! How many canary requests a phase needs to pass.

use alloc::vec::Vec;

use super::Chances;
use super::bet::{POWERS, Toward, by_ln, fastest, per_request};
use super::passage::{Drift, reached_by, units_for};
use super::scatter::Scatter;

/// The pass test of one metric, as a phase will meet it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PassPlan<'a> {
    /// How likely the arms are to answer badly. For an unchanged canary both are equal (errors), or the canary's is
    /// stable's beyond the shifted level (latency).
    pub chances: Chances,
    /// The canary's share of traffic.
    pub share: f64,
    /// The chance that a canary exactly at the margin passes.
    pub alpha: f64,
    /// What evidence is divided by.
    pub scatter: Scatter,
    /// What this test has seen in earlier phases, oldest first. A test begins in the first phase with its margins, or with
    /// the rollout when they are those of harm, and keeps what it learned.
    pub before: &'a [Earlier],
}

/// An earlier phase.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Earlier {
    /// Canary requests that were judged in it.
    pub requests: f64,
    /// The canary's share of traffic in it.
    pub share: f64,
}

impl PassPlan<'_> {
    /// The chance that the phase has been passed by the time it has judged so many canary requests.
    #[must_use]
    pub fn chance(&self, requests: f64) -> f64 {
        self.best(&self.lines(), requests)
    }

    /// After how many canary requests it is passed with a chance of `power`; nothing when it never is.
    #[must_use]
    pub fn requests(&self, power: f64) -> Option<f64> {
        let lines = self.lines();
        let growing = lines.iter().filter(|line| line.here.growth > SMALLEST_GROWTH);
        let guess = growing.map(|line| line.level / line.here.growth).fold(f64::INFINITY, f64::min);
        if guess.is_infinite() && self.best(&lines, 0.0) < power {
            return None;
        }
        units_for(power, guess, |requests| self.best(&lines, requests))
    }

    fn best(&self, lines: &[Line], requests: f64) -> f64 {
        let phi = self.scatter.phi(&self.chances, self.share, requests);
        lines.iter().map(|line| line.chance(requests, phi)).fold(0.0, f64::max)
    }

    /// Every way to reach what is needed: by the capital of each phase start, with each power of the fastest ratio.
    fn lines(&self) -> Vec<Line> {
        let (here, earlier) = (self.road(self.share), self.before.iter().map(|earlier| self.road(earlier.share)));
        let earlier: Vec<Road> = earlier.collect();
        let starts = self.before.len() + 1;
        let left = halved(starts);
        let mut lines = Vec::new();
        for start in 0..starts {
            let level = libm::log((1.0 / self.alpha - left) / (halved(start + 1) * ON_THE_NEAREST));
            for at in 0..POWERS.len() {
                let mut line = Line { level, here: here[at], brought: Drift { growth: 0.0, variance: 0.0 } };
                for (earlier, road) in self.before.iter().zip(&earlier).skip(start) {
                    line.brought.growth += earlier.requests * road[at].growth;
                    line.brought.variance += earlier.requests * road[at].variance;
                }
                lines.push(line);
            }
        }
        lines
    }

    fn road(&self, share: f64) -> Road {
        let rho = share / (1.0 - share);
        let fastest = fastest(Toward::Pass, |ratio| per_request(&self.chances, rho, ratio).growth);
        POWERS.map(|power| per_request(&self.chances, rho, by_ln(fastest.ln * power)))
    }
}

/// The same bet with each power of its ratio.
type Road = [Drift; POWERS.len()];

/// One bet: what it must reach, how it grows in this phase, and what it brings along, all before tempering.
struct Line {
    level: f64,
    here: Drift,
    brought: Drift,
}

impl Line {
    fn chance(&self, requests: f64, phi: f64) -> f64 {
        let (here, brought) = (self.here.tempered(phi), self.brought.tempered(phi));
        let level = self.level - brought.growth;
        if brought.variance <= 0.0 {
            return reached_by(requests, here, level);
        }
        let scatter = libm::sqrt(brought.variance);
        let (mut sum, mut weights) = (0.0, 0.0);
        for step in -NODES..=NODES {
            let z = 4.0 * f64::from(step) / f64::from(NODES);
            let weight = libm::exp(-0.5 * z * z);
            sum += weight * reached_by(requests, here, level - z * scatter);
            weights += weight;
        }
        sum / weights
    }
}

/// `2^-times`.
fn halved(times: usize) -> f64 {
    libm::exp2(-(times as f64))
}

/// What part of the capital lies on bets near the best one.
const ON_THE_NEAREST: f64 = 0.5;
/// Slower growth than this is rounding.
const SMALLEST_GROWTH: f64 = 1e-13;
/// Points on each side for the mean over what earlier phases brought.
const NODES: i32 = 24;
