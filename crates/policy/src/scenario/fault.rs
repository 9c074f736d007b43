//! What can go wrong in a scenario, and when.

use engine::Millis;
use serde::Deserialize;

/// Something goes wrong for a while.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// Counted from the opening of the release.
    pub at: Millis,
    /// How long; nothing means until the end.
    #[serde(rename = "for")]
    pub lasting: Option<Millis>,
    /// What.
    pub kind: FaultKind,
}

/// What can go wrong. Rises and slow-downs are fractions.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum FaultKind {
    /// More requests of the new version fail.
    Errors {
        /// How many more.
        more: f64,
    },
    /// More requests of the new version fail, in clusters.
    ErrorClusters {
        /// How many more.
        more: f64,
        /// Errors in a cluster, on average.
        size: u32,
        /// What a cluster stays within.
        within: Within,
    },
    /// The new version is slower.
    Slower {
        /// How much longer requests take.
        by: f64,
    },
    /// Some requests of the new version are much slower.
    SlowTail {
        /// Which part of them.
        part: f64,
        /// How much longer they take.
        by: f64,
    },
    /// The new version becomes worse bit by bit.
    Drift {
        /// Until it is at its worst.
        over: Millis,
        /// How many more requests fail then.
        errors: f64,
        /// How much longer they take then.
        slower: f64,
    },
    /// Requests to the new version are never answered.
    Hang {
        /// Which part of them.
        part: f64,
        /// Whether they are counted as failed.
        counted: bool,
    },
    /// The new version is cold after each rise of its share.
    ColdStart {
        /// How much longer requests take while it is cold.
        slower: f64,
        /// How many more fail.
        errors: f64,
        /// How long it is cold.
        lasts: Millis,
        /// After that the cold falls to a third in this time.
        fades: Millis,
    },
    /// Something that both versions need is broken.
    SharedOutage {
        /// How many more requests of both fail.
        errors: f64,
        /// How much longer both take.
        slower: f64,
        /// Whether both fail their probes.
        probes_fail: bool,
    },
    /// Both versions fail together for a moment, again and again.
    Bursts {
        /// How many more requests of both fail in a burst.
        errors: f64,
        /// How much longer both take in it.
        slower: f64,
        /// From one to the next, on average.
        every: Millis,
        /// How long one lasts.
        lasts: Millis,
    },
    /// Measurements are lost.
    NoMetrics {
        /// Whose.
        of: Arm,
        /// Which part of the intervals.
        part: f64,
    },
    /// Counters begin anew.
    CounterReset {
        /// Whose.
        of: Arm,
    },
    /// What runs the versions does not do it.
    Target {
        /// What it was told.
        step: Step,
        /// What it does instead.
        how: PortFault,
    },
    /// What moves users does not do it.
    Lever {
        /// What it does instead.
        how: PortFault,
    },
    /// A hook finds something wrong.
    Hook {
        /// Its name.
        fails: String,
    },
    /// The processes of the new version end by themselves.
    Crash,
    /// The control plane is killed, and started again when this ends.
    ControlCrash,
    /// The journal cannot be written.
    FullDisk,
}

/// Whose counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arm {
    /// Those of both versions.
    Both,
    /// Those of the old one.
    Stable,
    /// Those of the new one.
    Canary,
}

/// What a target is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// Bring a version up.
    Deploy,
    /// Make it the stable one.
    Promote,
    /// Let it go.
    Withdraw,
}

/// What is done in place of what was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortFault {
    /// No answer.
    Hangs,
    /// A failure; trying again may help.
    Fails,
    /// A failure for good.
    Refuses,
    /// It is done, and told as a failure.
    #[serde(rename = "loses the answer")]
    LosesAnswer,
    /// It is told as done, and nothing is.
    Lies,
}

/// What a cluster of errors stays within.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// One user.
    Users,
    /// One process of one version, for about 20 seconds.
    Pods,
}

impl FaultKind {
    /// Whether every figure of it is 0.
    pub(super) fn does_nothing(&self) -> bool {
        let none = |figures: &[f64]| figures.iter().all(|figure| *figure <= 0.0);
        match self {
            Self::Errors { more } | Self::ErrorClusters { more, .. } => none(&[*more]),
            Self::Slower { by } => none(&[*by]),
            Self::SlowTail { part, by } => none(&[part * by]),
            Self::Drift { errors, slower, .. }
            | Self::ColdStart { errors, slower, .. }
            | Self::Bursts { errors, slower, .. } => none(&[*errors, *slower]),
            Self::SharedOutage { errors, slower, probes_fail } => none(&[*errors, *slower]) && !probes_fail,
            Self::Hang { part, .. } | Self::NoMetrics { part, .. } => none(&[*part]),
            Self::CounterReset { .. }
            | Self::Target { .. }
            | Self::Lever { .. }
            | Self::Hook { .. }
            | Self::Crash
            | Self::ControlCrash
            | Self::FullDisk => false,
        }
    }

    /// Whether it is the new version's own: not shared with the old one, and not a fault of what measures or acts.
    #[must_use]
    pub fn of_the_new_version(&self) -> bool {
        match self {
            Self::Errors { .. }
            | Self::ErrorClusters { .. }
            | Self::Slower { .. }
            | Self::SlowTail { .. }
            | Self::Drift { .. }
            | Self::Hang { .. }
            | Self::ColdStart { .. }
            | Self::Hook { .. }
            | Self::Crash => true,
            Self::SharedOutage { .. }
            | Self::Bursts { .. }
            | Self::NoMetrics { .. }
            | Self::CounterReset { .. }
            | Self::Target { .. }
            | Self::Lever { .. }
            | Self::ControlCrash
            | Self::FullDisk => false,
        }
    }
}
