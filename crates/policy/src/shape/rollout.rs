//! Ways to take a release live: phases, margins, judge, triggers, clocks.

use super::quantity::{CHANCE, LIMIT, PAUSE, RATE, RISE, SHARE, SLOWDOWN, SPAN};
use super::{Field, Record, Shape, Table, defaulted, optional, required};

pub(crate) static ROLLOUT: Record = Record {
    name: "Rollout",
    doc: "A way to take a release live.",
    fields: &[
        optional(
            "extends",
            Shape::Name(Table::Rollouts),
            "Takes everything that is not said here from another rollout. Lists, such as the phases, are replaced as a whole.",
        ),
        required(
            "phases",
            Shape::List { of: &Shape::Record(&PHASE), least: 1 },
            "Shares of users, rising from phase to phase up to 100 %.",
        ),
        required("watch", Shape::Quantity(&PAUSE), "How long the old version is kept warm after everybody moved."),
        required("interval", Shape::Quantity(&LIMIT), "How often both arms are measured."),
        required(
            "stale_after",
            Shape::Quantity(&LIMIT),
            "A measurement that arrives later than this after its interval is judged but adds no time to the phase.",
        ),
        required("deploy_within", Shape::Quantity(&LIMIT), "The new version must be up and well within this time."),
        required(
            "margins",
            Shape::Record(&MARGINS),
            "How much worse the new version may be, unless a phase says otherwise.",
        ),
        required("judge", Shape::Record(&JUDGE), "How sure the judge must be."),
        required("triggers", Shape::Record(&TRIGGERS), "What starts a rollback by itself. Each can be `off`."),
        required("rollback", Shape::Record(&ROLLBACK), "The time that each step of a rollback may take."),
    ],
    not_yet: &[("checks", "checks with evidence"), ("approvals", "approvals"), ("announcements", "announcements")],
    inherits: true,
};

static PHASE: Record = Record {
    name: "Phase",
    doc: "A share of users held for a time.",
    fields: &[
        required("share", Shape::Quantity(&SHARE), "Who is moved."),
        optional(
            "soak",
            Shape::Quantity(&SPAN),
            "How long they stay, counted only while the share is in effect and data is fresh. Only the last phase may go without.",
        ),
        optional("margins", Shape::Record(&PHASE_MARGINS), "What is different from the rollout's margins."),
        defaulted(
            "on_undecided",
            Shape::OnUndecided,
            "extend 2x",
            "What happens when the time is over and the judge has shown neither harm nor its absence.",
        ),
        optional(
            "hooks",
            Shape::List { of: &Shape::Name(Table::Hooks), least: 0 },
            "What is tried in this phase, instead of the service's hooks.",
        ),
    ],
    not_yet: &[("approvals", "approvals between phases"), ("announcements", "announcements")],
    inherits: false,
};

static MARGINS: Record = Record {
    name: "Margins",
    doc: "How much worse than the old version the new one may be. A phase passes when the judge has excluded more than that.",
    fields: &[
        required("error_rate", Shape::Quantity(&RISE), "The allowed rise of the proportion of failed requests."),
        required("response_time", Shape::Quantity(&SLOWDOWN), "The allowed slow-down of each quantile."),
        required("quantiles", QUANTILES, "The quantiles of the response time that must be within the margin."),
        optional(
            "harm",
            Shape::Record(&HARM),
            "Beyond what the new version is taken back, in every phase. Without it: the two margins above.",
        ),
    ],
    not_yet: NOT_YET_MARGINS,
    inherits: true,
};

static HARM: Record = Record {
    name: "HarmMargins",
    doc: "Beyond what the new version is taken back.",
    fields: &[
        required("error_rate", Shape::Quantity(&RISE), "A rise of the proportion of failed requests."),
        required("response_time", Shape::Quantity(&SLOWDOWN), "A slow-down of any quantile."),
    ],
    not_yet: NOT_YET_MARGINS,
    inherits: true,
};

static PHASE_MARGINS: Record = Record {
    name: "PhaseMargins",
    doc: "What one phase has different from its rollout.",
    fields: &[
        optional("error_rate", Shape::Quantity(&RISE), "Instead of the rollout's."),
        optional("response_time", Shape::Quantity(&SLOWDOWN), "Instead of the rollout's."),
        optional("quantiles", QUANTILES, "Instead of the rollout's."),
    ],
    not_yet: NOT_YET_MARGINS,
    inherits: false,
};

