//! The language of rehearsals: a world, what goes wrong in it, and how a rollout should end there.

mod fault;

use super::quantity::{LIMIT, RATE, REHEARSED, SPAN};
use super::{Record, Shape, TextRule, defaulted, optional, required};
use fault::{FAULT, SIZE, WITHIN};

/// A whole scenario.
pub(crate) static SCENARIO: Record = Record {
    name: "Scenario",
    doc: "A world that a release goes through in virtual time: who comes, how versions behave, what goes wrong, and how it should end.",
    fields: &[
        required("name", Shape::Text(TextRule::Name), "What the scenario is called in reports."),
        optional("description", Shape::Text(TextRule::Sentence), "What happens, in a sentence for people."),
        defaulted("traffic", Shape::Record(&TRAFFIC_RECORD), "{}", "Who comes."),
        defaulted("baseline", Shape::Record(&BASELINE), "{}", "How both versions behave while nothing goes wrong."),
        defaulted("faults", Shape::List { of: &Shape::Record(&FAULT), least: 0 }, "[]", "What goes wrong, and when."),
        required("expect", Shape::Record(&EXPECT), "How it should end."),
        defaulted(
            "runs",
            Shape::Whole { least: 1, most: 10_000, noun: "a number of runs" },
            "1",
            "How many worlds are lived, each with chance of its own.",
        ),
        defaulted(
            "seed",
            Shape::Whole { least: 0, most: 1_000_000_000_000, noun: "a seed" },
            "1",
            "Where chance begins; the same seed is the same world. Runs after the first take the seeds after it.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

static TRAFFIC_RECORD: Record = Record {
    name: "Traffic",
    doc: "Who comes.",
    fields: &[
        defaulted("requests", Shape::Quantity(&REHEARSED), "100/s", "Requests of all users, on average."),
        defaulted(
            "daily_swing",
            Shape::Quantity(&RATE),
            "0 %",
            "How far the traffic swings over a day: with 50 % from half to one and a half.",
        ),
        optional(
            "users",
            Shape::Whole { least: 64, most: 1_000_000_000, noun: "a number of users" },
            "How many different users there are. With it, what they meet is counted by groups of users as well.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

static BASELINE: Record = Record {
    name: "Baseline",
    doc: "How both versions behave while nothing goes wrong.",
    fields: &[
        defaulted("error_rate", Shape::Quantity(&RATE), "0.1 %", "The proportion of requests that fail."),
        defaulted("median", Shape::Quantity(&LIMIT), "83 ms", "Half of the requests take less."),
        defaulted("p95", Shape::Quantity(&LIMIT), "247 ms", "95 % of the requests take less. Longer than `median`."),
        defaulted("noise", Shape::Record(&NOISE), "{}", "How much of this moves from minute to minute."),
        optional("clusters", Shape::Record(&CLUSTERS), "Errors that come together. Without it each comes alone."),
    ],
    not_yet: &[],
    inherits: false,
};

static NOISE: Record = Record {
    name: "Noise",
    doc: "How far things move from minute to minute, as one standard deviation. `0 %` is a world without weather.",
    fields: &[
        defaulted("traffic", Shape::Quantity(&RATE), "10 %", "The traffic."),
        defaulted("error_rate", Shape::Quantity(&RATE), "15 %", "The proportion of errors, of both versions together."),
        defaulted("latency", Shape::Quantity(&RATE), "4 %", "The response times, of both versions together."),
        defaulted(
            "each_version",
            Shape::Quantity(&RATE),
            "1 %",
            "The response times of each version by itself, from half minute to half minute: other machines, other neighbours.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

static CLUSTERS: Record = Record {
    name: "Clusters",
    doc: "A part of the errors of both versions comes in clusters.",
    fields: &[
        required("part", Shape::Quantity(&RATE), "Which part of the errors."),
        defaulted("size", SIZE, "5", "How many errors a cluster has, on average."),
        defaulted("within", WITHIN, "pods", "What a cluster stays within."),
    ],
    not_yet: &[],
    inherits: false,
};

static EXPECT: Record = Record {
    name: "Expect",
    doc: "How a scenario should end; a policy that ends otherwise does not pass.",
    fields: &[
        required("verdict", Shape::Word(VERDICT), "How."),
        optional(
            "within",
            Shape::Quantity(&SPAN),
            "The rollback is decided within this time, counted from the first fault of the new version (of anything, if it has none), or from its first user if that is later.",
        ),
        optional("cause", Shape::Word(CAUSE), "Why it is rolled back."),
        defaulted("in", Shape::Quantity(&RATE), "100 %", "In which part of the runs this must be so."),
    ],
    not_yet: &[],
    inherits: false,
};

const VERDICT: &[(&str, &str)] = &[
    ("completed", "users keep the new version"),
    ("rolled back", "users are taken back"),
    ("held", "it goes no further: it waits for a person, or stands still"),
    ("aborted", "it ended before anybody had it"),
    ("not completed", "rolled back, held or aborted: users do not keep it"),
    ("not rolled back", "completed or held: nobody is blamed"),
];
const CAUSE: &[(&str, &str)] = &[
    ("harm", "the judge found the new version worse"),
    ("unavailable", "it does not answer, or its process ended"),
    ("hook failed", "a hook failed"),
    ("undecided", "the policy rolls back what stays undecided"),
    ("deploy failed", "it never came up"),
];
