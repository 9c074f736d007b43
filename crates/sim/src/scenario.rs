//! What happens in a simulated world: everything in it follows from this description and its seed.

mod trouble;

mod unrest;

pub use trouble::{Clusters, Counts, During, Fault, Illness, Port, PortTrouble, PostTrouble, SignalTrouble, Trouble};
pub(crate) use unrest::Moves;
pub use unrest::Unrest;

use crate::planted::Planted;
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
    /// What is released, and where to.
    pub aim: Aim,
    /// Who comes.
    pub traffic: Traffic,
    /// How versions behave that have no fault.
    pub healthy: Behaviour,
    /// How much of all this moves by itself.
    pub unrest: Unrest,
    /// How long a port takes to answer, in milliseconds.
    pub port_ms: u64,
    /// How long a version takes to come up.
    pub start: Millis,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// What people do, in order of time.
    pub people: Vec<(Millis, Act)>,
    /// Whether they say it again before anybody could have answered.
    pub hasty: bool,
    /// Policies that may take the place of the first one, see [`Act::Edit`].
    pub edits: Vec<Arc<Policy>>,
    /// How many control planes share the journal.
    pub replicas: usize,
    /// At which awaits of a port or the journal, counted from 0 over the whole run, control crashes; rising.
    pub crashes: Vec<u64>,
    /// How long a crashed control stays away.
    pub restart_after: Millis,
    /// When the world ends, whatever is still under way.
    pub until: Millis,
    /// A bug that is in this world on purpose, so that an observer can be seen to bite.
    pub planted: Option<Planted>,
}

/// What is released, and where to, in the policy's own names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aim {
    /// The service.
    pub service: String,
    /// The channel.
    pub channel: String,
    /// The type of the release.
    pub release_type: String,
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
    /// Whether counts are pushed to control instead of being read by it.
    pub pushed: bool,
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
    /// Edit the policy: releases that are opened from now on follow this one of the scenario's edits.
    Edit(usize),
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
            aim: Aim::of_rules(),
            traffic: Traffic { per_second: 400.0, daily_swing: 0.0, by_user: false, pushed: false },
            healthy: Behaviour { error_rate: 0.001, median_us: 40_000.0, sigma: 0.25 },
            unrest: Unrest::default(),
            port_ms: 0,
            start: Millis(800),
            faults: Vec::new(),
            people: vec![(Millis::ZERO, Act::open("1.1"))],
            hasty: false,
            edits: Vec::new(),
            replicas: 1,
            crashes: Vec::new(),
            restart_after: Millis(700),
            until: Millis::minutes(60),
            planted: None,
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

    /// The policy under which the person with this number, from 0, opens a release.
    #[must_use]
    pub fn policy_of(&self, person: usize) -> &Arc<Policy> {
        let mut before = self.people.iter().take(person).rev();
        let edit = before.find_map(|(_, act)| if let Act::Edit(edit) = act { self.edits.get(*edit) } else { None });
        edit.unwrap_or(&self.policy)
    }
}

impl Aim {
    /// What the policies of the simulator release.
    fn of_rules() -> Self {
        let (service, channel) = (crate::rules::SERVICE.to_string(), crate::rules::CHANNEL.to_string());
        Self { service, channel, release_type: "feature".to_string() }
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
            Self::Edit(_) => "edit",
        }
    }
}