static JUDGE: Record = Record {
    name: "Judge",
    doc: "How sure the judge must be.",
    fields: &[
        required(
            "false_alarms",
            Shape::Quantity(&CHANCE),
            "The chance of a rollback without a cause, over a whole release with all its metrics and looks.",
        ),
        required(
            "wrong_passes",
            Shape::Quantity(&CHANCE),
            "The chance that a phase passes a version that sits exactly at a margin.",
        ),
        required(
            "warm_up",
            Shape::Quantity(&PAUSE),
            "After each rise of the share only gross failures are judged for this long: cold caches are not harm.",
        ),
        required("horizon", Shape::Quantity(&SPAN), "How late a fault may begin and still be found at full strength."),
        required(
            "incident",
            Shape::Quantity(&LIMIT),
            "How long errors that come together last, such as those of one stumbling process. Until stable's errors are known to arrive one by one, the new version's within this time prove no more than one error could; proof takes several of them.",
        ),
        required(
            "latency_floor",
            Shape::Quantity(&PAUSE),
            "Slow-downs smaller than this are not harm, whatever their ratio.",
        ),
    ],
    not_yet: &[],
    inherits: true,
};

static TRIGGERS: Record = Record {
    name: "Triggers",
    doc: "What starts a rollback by itself.",
    fields: &[
        required("error_rate", Shape::OrOff(&Shape::Record(&ERROR_TRIGGER)), "Too many failed requests for too long."),
        required("response_time", Shape::OrOff(&Shape::Record(&LATENCY_TRIGGER)), "Too slow for too long."),
        required("unavailable", Shape::OrOff(&Shape::Record(&UNAVAILABLE_TRIGGER)), "The new version does not answer."),
        required("integrity", Shape::Switch, "Any alarm about damaged data."),
        required("critical_report", Shape::Switch, "Any report of a critical issue by a user."),
    ],
    not_yet: &[("throughput", "a trigger on throughput"), ("hooks", "triggers on hooks")],
    inherits: true,
};

static ERROR_TRIGGER: Record = Record {
    name: "ErrorTrigger",
    doc: "The proportion of failed requests is above a limit in consecutive windows.",
    fields: &[required("above", Shape::Quantity(&RATE), "The limit."), LASTING, WINDOW, MIN_SAMPLES],
    not_yet: &[],
    inherits: true,
};

static LATENCY_TRIGGER: Record = Record {
    name: "LatencyTrigger",
    doc: "The response time is worse than the old version's in consecutive windows.",
    fields: &[
        required("worse_by", Shape::Quantity(&SLOWDOWN), "How much worse, in the same window."),
        required("quantile", Shape::Quantile, "Which quantile is compared."),
        LASTING,
        WINDOW,
        MIN_SAMPLES,
    ],
    not_yet: &[],
    inherits: true,
};

static UNAVAILABLE_TRIGGER: Record = Record {
    name: "UnavailableTrigger",
    doc: "The new version does not answer its probe, or its process ended.",
    fields: &[
        required(
            "false_alarms",
            Shape::Quantity(&CHANCE),
            "The chance of a rollback by probes that failed by accident, over a whole release.",
        ),
        required("process_exit", Shape::Switch, "Whether the unexpected end of its process is enough."),
    ],
    not_yet: &[],
    inherits: true,
};

static ROLLBACK: Record = Record {
    name: "RollbackClock",
    doc: "The time that each step of a rollback may take. Steps that take longer are finished and reported.",
    fields: &[
        required("detection", Shape::Quantity(&SPAN), "From the first sign to the alarm."),
        required("decision", Shape::Quantity(&SPAN), "From the alarm to the decision."),
        required(
            "execution",
            Shape::Quantity(&SPAN),
            "From the decision until users are back and the new version is withdrawn.",
        ),
        required("verification", Shape::Quantity(&SPAN), "From there until the old version is shown to be well."),
        required("total", Shape::Quantity(&SPAN), "All of it. Not shorter than any of its steps."),
    ],
    not_yet: &[],
    inherits: true,
};

const QUANTILES: Shape = Shape::List { of: &Shape::Quantile, least: 1 };
const LASTING: Field = required("for", Shape::Quantity(&SPAN), "How long without a break. A whole number of windows.");
const WINDOW: Field = required(
    "window",
    Shape::Quantity(&SPAN),
    "The time over which each value is taken. Not shorter than the rollout's `interval`.",
);
const MIN_SAMPLES: Field = required(
    "min_samples",
    Shape::Whole { least: 1, most: 1_000_000_000, noun: "a number of requests" },
    "A window with fewer requests says nothing.",
);
const NOT_YET_MARGINS: &[(&str, &str)] = &[
    ("throughput", "a margin on throughput"),
    ("satisfaction", "margins on user satisfaction"),
    ("business", "margins on business metrics"),
];
