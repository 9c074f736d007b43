//! What can go wrong in a rehearsal.

use super::super::quantity::{PAUSE, RATE, RECURRENCE, RISE, SLOWDOWN, SPAN};
use super::super::{Kind, Kinds, Record, Shape, TextRule, defaulted, optional, required};

pub(super) static FAULT: Record = Record {
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
                doc: "Requests to the new version are never answered.",
                fields: &[
                    defaulted("part", Shape::Quantity(&RATE), "100 %", "Which part of the requests."),
                    defaulted(
                        "counted",
                        Shape::Switch,
                        "on",
                        "Whether they are counted as failed, as a gate does whose limit has passed; `off` for a signal that never hears of them.",
                    ),
                ],
                not_yet: &[],
                inherits: false,
            }),
            doc: "Requests to the new version are never answered.",
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
                    defaulted(
                        "every",
                        Shape::Quantity(&RECURRENCE),
                        "15 min",
                        "The time from one to the next, on average.",
                    ),
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

pub(super) const SIZE: Shape = Shape::Whole { least: 2, most: 1_000, noun: "a number of errors" };
pub(super) const WITHIN: Shape = Shape::Word(&[
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
