//! The rule by which a failed request is laid to a blow. It is as strict as is true: what it does not excuse is a broken promise.
//!
//! A request may fail only if
//! 1. the version that it was given to is one of the bad ones and answered the error itself;
//! 2. it was in flight when the gate was killed: every connection to users ends with the gate;
//! 3. it was sent while the gate was dead, from its kill until its door was open again, and was never answered;
//! 4. it was in flight on stable's only process when that was killed. What is in flight on a canary is answered by stable.
//!
//! A blow to control, a frozen process, a full disk and a want of files excuse nothing. Nor is there any time after a blow that
//! would be forgiven: who asks when the door is open again is answered, even if the process behind it is still starting.

use serde::Serialize;
use std::time::Instant;

/// A request that failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) sent: Instant,
    pub(super) ended: Instant,
    /// The version that it was given to, if an answer said so.
    pub(super) version: Option<String>,
    pub(super) fault: Fault,
}

/// How it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The version answered an error itself.
    ByVersion(u16),
    /// The gate answered in its place.
    ByGate(u16),
    /// A good answer that no version signed.
    Unsigned,
    /// No answer.
    Unanswered(String),
}

/// A process that was killed while requests were with it.
#[derive(Clone, Debug)]
pub(super) struct Kill {
    pub(super) of: Killed,
    /// Just before the signal was sent.
    pub(super) from: Instant,
    /// Just after the process was known to be gone.
    pub(super) gone: Instant,
}

/// Which process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Killed {
    /// The gate, and when its door was open again.
    Gate { back: Option<Instant> },
    /// The only process of the stable version.
    Stable { version: String },
}

/// Why a request may fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Excuse {
    /// Rule 1.
    BadVersion,
    /// Rule 2.
    InFlightOnGate,
    /// Rule 3.
    WhileGateWasDead,
    /// Rule 4.
    InFlightOnStable,
}

impl Excuse {
    /// In words.
    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::BadVersion => "answered by a bad version itself",
            Self::InFlightOnGate => "in flight on the gate when it was killed",
            Self::WhileGateWasDead => "sent while the gate was dead",
            Self::InFlightOnStable => "in flight on stable's process when it was killed",
        }
    }
}

/// Why this request may fail; nothing if it may not.
pub(super) fn excuse(failed: &Failed, kills: &[Kill], is_bad: impl Fn(&str) -> bool) -> Option<Excuse> {
    if let (Fault::ByVersion(_), Some(version)) = (&failed.fault, &failed.version)
        && is_bad(version)
    {
        return Some(Excuse::BadVersion);
    }
    kills.iter().find_map(|kill| {
        let in_flight = failed.sent <= kill.gone && kill.from <= failed.ended;
        match (&kill.of, &failed.fault) {
            (Killed::Gate { .. }, Fault::Unanswered(_)) if in_flight && failed.sent < kill.from => {
                Some(Excuse::InFlightOnGate)
            }
            (Killed::Gate { back }, Fault::Unanswered(_)) => {
                let dead = kill.from <= failed.sent && back.is_none_or(|back| failed.sent <= back);
                dead.then_some(Excuse::WhileGateWasDead)
            }
            (Killed::Stable { version }, Fault::ByGate(_)) => {
                (in_flight && failed.version.as_ref() == Some(version)).then_some(Excuse::InFlightOnStable)
            }
            (Killed::Gate { .. }, Fault::ByVersion(_) | Fault::ByGate(_) | Fault::Unsigned)
            | (Killed::Stable { .. }, Fault::ByVersion(_) | Fault::Unanswered(_) | Fault::Unsigned) => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    struct Story {
        begin: Instant,
        kills: Vec<Kill>,
    }

    impl Story {
        /// The gate is dead from 100 to 600 ms, stable's process from 2,000 to 2,001 ms.
        fn new() -> Self {
            let begin = Instant::now();
            let at = |ms| begin + Duration::from_millis(ms);
            let gate = Kill { of: Killed::Gate { back: Some(at(600)) }, from: at(100), gone: at(101) };
            let of = Killed::Stable { version: "v1".into() };
            let stable = Kill { of, from: at(2_000), gone: at(2_001) };
            Self { begin, kills: vec![gate, stable] }
        }

        fn excuse(&self, sent: u64, ended: u64, version: Option<&str>, fault: Fault) -> Option<Excuse> {
            let at = |ms| self.begin + Duration::from_millis(ms);
            let failed = Failed { sent: at(sent), ended: at(ended), version: version.map(str::to_owned), fault };
            excuse(&failed, &self.kills, |version| version.ends_with("-errors"))
        }
    }

    fn silence() -> Fault {
        Fault::Unanswered("reset".into())
    }

    #[test]
    fn what_the_gate_s_death_excuses() {
        let story = Story::new();
        assert_eq!(story.excuse(50, 101, None, silence()), Some(Excuse::InFlightOnGate));
        assert_eq!(story.excuse(300, 301, None, silence()), Some(Excuse::WhileGateWasDead));
        assert_eq!(story.excuse(50, 90, None, silence()), None, "it had ended before");
        assert_eq!(story.excuse(601, 700, None, silence()), None, "the door was open again");
        assert_eq!(story.excuse(601, 700, Some("v1"), Fault::ByGate(502)), None, "it waits for the process");
        assert_eq!(story.excuse(300, 301, Some("v1"), Fault::ByVersion(500)), None);
    }

    #[test]
    fn what_the_death_of_a_process_excuses() {
        let story = Story::new();
        let by_gate = || Fault::ByGate(502);
        assert_eq!(story.excuse(1_950, 2_001, Some("v1"), by_gate()), Some(Excuse::InFlightOnStable));
        assert_eq!(story.excuse(1_950, 2_001, Some("v2"), by_gate()), None, "it was with the canary");
        assert_eq!(story.excuse(2_002, 2_100, Some("v1"), by_gate()), None, "it came later");
        assert_eq!(story.excuse(1_950, 2_001, None, silence()), None, "the gate lives, and answers");
    }

    #[test]
    fn a_bad_version_may_fail_and_no_other() {
        let story = Story::new();
        assert_eq!(story.excuse(5, 9, Some("v4-errors"), Fault::ByVersion(500)), Some(Excuse::BadVersion));
        assert_eq!(story.excuse(5, 9, Some("v4-errors"), Fault::ByGate(502)), None, "stable answers in its place");
        assert_eq!(story.excuse(5, 9, Some("v3"), Fault::ByVersion(500)), None);
        assert_eq!(story.excuse(5, 9, None, Fault::Unsigned), None);
    }
}
