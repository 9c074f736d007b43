//! What happens in a simulated world: everything in it follows from this description and its seed.

use control::ServiceKey;
use engine::{Command, Millis};
use policy::Policy;
use std::sync::Arc;

/// A world and what happens in it. Times are counted from its beginning.
#[derive(Clone, Debug)]
pub struct Scenario {
    /// All chance comes from it.
    pub seed: u64,
    /// The policy under which releases are opened.
    pub policy: Arc<Policy>,
    /// Who comes.
    pub traffic: Traffic,
    /// How versions behave that have no fault.
    pub healthy: Behaviour,
    /// How long a port takes to answer, in milliseconds.
    pub port_ms: u64,
    /// How long a version takes to come up.
    pub start: Millis,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What people do, in order of time.
    pub people: Vec<(Millis, Act)>,
    /// How many control planes share the journal.
    pub replicas: usize,
    /// At which awaits of a port or the journal, counted from 0 over the whole run, control crashes; rising.
    pub crashes: Vec<u64>,
    /// How long a crashed control stays away.
    pub restart_after: Millis,
    /// When the world ends, whatever is still under way.
    pub until: Millis,
}

/// Who comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Traffic {
    /// Requests per second on average.
    pub per_second: f64,
    /// How far it swings over a day: 0 not at all, 0.5 from half to one and a half.
    pub daily_swing: f64,
    /// Whether counts come by groups of users as well.
    pub by_user: bool,
}

/// How a version answers.
#[derive(Clone, Debug, PartialEq)]
pub struct Behaviour {
    /// The proportion of requests that fail.
    pub error_rate: f64,
    /// Half of the requests take less, in microseconds.
    pub median_us: f64,
    /// The deviation of the logarithm of the latency.
    pub sigma: f64,
}

/// From a moment to another, the second not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct During {
    /// Begin.
    pub from: Millis,
    /// End.
    pub to: Millis,
}

/// Something goes wrong for a while.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// When.
    pub during: During,
    /// What.
    pub what: Trouble,
}

/// What can go wrong.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// A version is bad.
    Version {
        /// Which.
        version: String,
        /// How.
        how: Illness,
    },
    /// Something that all versions need is broken.
    Dependency {
        /// Rise of the error proportion of every version.
        more_errors: f64,
        /// All take so many times as long.
        slower: f64,
        /// Whether their probes fail as well.
        probes_fail: bool,
    },
    /// The lever confirms the share, and only this part of the canary's users reach it.
    Misrouted {
        /// From 0 to 1.
        reached: f64,
    },
    /// The signal answers and has nothing.
    NoData,
    /// Calls of a port do not do what they should.
    Port {
        /// Which.
        port: Port,
        /// How.
        how: PortTrouble,
    },
    /// This hook finds something wrong.
    HookFails {
        /// Its name.
        hook: String,
    },
    /// The journal's disk is full.
    DiskFull,
    /// The answer to a write is lost after it was done.
    WriteUnanswered,
    /// A replica cannot reach the journal.
    Partition {
        /// Counted from 0.
        replica: usize,
    },
    /// The clock of the machines that run control is stepped when this begins.
    ClockStep {
        /// Forward, or back when negative.
        by_ms: i64,
    },
}

/// How a version is bad.
#[derive(Clone, Debug, PartialEq)]
pub enum Illness {
    /// More requests fail.
    Errors {
        /// Rise of the proportion.
        more: f64,
    },
    /// Requests take so many times as long.
    Slow {
        /// Above 1.
        factor: f64,
    },
    /// Errors grow from nothing to this over the time.
    Drift {
        /// Rise of the proportion at the end.
        more: f64,
    },
    /// Its process ends when this begins.
    Dies,
    /// It answers nothing.
    Hangs,
}

/// The ports of control.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Port {
    /// Moves users.
    Shift,
    /// Tells the share.
    Observe,
    /// Brings a version up.
    Deploy,
    /// Makes it the stable one.
    Promote,
    /// Takes it away.
    Withdraw,
    /// Counts.
    Read,
    /// Asks versions how they are.
    Probe,
    /// Smoke tests.
    Hook,
    /// Serves what is live.
    Settle,
}

/// How calls of a port go wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortTrouble {
    /// It fails, and trying again may help.
    Fails,
    /// It fails, and trying again is no use.
    Refuses,
    /// It does what it should, and its answer is lost.
    LosesAnswer,
    /// It never answers.
    Hangs,
    /// It takes longer by so many milliseconds.
    Slow(u64),
}

/// What people do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Open a release.
    Open(Opening),
    /// Command the newest release.
    Say(Command),
    /// Raise an integrity alarm for it.
    Integrity(String),
    /// Report something critical about it.
    Critical(String),
}

/// A release to be opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Opening {
    /// The new version.
    pub version: String,
    /// What exactly; nothing means that the name stands for it.
    pub digest: Option<String>,
    /// In place of the one that is under way.
    pub supersede: bool,
    /// Out of quarantine, and why.
    pub lift_quarantine: Option<String>,
}

impl Scenario {
    /// A world in which nothing goes wrong and one release, of version `1.1`, is opened at the beginning.
    #[must_use]
    pub fn good(seed: u64, policy: Arc<Policy>) -> Self {
        Self {
            seed,
            policy,
            traffic: Traffic { per_second: 400.0, daily_swing: 0.0, by_user: false },
            healthy: Behaviour { error_rate: 0.001, median_us: 40_000.0, sigma: 0.25 },
            port_ms: 0,
            start: Millis(800),
            faults: Vec::new(),
            people: vec![(Millis::ZERO, Act::open("1.1"))],
            replicas: 1,
            crashes: Vec::new(),
            restart_after: Millis(700),
            until: Millis::minutes(60),
        }
    }

    /// The same world with one more thing that goes wrong.
    #[must_use]
    pub fn with(mut self, during: During, what: Trouble) -> Self {
        self.faults.push(Fault { during, what });
        self
    }

    /// The same world with one more thing that people do.
    #[must_use]
    pub fn then(mut self, at: Millis, act: Act) -> Self {
        let place = self.people.partition_point(|(other, _)| *other <= at);
        self.people.insert(place, (at, act));
        self
    }

    /// The place that releases go to.
    #[must_use]
    pub fn key() -> ServiceKey {
        ServiceKey { service: crate::rules::SERVICE.to_string(), channel: crate::rules::CHANNEL.to_string() }
    }
}

impl Act {
    /// Open a release of this version.
    #[must_use]
    pub fn open(version: &str) -> Self {
        Self::Open(Opening { version: version.to_string(), ..Opening::default() })
    }

    /// The act in a word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Open(_) => "open",
            Self::Say(command) => command.word(),
            Self::Integrity(_) => "integrity alarm",
            Self::Critical(_) => "critical report",
        }
    }
}

impl During {
    /// From a second to another.
    #[must_use]
    pub const fn seconds(from: u64, to: u64) -> Self {
        Self { from: Millis::seconds(from), to: Millis::seconds(to) }
    }

    /// From a second on, for ever.
    #[must_use]
    pub const fn from_second(from: u64) -> Self {
        Self { from: Millis::seconds(from), to: Millis(u64::MAX) }
    }

    /// Whether a moment lies within.
    #[must_use]
    pub fn holds(self, at: Millis) -> bool {
        self.from <= at && at < self.to
    }
}

impl Trouble {
    /// A version that is bad.
    #[must_use]
    pub fn version(version: &str, how: Illness) -> Self {
        Self::Version { version: version.to_string(), how }
    }
}
