//! What is released and what it uses.

use super::quantity::{FREQUENCY, LIMIT, RATE};
use super::{KeyRule, Record, Shape, Table, TextRule, defaulted, optional, required};

pub(super) static SERVICE: Record = Record {
    name: "Service",
    doc: "One thing that is released: a program with versions.",
    fields: &[
        required("target", Shape::Name(Table::Targets), "Where its versions run."),
        required(
            "lever",
            Shape::Name(Table::Levers),
            "What moves its users. A `process` target needs a `gate` lever, a `command` target a `command` lever.",
        ),
        optional(
            "signals",
            SIGNALS,
            "Where its measurements come from. Without this key: the lever itself if it is a `gate`, else nothing, and the judge stays undecided.",
        ),
        optional(
            "probe",
            Shape::Record(&PROBE),
            "How both versions are asked whether they are up. The gate asks processes at their `health` path by itself.",
        ),
        defaulted("hooks", HOOKS, "[]", "What is tried in every phase that names no hooks of its own."),
        optional(
            "live",
            Shape::Text(TextRule::Version),
            "The version that users have before the first release through Tidegate.",
        ),
        optional(
            "traffic",
            Shape::Record(&TRAFFIC),
            "What it has to do, roughly. `tidegate check` says from it which phases can be decided; releases do not rest on it.",
        ),
        defaulted(
            "channels",
            Shape::Map { of: &Shape::Record(&IN_CHANNEL), key: KeyRule::Channel },
            "{}",
            "What is different in some channels.",
        ),
    ],
    not_yet: &[
        ("checks", "checks with evidence"),
        ("approvals", "approvals"),
        ("after", "waves and order between services"),
        ("paths", "reviews by area"),
    ],
    inherits: false,
};

static IN_CHANNEL: Record = Record {
    name: "ServiceInChannel",
    doc: "What is different for a service in one channel. Each key replaces the service's own.",
    fields: &[
        optional("target", Shape::Name(Table::Targets), "Instead of the service's target."),
        optional("lever", Shape::Name(Table::Levers), "Instead of the service's lever."),
        optional("signals", SIGNALS, "Instead of the service's signals."),
        optional("probe", Shape::Record(&PROBE), "Instead of the service's probe."),
        optional("hooks", HOOKS, "Instead of the service's hooks."),
        optional("live", Shape::Text(TextRule::Version), "Instead of the service's live version."),
        optional("traffic", Shape::Record(&TRAFFIC), "Instead of the service's traffic."),
    ],
    not_yet: &[],
    inherits: false,
};

static TRAFFIC: Record = Record {
    name: "Traffic",
    doc: "What a service has to do in an ordinary hour, both versions together.",
    fields: &[
        required("requests", Shape::Quantity(&FREQUENCY), "How many requests it answers."),
        required("error_rate", Shape::Quantity(&RATE), "The proportion of them that fails while nothing is wrong."),
        optional(
            "latency",
            Shape::Record(&LATENCY),
            "How long they take. Without this key nothing is said about response times.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

static LATENCY: Record = Record {
    name: "Latency",
    doc: "Two quantiles of the response time; between and beyond them it is taken to be lognormal.",
    fields: &[
        required("p50", Shape::Quantity(&LIMIT), "Half of the requests are faster."),
        required("p95", Shape::Quantity(&LIMIT), "95 of 100 are faster. Longer than `p50`."),
    ],
    not_yet: &[],
    inherits: false,
};

static PROBE: Record = Record {
    name: "Probe",
    doc: "Two URLs, one for each version, that answer with a status below 400 while the version is up.",
    fields: &[
        required("canary", Shape::Text(TextRule::Url), "What only the new version answers."),
        required(
            "stable",
            Shape::Text(TextRule::Url),
            "What only the old version answers. When both fail, the canary is not blamed.",
        ),
        defaulted("every", Shape::Quantity(&LIMIT), "5 s", "How often both are asked."),
        defaulted(
            "timeout",
            Shape::Quantity(&LIMIT),
            "2 s",
            "An answer that takes longer is none. Not longer than `every`.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

const SIGNALS: Shape = Shape::List { of: &Shape::Name(Table::Signals), least: 0 };
const HOOKS: Shape = Shape::List { of: &Shape::Name(Table::Hooks), least: 0 };
