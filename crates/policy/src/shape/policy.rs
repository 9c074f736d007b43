//! The top of a policy: what it extends and its tables.

use super::act::{HOOK, LEVER, SIGNAL, TARGET};
use super::rollout::ROLLOUT;
use super::service::SERVICE;
use super::{KeyRule, Record, Shape, Table, TextRule, defaulted, optional, required};

/// A whole policy.
pub(crate) static POLICY: Record = Record {
    name: "Policy",
    doc: "A release process: what is released, where to, how it is taken live and when it is taken back.",
    fields: &[
        optional(
            "extends",
            Shape::Word(&[("standard", "the built-in process; what the file says itself comes first")]),
            "Takes everything that the file does not say from a built-in policy. Without it everything must be said.",
        ),
        required(
            "services",
            Shape::Map { of: &Shape::Record(&SERVICE), key: KeyRule::Name(Table::Services) },
            "What is released. At least one.",
        ),
        defaulted(
            "targets",
            Shape::Map { of: &Shape::Kind(&TARGET), key: KeyRule::Name(Table::Targets) },
            "{}",
            "Where versions run.",
        ),
        defaulted(
            "levers",
            Shape::Map { of: &Shape::Kind(&LEVER), key: KeyRule::Name(Table::Levers) },
            "{}",
            "What moves users.",
        ),
        defaulted(
            "signals",
            Shape::Map { of: &Shape::Kind(&SIGNAL), key: KeyRule::Name(Table::Signals) },
            "{}",
            "Where measurements come from.",
        ),
        defaulted(
            "hooks",
            Shape::Map { of: &Shape::Kind(&HOOK), key: KeyRule::Name(Table::Hooks) },
            "{}",
            "Trials that must succeed in a phase: smoke tests, user journeys.",
        ),
        required(
            "rollouts",
            Shape::Map { of: &Shape::Record(&ROLLOUT), key: KeyRule::Name(Table::Rollouts) },
            "Ways to take a release live.",
        ),
        required(
            "types",
            Shape::Map { of: &Shape::Record(&TYPE), key: KeyRule::Name(Table::Types) },
            "Kinds of releases.",
        ),
        required(
            "channels",
            Shape::Map { of: &Shape::Record(&CHANNEL), key: KeyRule::Name(Table::Channels) },
            "Where releases go.",
        ),
    ],
    not_yet: &[
        ("checks", "checks with evidence"),
        ("approvals", "approvals"),
        ("calendar", "the release calendar"),
        ("audiences", "audiences of announcements"),
        ("announcements", "announcements"),
        ("people", "people and roles"),
        ("roles", "people and roles"),
        ("flags", "feature flags"),
    ],
    inherits: true,
};

static TYPE: Record = Record {
    name: "Type",
    doc: "A kind of release, such as a hotfix or a feature.",
    fields: &[required(
        "rollout",
        Shape::Name(Table::Rollouts),
        "How its releases are taken live in channels that leave it to the type.",
    )],
    not_yet: &[
        ("checks", "checks with evidence"),
        ("approvals", "approvals"),
        ("within", "clocks over the whole release"),
        ("timeline", "clocks over the whole release"),
    ],
    inherits: true,
};

static CHANNEL: Record = Record {
    name: "Channel",
    doc: "Where releases go: an environment with its branch and its users.",
    fields: &[
        required("branch", Shape::Text(TextRule::Branch), "The branch that its releases are built from."),
        required(
            "rollout",
            Shape::RolloutBy,
            "How its releases are taken live: `by type`, or always the rollout with this name.",
        ),
        defaulted(
            "bucketing",
            Shape::Word(&[
                ("v3", "as flagd's newest clients do: Python, Rust"),
                ("v2", "as flagd's clients before did: JavaScript, Go"),
            ]),
            "v3",
            "How flags divide users. Clients that evaluate flags themselves must do the same; another choice moves users.",
        ),
    ],
    not_yet: &[
        ("checks", "checks with evidence"),
        ("approvals", "approvals"),
        ("approval", "approvals"),
        ("deploy", "deployment on merge"),
        ("deployment", "deployment on merge"),
        ("access", "audiences of a channel"),
        ("audience", "audiences of a channel"),
        ("calendar", "the release calendar"),
        ("windows", "the release calendar"),
    ],
    inherits: true,
};
