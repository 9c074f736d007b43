//! The language of rehearsals: a world, what goes wrong in it, and how a rollout should end there.

use super::quantity::{LIMIT, PAUSE, RATE, RISE, SLOWDOWN, SPAN, TRAFFIC};
use super::{Kind, Kinds, Record, Shape, TextRule, defaulted, optional, required};

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
        defaulted("requests", Shape::Quantity(&TRAFFIC), "100 req/s", "Requests of all users, on average."),
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

static FAULT: Record = Record {
    name: "Fault",
    doc: "Something goes wrong for a while.",
    fields: &[
        defaulted("at", Shape::Quantity(&PAUSE), "0 s", "When it begins, counted from the opening of the release."),
        optional("for", Shape::Quantity(&SPAN), "How long it lasts. Without this key: until the end."),
        required("kind", Shape::Kind(&KIND), "What it is."),
    ],
    not_yet: &[],
    inherits: false,
};

static KIND: Kinds = Kinds {
    name: "FaultKind",
    noun: "a fault",
    doc: "What goes wrong: with the new version, with both, with what measures, or with what Tidegate acts through.",
    kinds: &[
        Kind {
            key: "errors",
            shape: Shape::Record(&Record {
                name: "Errors",
                doc: "More requests of the new version fail, each by itself.",
                fields: &[required("more", Shape::Quantity(&RISE), "How many more.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "More requests of the new version fail.",
        },
        Kind {
            key: "error_clusters",
            shape: Shape::Record(&Record {
                name: "ErrorClusters",
                doc: "More requests of the new version fail, and many of them together.",
                fields: &[
                    required("more", Shape::Quantity(&RISE), "How many more, on average."),
                    defaulted("size", SIZE, "5", "How many errors a cluster has, on average."),
                    defaulted("within", WITHIN, "pods", "What a cluster stays within."),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "More requests of the new version fail, in clusters.",
        },
        Kind {
            key: "slower",
            shape: Shape::Record(&Record {
                name: "Slower",
                doc: "All requests of the new version take longer.",
                fields: &[required("by", Shape::Quantity(&SLOWDOWN), "How much longer.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "The new version is slower.",
        },
        Kind {
            key: "slow_tail",
            shape: Shape::Record(&Record {
                name: "SlowTail",
                doc: "Some requests of the new version take much longer.",
                fields: &[
                    required("part", Shape::Quantity(&RATE), "Which part of the requests."),
                    required("by", Shape::Quantity(&SLOWDOWN), "How much longer they take."),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Some requests of the new version are much slower.",
        },
        Kind {
            key: "drift",
            shape: Shape::Record(&Record {
                name: "Drift",
                doc: "The new version becomes worse bit by bit, as with a leak. At least one of `errors` and `slower`.",
                fields: &[
                    required("over", Shape::Quantity(&SPAN), "How long it takes until it is at its worst."),
                    defaulted("errors", Shape::Quantity(&RISE), "0 points", "How many more requests fail then."),
                    defaulted("slower", Shape::Quantity(&SLOWDOWN), "0 %", "How much longer requests take then."),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "The new version becomes worse bit by bit: a leak.",
        },
        Kind {
            key: "hang",
            shape: Shape::Record(&Record {
                name: "Hang",
                doc: "Requests to the new version vanish: they are never answered and never counted.",
                fields: &[defaulted("part", Shape::Quantity(&RATE), "100 %", "Which part of the requests.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Requests to the new version vanish.",
        },
        Kind {
            key: "cold_start",
            shape: Shape::Record(&Record {
                name: "ColdStart",
                doc: "The new version is cold after each rise of its share, and warms up.",
                fields: &[
                    defaulted(
                        "slower",
                        Shape::Quantity(&SLOWDOWN),
                        "150 %",
                        "How much longer requests take while it is cold.",
                    ),
                    defaulted("errors", Shape::Quantity(&RISE), "0.5 points", "How many more fail while it is cold."),
                    defaulted("lasts", Shape::Quantity(&SPAN), "2 min", "How long it is cold."),
                    defaulted(
                        "fades",
                        Shape::Quantity(&SPAN),
                        "30 s",
                        "After that the cold falls to a third in this time, again and again.",
                    ),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "The new version is cold after each rise of its share.",
        },
        Kind {
            key: "shared_outage",
            shape: Shape::Record(&Record {
                name: "SharedOutage",
                doc: "Something that both versions need is broken.",
                fields: &[
                    defaulted("errors", Shape::Quantity(&RISE), "0 points", "How many more requests of both fail."),
                    defaulted("slower", Shape::Quantity(&SLOWDOWN), "0 %", "How much longer both take."),
                    defaulted("probes_fail", Shape::Switch, "off", "Whether both fail their probes as well."),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Something that both versions need is broken.",
        },
        Kind {
            key: "bursts",
            shape: Shape::Record(&Record {
                name: "Bursts",
                doc: "Short outages of something that both versions need, again and again, at moments that chance chooses.",
                fields: &[
                    required("errors", Shape::Quantity(&RISE), "How many more requests of both fail in a burst."),
                    defaulted("slower", Shape::Quantity(&SLOWDOWN), "0 %", "How much longer both take in a burst."),
                    defaulted("every", Shape::Quantity(&SPAN), "15 min", "The time from one to the next, on average."),
                    defaulted("lasts", Shape::Quantity(&SPAN), "40 s", "How long one lasts."),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Both versions fail together for a moment, again and again.",
        },
        Kind {
            key: "no_metrics",
            shape: Shape::Record(&Record {
                name: "NoMetrics",
                doc: "Measurements are lost, and stay lost.",
                fields: &[
                    defaulted("of", ARM, "both", "Whose."),
                    defaulted("part", Shape::Quantity(&RATE), "100 %", "Which part of the intervals."),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Measurements are lost.",
        },
        Kind {
            key: "counter_reset",
            shape: Shape::Record(&Record {
                name: "CounterReset",
                doc: "Counters begin anew when this begins: what they had counted of the interval is lost.",
                fields: &[defaulted("of", ARM, "both", "Whose.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Counters begin anew, as after a restart.",
        },
        Kind {
            key: "target",
            shape: Shape::Record(&Record {
                name: "TargetFault",
                doc: "What runs the versions does not do what it is told.",
                fields: &[required("step", STEP, "What it was told."), required("how", HOW, "What it does instead.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "What runs the versions does not do it.",
        },
        Kind {
            key: "lever",
            shape: Shape::Record(&Record {
                name: "LeverFault",
                doc: "What moves users does not do what it is told.",
                fields: &[required("how", HOW, "What it does instead.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "What moves users does not do it.",
        },
        Kind {
            key: "hook",
            shape: Shape::Record(&Record {
                name: "HookFault",
                doc: "A hook of the policy finds something wrong.",
                fields: &[required("fails", Shape::Text(TextRule::Name), "The name of the hook.")],
                not_yet: &[],
                inherits: false,
            }),
            doc: "A hook finds something wrong.",
        },
    ],
    words: &[
        ("crash", "the processes of the new version end by themselves when this begins"),
        (
            "control_crash",
            "the control plane is killed when this begins, and started again when it ends; without `for` at once",
        ),
        ("full_disk", "the journal cannot be written"),
    ],
    not_yet: &[],
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
    ("not completed", "any of the last three"),
];
const CAUSE: &[(&str, &str)] = &[
    ("harm", "the judge found the new version worse"),
    ("unavailable", "it does not answer, or its process ended"),
    ("hook failed", "a hook failed"),
    ("undecided", "the policy rolls back what stays undecided"),
    ("deploy failed", "it never came up"),
];
const SIZE: Shape = Shape::Whole { least: 2, most: 1_000, noun: "a number of errors" };
const WITHIN: Shape = Shape::Word(&[
    ("users", "one user meets all of it"),
    ("pods", "one process of one version has all of it, for about 20 s"),
]);
const ARM: Shape =
    Shape::Word(&[("both", "both versions"), ("stable", "the old version"), ("canary", "the new version")]);
const STEP: Shape = Shape::Word(&[
    ("deploy", "bring the new version up"),
    ("promote", "make it the stable one"),
    ("withdraw", "let it go"),
]);
const HOW: Shape = Shape::Word(&[
    ("hangs", "it never answers"),
    ("fails", "it fails, and trying again may help"),
    ("refuses", "it fails for good"),
    ("loses the answer", "it does it, and says that it failed"),
    ("lies", "it does nothing, and says that it did"),
]);
