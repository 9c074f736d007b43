//! A scenario as typed values: the world that `tidegate rehearse` makes, read from a file with the same care as a policy.
//! What it means is the simulator's business; what it may say is told here.

use crate::findings::{Finding, Findings, Subject};
use crate::problem::{Code, Problems};
use crate::read::{self, Places};
use crate::source::{Origin, Source};
use crate::yaml;
use engine::Millis;
use serde::Deserialize;

/// A world that a release goes through, and how it should end there.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// What it is called in reports.
    pub name: String,
    /// What happens, for people.
    pub description: Option<String>,
    /// Who comes.
    pub traffic: Traffic,
    /// How both versions behave while nothing goes wrong.
    pub baseline: Baseline,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How it should end.
    pub expect: Expectation,
    /// How many worlds are lived.
    pub runs: u64,
    /// Where chance begins.
    pub seed: u64,
}

/// Who comes.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Traffic {
    /// Per second, on average.
    pub requests: f64,
    /// How far it swings over a day, as a fraction.
    pub daily_swing: f64,
    /// How many users there are; nothing when nobody counts them.
    pub users: Option<u64>,
}

/// How both versions behave while nothing goes wrong.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// As a fraction.
    pub error_rate: f64,
    /// Half of the requests take less.
    pub median: Millis,
    /// 95 % take less.
    pub p95: Millis,
    /// How much of this moves.
    pub noise: Noise,
    /// Errors that come together.
    pub clusters: Option<Clusters>,
}

/// How far things move from minute to minute: standard deviations, as fractions.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Noise {
    /// The traffic.
    pub traffic: f64,
    /// The errors of both versions.
    pub error_rate: f64,
    /// The response times of both versions.
    pub latency: f64,
    /// The response times of each version by itself.
    pub each_version: f64,
}

/// A part of the errors comes in clusters.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clusters {
    /// Which part, as a fraction.
    pub part: f64,
    /// Errors in a cluster, on average.
    pub size: u32,
    /// What a cluster stays within.
    pub within: Within,
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
    /// Requests to the new version vanish.
    Hang {
        /// Which part of them.
        part: f64,
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

/// How a scenario should end.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Expectation {
    /// How.
    pub verdict: ExpectedVerdict,
    /// The rollback is decided within this time of the fault.
    pub within: Option<Millis>,
    /// Why it is rolled back.
    pub cause: Option<ExpectedCause>,
    /// In which part of the runs, as a fraction.
    #[serde(rename = "in")]
    pub in_runs: f64,
}

/// How a release should end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ExpectedVerdict {
    /// Users keep the new version.
    #[serde(rename = "completed")]
    Completed,
    /// Users are taken back.
    #[serde(rename = "rolled back")]
    RolledBack,
    /// It goes no further.
    #[serde(rename = "held")]
    Held,
    /// It ended before anybody had it.
    #[serde(rename = "aborted")]
    Aborted,
    /// One of the three before.
    #[serde(rename = "not completed")]
    NotCompleted,
}

/// Why a release should be rolled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ExpectedCause {
    /// The judge found harm.
    #[serde(rename = "harm")]
    Harm,
    /// No answer, or a process that ended.
    #[serde(rename = "unavailable")]
    Unavailable,
    /// A hook failed.
    #[serde(rename = "hook failed")]
    HookFailed,
    /// The policy rolls back what stays undecided.
    #[serde(rename = "undecided")]
    Undecided,
    /// It never came up.
    #[serde(rename = "deploy failed")]
    DeployFailed,
}

const SUBJECT: Subject =
    Subject { noun: "a scenario", first: "`tidegate rehearse --show NAME` prints one to begin with" };

/// Reads a scenario. `file` is its name in problems.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read_scenario(text: &str, file: &str) -> Result<Scenario, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut findings = Findings::new(Source::new(file, text), Source::new("defaults", "")).about(SUBJECT);
    let read = yaml::parse(text, Origin::User, &mut findings).and_then(|root| {
        let (scenario, places) = read::scenario(&root, &mut findings)?;
        contradictions(&scenario, &places, &mut findings);
        Some(scenario)
    });
    match read {
        Some(scenario) if findings.is_empty() => Ok(scenario),
        Some(_) | None => Err(findings.into_problems()),
    }
}

/// What no single value can get wrong.
fn contradictions(scenario: &Scenario, places: &Places, findings: &mut Findings<'_>) {
    let mut tell = |path: &str, finding: Finding| {
        if let Some(at) = places.of(path) {
            findings.add(at, path, finding);
        }
    };
    let (median, p95) = (scenario.baseline.median, scenario.baseline.p95);
    if p95 <= median {
        let why = format!("95 % of the requests take less than {p95}, but half of them take more than {median}");
        let finding = Finding::new(Code::Clocks, "the response times contradict each other", why)
            .hint(format!("make `p95` longer than {median}"));
        tell("baseline.p95", finding);
    }
    let expect = &scenario.expect;
    let taken_back = match expect.verdict {
        ExpectedVerdict::RolledBack | ExpectedVerdict::Aborted | ExpectedVerdict::NotCompleted => true,
        ExpectedVerdict::Completed | ExpectedVerdict::Held => false,
    };
    for (key, said) in [("within", expect.within.is_some()), ("cause", expect.cause.is_some())] {
        if said && !taken_back {
            let why = format!("`{key}` is about a rollback, and none is expected");
            let finding = Finding::new(Code::Mismatch, format!("`{key}` says nothing here"), why)
                .hint("remove it, or expect `rolled back`");
            tell(&format!("expect.{key}"), finding);
        }
    }
    for (i, fault) in scenario.faults.iter().enumerate() {
        if fault.kind.does_nothing() {
            let why = "found a fault of nothing: every figure of it is 0".to_string();
            let finding = Finding::new(Code::OutOfRange, "this fault does nothing", why)
                .hint("say how much: `errors: 1 points`, `slower: 50 %`");
            tell(&format!("faults[{i}].kind"), finding);
        }
    }
}

impl FaultKind {
    fn does_nothing(&self) -> bool {
        let none = |figures: &[f64]| figures.iter().all(|figure| *figure <= 0.0);
        match self {
            Self::Errors { more } | Self::ErrorClusters { more, .. } => none(&[*more]),
            Self::Slower { by } => none(&[*by]),
            Self::SlowTail { part, by } => none(&[part * by]),
            Self::Drift { errors, slower, .. }
            | Self::ColdStart { errors, slower, .. }
            | Self::Bursts { errors, slower, .. } => none(&[*errors, *slower]),
            Self::SharedOutage { errors, slower, probes_fail } => none(&[*errors, *slower]) && !probes_fail,
            Self::Hang { part } | Self::NoMetrics { part, .. } => none(&[*part]),
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
