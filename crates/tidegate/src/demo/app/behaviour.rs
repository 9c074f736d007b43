//! How a version answers: mostly as a service does that is well, with a spread of times that looks like a real one.

use crate::demo::fault::Fault;
use crate::demo::random::Random;
use hyper::StatusCode;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// The median of a healthy version's times, in milliseconds: more than what a busy machine adds by itself.
const MEDIAN_MS: f64 = 60.0;
/// The spread of the logarithm of times.
const SPREAD: f64 = 0.45;
/// How many answers a version with errors fails.
const ERROR_SHARE: f64 = 0.08;
/// How many answers fail while what everybody depends on is down.
const DOWN_SHARE: f64 = 0.3;
/// How many requests a crashing version survives.
const SURVIVES: u64 = 40;

/// What becomes of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    /// It is answered after a time.
    Answer(Duration),
    /// It fails after a time.
    Fail(StatusCode, Duration),
    /// The process ends.
    Die,
}

/// The habits of one version.
#[derive(Debug)]
pub(crate) struct Behaviour {
    fault: Fault,
    random: Random,
    started: Instant,
    doubles_in: Duration,
    down_while: Option<PathBuf>,
    served: u64,
}

impl Behaviour {
    /// The habits of `version`, the same at every start.
    #[must_use]
    pub(crate) fn new(version: &str, fault: Fault, doubles_in: Duration, down_while: Option<PathBuf>) -> Self {
        let seed = version.bytes().fold(17, |seed: u64, byte| seed.wrapping_mul(31).wrapping_add(u64::from(byte)));
        Self { fault, random: Random::new(seed), started: Instant::now(), doubles_in, down_while, served: 0 }
    }

    /// What becomes of the next request.
    pub(crate) fn reply(&mut self) -> Reply {
        self.served += 1;
        if self.fault == Fault::Crash && self.served > SURVIVES {
            return Reply::Die;
        }
        let median = MEDIAN_MS * self.slower();
        let after = Duration::from_secs_f64(median / 1_000.0 * (SPREAD * self.random.normal()).exp());
        let dice = self.random.unit();
        if dice < DOWN_SHARE && self.down_while.as_ref().is_some_and(|file| file.exists()) {
            return Reply::Fail(StatusCode::SERVICE_UNAVAILABLE, after);
        }
        if self.fault == Fault::Errors && dice < ERROR_SHARE {
            return Reply::Fail(StatusCode::INTERNAL_SERVER_ERROR, after);
        }
        Reply::Answer(after)
    }

    /// How many times as slow as a healthy version.
    fn slower(&self) -> f64 {
        match self.fault {
            Fault::Latency => 2.0,
            Fault::Drift => 1.0 + self.started.elapsed().as_secs_f64() / self.doubles_in.as_secs_f64().max(0.001),
            Fault::Errors | Fault::Crash | Fault::Dependency | Fault::None => 1.0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replies(fault: Fault, n: usize) -> Vec<Reply> {
        let mut behaviour = Behaviour::new("1.2", fault, Duration::from_secs(20), None);
        (0..n).map(|_| behaviour.reply()).collect()
    }

    fn median_ms(fault: Fault) -> f64 {
        let mut times: Vec<Duration> = replies(fault, 4_001)
            .into_iter()
            .filter_map(|reply| match reply {
                Reply::Answer(after) | Reply::Fail(_, after) => Some(after),
                Reply::Die => None,
            })
            .collect();
        times.sort();
        times[times.len() / 2].as_secs_f64() * 1_000.0
    }

    #[test]
    fn a_version_without_a_fault_never_fails() {
        for fault in [Fault::None, Fault::Dependency, Fault::Latency, Fault::Drift] {
            assert!(replies(fault, 2_000).iter().all(|reply| matches!(reply, Reply::Answer(_))), "{fault:?}");
        }
    }

    #[test]
    fn a_version_with_errors_fails_as_often_as_people_are_told() {
        let failed = replies(Fault::Errors, 10_000).iter().filter(|reply| matches!(reply, Reply::Fail(..))).count();
        assert!((700..900).contains(&failed), "{failed}");
        assert!(Fault::Errors.story().starts_with("8 %"));
    }

    #[test]
    fn a_slow_version_takes_twice_as_long() {
        let ratio = median_ms(Fault::Latency) / median_ms(Fault::None);
        assert!((1.9..2.1).contains(&ratio), "{ratio}");
    }

    #[test]
    fn a_crashing_version_dies_after_some_requests() {
        let replies = replies(Fault::Crash, 41);
        assert!(replies[..40].iter().all(|reply| matches!(reply, Reply::Answer(_))));
        assert_eq!(replies[40], Reply::Die);
    }
}
