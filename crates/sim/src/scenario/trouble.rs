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
    /// Counts of some intervals are lost, and stay lost.
    Uncounted {
        /// Whose.
        of: Counts,
        /// Which part of the intervals.
        part: f64,
    },
    /// Counters begin anew when this begins: what they had counted of the interval is lost.
    CountersReset {
        /// Whose.
        of: Counts,
    },
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
    /// Every control plane is killed when this begins, and started again when it ends.
    ControlKilled,
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
    /// More requests fail, in clusters.
    Clusters(Clusters),
    /// Some requests take so many times as long.
    SlowTail {
        /// Which part.
        part: f64,
        /// Above 1.
        factor: f64,
    },
    /// It becomes worse from the beginning on, and stays so.
    Leaks {
        /// Until it is at its worst.
        over: Millis,
        /// Rise of the proportion of errors then.
        more: f64,
        /// How many times as long requests take then.
        factor: f64,
    },
    /// Some requests are never answered.
    Swallows {
        /// Which part.
        part: f64,
        /// Whether they are counted as failed.
        counted: bool,
    },
    /// It is cold after each rise of its share.
    Cold {
        /// Rise of the proportion of errors while it is cold.
        more: f64,
        /// How many times as long requests take then.
        factor: f64,
        /// How long it is cold.
        lasts: Millis,
        /// After that the cold falls to a third in this time.
        fades: Millis,
    },
    /// Its process ends when this begins.
    Dies,
    /// It answers nothing.
    Hangs,
}

/// Errors that come together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clusters {
    /// Rise of the proportion of errors, on average.
    pub more: f64,
    /// Errors in a cluster, on average.
    pub size: u32,
    /// Whether a cluster is one user's; otherwise it is one process's, for about two intervals.
    pub by_user: bool,
}

/// Whose counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counts {
    /// Those of both versions.
    Both,
    /// Those of the old one.
    Stable,
    /// Those of the new one.
    Canary,
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

impl Counts {
    /// Whether the counts of the old version, or of the new one, are meant.
    #[must_use]
    pub fn of_stable(self) -> bool {
        matches!(self, Self::Both | Self::Stable)
    }

    /// Likewise the new one's.
    #[must_use]
    pub fn of_canary(self) -> bool {
        matches!(self, Self::Both | Self::Canary)
    }
}

impl Trouble {
    /// A version that is bad.
    #[must_use]
    pub fn version(version: &str, how: Illness) -> Self {
        Self::Version { version: version.to_string(), how }
    }
}
