//! What is wrong with version 1.2, and how its release should end.

use crate::exit::Exit;
use clap::ValueEnum;

/// The faults that the demo can build in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Fault {
    /// Some of its answers are errors
    #[default]
    Errors,
    /// Its answers take twice as long
    Latency,
    /// Its process ends under load
    Crash,
    /// It begins well and gets slower and slower
    Drift,
    /// Nothing is wrong with it, but what both versions depend on fails for a while
    Dependency,
    /// Nothing is wrong with it
    None,
}

impl Fault {
    /// The word on the command line.
    #[must_use]
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Crash => "crash",
            Self::Drift => "drift",
            Self::Dependency => "dependency",
            Self::None => "none",
        }
    }

    /// What people are told about it.
    #[must_use]
    pub(crate) const fn story(self) -> &'static str {
        match self {
            Self::Errors => "8 % of its answers are errors",
            Self::Latency => "its answers take twice as long",
            Self::Crash => "its process ends under load",
            Self::Drift => "it begins well and gets slower and slower",
            Self::Dependency => "it is well, but what both versions depend on will fail for a while",
            Self::None => "it is well",
        }
    }

    /// How the release of the faulty version should end.
    #[must_use]
    pub(crate) const fn should_end(self) -> Exit {
        match self {
            Self::Errors | Self::Latency | Self::Crash | Self::Drift => Exit::RolledBack,
            Self::Dependency | Self::None => Exit::Done,
        }
    }
}
