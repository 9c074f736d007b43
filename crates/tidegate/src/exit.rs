//! How the program ends, for whoever branches on it. One table: the enum, the reference page and the help text all come
//! from it, so that a CI job and its documentation cannot disagree.

use server::dto::Stage;
use std::fmt::Write as _;

/// The exit codes of the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done, and a release that was watched is live.
    Done,
    /// It did not work.
    Failed,
    /// It was asked in a way that makes no sense.
    Usage,
    /// The release was taken back.
    RolledBack,
    /// The release waits for a person, or is still under way.
    Waiting,
    /// The server understood and said no.
    Refused,
    /// The release ended without blame, before users kept it.
    Ended,
    /// No server answers.
    Unreachable,
    /// The server answers, and cannot do its work.
    Unwell,
    /// A rehearsal did not end as expected.
    Unmet,
    /// Somebody stopped it before it was done.
    Interrupted,
}

impl Exit {
    /// All of them, in the order of their numbers.
    pub(crate) const ALL: [Self; 11] = [
        Self::Done,
        Self::Failed,
        Self::Usage,
        Self::RolledBack,
        Self::Waiting,
        Self::Refused,
        Self::Ended,
        Self::Unreachable,
        Self::Unwell,
        Self::Unmet,
        Self::Interrupted,
    ];

    /// The number that the shell sees.
    #[must_use]
    pub(crate) const fn code(self) -> u8 {
        self.row().0
    }

    /// What it means, in a sentence.
    #[must_use]
    pub(crate) const fn meaning(self) -> &'static str {
        self.row().2
    }

    /// What the stage of a release means for a job that waits for it.
    #[must_use]
    pub(crate) fn of_stage(stage: Stage) -> Self {
        match stage {
            Stage::Completed => Self::Done,
            Stage::RolledBack => Self::RolledBack,
            Stage::Aborted | Stage::Superseded => Self::Ended,
            Stage::Opened
            | Stage::Deploying
            | Stage::Ramping
            | Stage::Held
            | Stage::Paused
            | Stage::Watching
            | Stage::Promoting
            | Stage::RollingBack => Self::Waiting,
        }
    }

    const fn row(self) -> (u8, &'static str, &'static str) {
        match self {
            Self::Done => {
                (0, "done", "It worked; a release that was watched is completed: users have the new version.")
            }
            Self::Failed => (1, "failed", "It did not work; the message says why and what to do."),
            Self::Usage => (
                2,
                "usage",
                "It cannot be done as it was asked: an unknown option, a missing, wrong or contradicting value, no token.",
            ),
            Self::RolledBack => (3, "rolled back", "The release was taken back: users have the old version."),
            Self::Waiting => (4, "waiting", "The release waits for a person, or is still under way."),
            Self::Refused => (5, "refused", "The server understood and refuses; nothing was changed."),
            Self::Ended => (6, "ended", "The release was aborted or superseded; nobody is blamed."),
            Self::Unreachable => {
                (7, "unreachable", "Nobody answers: no Tidegate server at the address, no gate in the directory.")
            }
            Self::Unwell => (
                8,
                "unwell",
                "The server answers and cannot do its work: it does not lead, or a release or its policy cannot be read.",
            ),
            Self::Unmet => (9, "unmet", "A rehearsal did not end as its scenario expects."),
            Self::Interrupted => {
                (10, "interrupted", "It was stopped before it was done; what it printed is what it knew until then.")
            }
        }
    }
}

/// The reference page `docs/reference/exit-codes.md`.
#[cfg(test)]
pub(crate) fn reference() -> String {
    let mut page = String::from(
        "# Exit codes\n\nGenerated from the program; do not edit.\n\n| code | word | meaning |\n|---|---|---|\n",
    );
    for exit in Exit::ALL {
        let (code, word, meaning) = exit.row();
        let _infallible = writeln!(page, "| {code} | {word} | {meaning} |");
    }
    page.push_str(
        "\n`tidegate release watch`, `tidegate release open --watch` and `tidegate rollback --watch` end with the code of the \
         release's end: 0, 3 or 6; with `--until-waiting` also 4 as soon as a person is needed.\n\n\
         `tidegate status` ends with 8 when the server cannot drive releases, or a release or the policy cannot be read, or the policy is wrong; what it \
         prints says which. A server that follows another one that leads is well.\n",
    );
    page
}

/// The same table for the help text.
#[must_use]
pub(crate) fn help() -> String {
    let mut text = String::from("Exit codes:\n");
    for exit in Exit::ALL {
        let _infallible = writeln!(text, "  {}  {}", exit.code(), exit.meaning());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_their_places() {
        for (i, exit) in Exit::ALL.into_iter().enumerate() {
            assert_eq!(usize::from(exit.code()), i);
        }
    }
}
