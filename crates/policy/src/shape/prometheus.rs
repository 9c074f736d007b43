//! How a Prometheus server is described as a signal.

use super::quantity::{ANSWER, LAG};
use super::{Field, Kind, Kinds, REFERENCE, Record, Shape, TextRule, defaulted, optional, required};

pub(super) static PROMETHEUS_SIGNAL: Record = Record {
    name: "PrometheusSignal",
    doc: "Counters of both versions, as a Prometheus server sampled them. The rollout's `interval` must be at least twice the `scrape_interval`.",
    fields: &[
        required("url", Shape::Text(TextRule::Url), "Where it answers, without `/api/v1`."),
        optional("auth", Shape::Kind(&AUTH), "How it knows Tidegate. Without it nothing is told."),
        defaulted("timeout", Shape::Quantity(&ANSWER), "5 s", "An answer that takes longer is none."),
        defaulted(
            "lag",
            Shape::Quantity(&LAG),
            "5 s",
            "How long samples take until they can be asked for: about the time that a scrape may take, and longer with remote write.",
        ),
        required("arms", Shape::Kind(&ARMS), "Which counters are of which version."),
    ],
    not_yet: &[],
    inherits: false,
};

static AUTH: Kinds = Kinds {
    name: "PrometheusAuth",
    noun: "an authentication",
    doc: "How a server knows Tidegate. Secrets are referred to, and read when a question is asked.",
    kinds: &[
        Kind { key: "bearer", shape: Shape::Kind(&REFERENCE), doc: "A token." },
        Kind { key: "basic", shape: Shape::Record(&BASIC), doc: "A user and a password." },
    ],
    words: &[],
    not_yet: &[],
};

static BASIC: Record = Record {
    name: "BasicAuth",
    doc: "A user and a password.",
    fields: &[
        required("user", Shape::Text(TextRule::UserName), "The user's name."),
        required("password", Shape::Kind(&REFERENCE), "Where the password is."),
    ],
    not_yet: &[],
    inherits: false,
};

static ARMS: Kinds = Kinds {
    name: "PrometheusArms",
    noun: "a way to tell the arms apart",
    doc: "How the versions' counters are told apart. In values and selectors `$version` stands for the version of the arm.",
    kinds: &[
        Kind {
            key: "label",
            shape: Shape::Record(&BY_LABEL),
            doc: "The same selectors, and a label with another value.",
        },
        Kind { key: "queries", shape: Shape::Record(&BY_QUERY), doc: "Selectors for each arm." },
    ],
    words: &[],
    not_yet: &[],
};

static BY_LABEL: Record = Record {
    name: "ArmsByLabel",
    doc: "One label tells which version a counter is of.",
    fields: &[
        defaulted("label", Shape::Text(TextRule::Label), "version", "The name of the label."),
        defaulted("canary", Shape::Text(TextRule::LabelValue), "$version", "Its value for the new version."),
        defaulted("stable", Shape::Text(TextRule::LabelValue), "$version", "Its value for the old version."),
        REQUESTS,
        ERRORS,
        LATENCY,
    ],
    not_yet: &[],
    inherits: false,
};

static BY_QUERY: Record = Record {
    name: "ArmsByQuery",
    doc: "Other selectors for each arm. They must differ, by `$version` or otherwise.",
    fields: &[
        required("canary", Shape::Record(&ARM_QUERIES), "The new version's counters."),
        required("stable", Shape::Record(&ARM_QUERIES), "The old version's counters."),
    ],
    not_yet: &[],
    inherits: false,
};

static ARM_QUERIES: Record = Record {
    name: "ArmQueries",
    doc: "The counters of one arm.",
    fields: &[REQUESTS, ERRORS, LATENCY],
    not_yet: &[],
    inherits: false,
};

static LATENCY_SOURCE: Kinds = Kinds {
    name: "LatencySource",
    noun: "a histogram",
    doc: "A histogram of response times in seconds.",
    kinds: &[
        Kind {
            key: "classic",
            shape: Shape::Text(TextRule::Selector),
            doc: "Selects the counters `…_bucket` with the label `le`.",
        },
        Kind { key: "native", shape: Shape::Text(TextRule::Selector), doc: "Selects native histograms." },
    ],
    words: &[],
    not_yet: &[],
};

const REQUESTS: Field = required(
    "requests",
    Shape::Text(TextRule::Selector),
    "Selects the counters of answered requests; all that match are added up. A selector, not an expression: the counters themselves are read.",
);

const ERRORS: Field = required(
    "errors",
    Shape::Text(TextRule::Selector),
    "Selects the counters of failed requests. If it is the metric of `requests` with more conditions, a version that has none of these counters had no errors; of another metric they must be there.",
);

const LATENCY: Field = optional(
    "latency",
    Shape::Kind(&LATENCY_SOURCE),
    "The histogram of response times. Without it they are not judged, and phases that ask for quantiles stay undecided.",
);
