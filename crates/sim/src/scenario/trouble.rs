//! What can go wrong in a simulated world, and when.

use engine::Millis;

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
    /// The signal answers something else than what it should.
    Signal {
        /// How.
        how: SignalTrouble,
    },
    /// Counts that are pushed do not arrive as they were sent.
    Post {
        /// How.
        how: PostTrouble,
    },
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
    /// The journal takes longer by so many milliseconds.
    SlowDisk {
        /// For every write.
        ms: u64,
    },
    /// A replica stands still, as after SIGSTOP: what it asked for before is done, and it hears nothing of it.
    Frozen {
        /// Counted from 0.
        replica: usize,
    },
    /// The clock of one replica is off for a while.
    ClockSkew {
        /// Counted from 0.
        replica: usize,
        /// Ahead, or behind when negative.
        by_ms: i64,
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

/// How the answers of a signal are wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignalTrouble {
    /// An answer begins with what was told before.
    Repeats,
    /// Of an answer only the first part arrives.
    Torn,
    /// The parts of an answer arrive in the wrong order.
    Reordered,
    /// Counts that cannot be true: more errors than requests, times that run backwards.
    Absurd,
    /// Everything is an hour old.
    Stale,
}

/// How counts that are pushed are delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostTrouble {
    /// Not at all.
    Lost,
    /// Twice.
    Twice,
    /// After those that were sent later.
    Late,
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
    /// It says that all is as asked, and does nothing.
    Lies,
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
