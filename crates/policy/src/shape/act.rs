//! What a release acts with: targets, levers, signals, hooks.

use super::prometheus::PROMETHEUS_SIGNAL;
use super::quantity::LIMIT;
use super::{Field, KeyRule, Kind, Kinds, Record, Shape, TextRule, defaulted, optional, required};

pub(super) static TARGET: Kinds = Kinds {
    name: "Target",
    noun: "a target",
    doc: "Where versions run.",
    kinds: &[
        Kind {
            key: "process",
            shape: Shape::Record(&PROCESS_TARGET),
            doc: "Processes on this machine, run by the gate.",
        },
        Kind { key: "command", shape: Shape::Record(&COMMAND_TARGET), doc: "Any place that commands can deploy to." },
        Kind {
            key: "running",
            shape: Shape::Record(&RUNNING),
            doc: "Nowhere: the code of both runs already, and a `flag` lever chooses.",
        },
    ],
    words: &[],
    not_yet: &[("kubernetes", "targets in Kubernetes"), ("argocd", "targets in Argo CD")],
};

static RUNNING: Record = Record {
    name: "RunningTarget",
    doc: "Nothing is brought up, promoted or withdrawn.",
    fields: &[],
    not_yet: &[],
    inherits: false,
};

static FLAG_LEVER: Record = Record {
    name: "FlagLever",
    doc: "Releases take the share of users who get one variant of a flag up and down. Its rules, if it has some, go before the share: whoever they match is not moved.",
    fields: &[
        required("key", Shape::Text(TextRule::Token), "The flag's key."),
        defaulted("canary", Shape::Text(TextRule::Token), "on", "The variant that is the new version."),
        defaulted("stable", Shape::Text(TextRule::Token), "off", "The variant that is the old version."),
    ],
    not_yet: &[],
    inherits: false,
};

static PROCESS_TARGET: Record = Record {
    name: "ProcessTarget",
    doc: "Processes on this machine. The gate starts each version on a free port, watches it and stops it.",
    fields: &[
        required(
            "command",
            Shape::Text(TextRule::Command),
            "Run by `sh -c`, with `PORT`, `TIDEGATE_SERVICE` and `TIDEGATE_VERSION` in its environment.",
        ),
        optional(
            "health",
            Shape::Text(TextRule::UrlPath),
            "Answers with a status below 400 while the process is well. Without it a TCP connection is enough.",
        ),
        defaulted(
            "port",
            Shape::Word(&[("auto", "each version gets a free port, in `PORT`")]),
            "auto",
            "Two versions run at the same time, so that neither can have a fixed port.",
        ),
        defaulted(
            "instances",
            Shape::Whole { least: 1, most: 32, noun: "a number of processes" },
            "1",
            "How many processes of each version run. Each request goes to the one with the fewest.",
        ),
        ENV,
        WORKDIR,
        defaulted(
            "start_within",
            Shape::Quantity(&LIMIT),
            "60 s",
            "How long a start may take until the process is well.",
        ),
        defaulted("stop_grace", Shape::Quantity(&LIMIT), "10 s", "The time between SIGTERM and SIGKILL."),
        defaulted("health_every", Shape::Quantity(&LIMIT), "1 s", "How often the health is asked for."),
        defaulted(
            "protocol",
            Shape::Word(&[
                ("http1", "HTTP/1.1, and WebSocket"),
                ("h2c", "HTTP/2 from the first byte, without TLS, as gRPC needs it"),
            ]),
            "http1",
            "What the process speaks to the gate. What users speak does not depend on it.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

static COMMAND_TARGET: Record = Record {
    name: "CommandTarget",
    doc: "Commands, run by `sh -c` with `TIDEGATE_SERVICE`, `TIDEGATE_CHANNEL` and `TIDEGATE_VERSION` in their environment. Each may be run again after a crash and must then do no harm.",
    fields: &[
        required(
            "deploy",
            Shape::Text(TextRule::Command),
            "Brings the new version up beside the old one, without users.",
        ),
        optional(
            "ready",
            Shape::Text(TextRule::Command),
            "Ends with status 0 when the new version can take users. Without it the end of `deploy` says so.",
        ),
        required("promote", Shape::Text(TextRule::Command), "Makes the new version the one that everybody has."),
        required("withdraw", Shape::Text(TextRule::Command), "Takes the new version away."),
        defaulted("timeout", Shape::Quantity(&LIMIT), "10 min", "The longest time that each of them may run."),
        ENV,
        WORKDIR,
    ],
    not_yet: &[],
    inherits: false,
};

pub(super) static LEVER: Kinds = Kinds {
    name: "Lever",
    noun: "a lever",
    doc: "What moves users.",
    kinds: &[
        Kind { key: "gate", shape: Shape::Record(&GATE_LEVER), doc: "Tidegate's own splitting proxy." },
        Kind { key: "command", shape: Shape::Record(&COMMAND_LEVER), doc: "Any traffic router that commands can set." },
        Kind { key: "flag", shape: Shape::Record(&FLAG_LEVER), doc: "The share of a feature flag." },
    ],
    words: &[],
    not_yet: &[("httproute", "Gateway API routes"), ("ingress", "Ingress weights"), ("istio", "Istio routes")],
};

static GATE_LEVER: Record = Record {
    name: "GateLever",
    doc: "The gate splits requests between both versions, always the same user to the same version, and counts them.",
    fields: &[
        required("listen", Shape::Text(TextRule::Listen), "Where users connect. Port 0 lets the system choose."),
        defaulted(
            "sticky",
            Shape::List { of: &Shape::Kind(&STICKY), least: 1 },
            "[address]",
            "What names a user. The first that a request has wins; if it has none and a cookie is listed, the gate sets that cookie.",
        ),
        defaulted(
            "upstream_timeout",
            Shape::Quantity(&LIMIT),
            "30 s",
            "The longest wait for a version's response headers.",
        ),
        // Linux repeats a connection request that was dropped after one second: a limit of 1 s would fail users for it.
        defaulted("connect_timeout", Shape::Quantity(&LIMIT), "5 s", "The longest wait for a connection to a version."),
        defaulted(
            "expose_arm",
            Shape::Switch,
            "on",
            "Whether responses say which arm and version answered, in `x-tidegate-arm` and `x-tidegate-version`.",
        ),
        defaulted(
            "dead_man",
            Shape::OrOff(&Shape::Quantity(&LIMIT)),
            "5 min",
            "After this time without a word from the control plane the gate takes users back from the new version by itself, and the release waits for a person.",
        ),
        defaulted(
            "request_id",
            Shape::Switch,
            "on",
            "Whether every request and its response have an `x-request-id`: the one it came with, or a new one.",
        ),
        defaulted(
            "trace_context",
            Shape::Switch,
            "off",
            "Whether a request without a valid `traceparent` begins a trace, marked as sampled. When off, what came is passed on.",
        ),
        defaulted(
            "allow_forced_arm",
            Shape::Switch,
            "off",
            "Whether `x-tidegate-arm: canary` in a request sends it there, for testers. Anybody may send it; such requests are not judged.",
        ),
        optional(
            "tls",
            Shape::Record(&TLS),
            "Users connect by TLS, with HTTP/2 or HTTP/1.1. Without it they connect in clear.",
        ),
        defaulted(
            "most_connections",
            Shape::Whole { least: 1, most: 1_000_000, noun: "a number of connections" },
            "10000",
            "Clients that are served at a time. Who comes when there are as many waits.",
        ),
    ],
    not_yet: &[],
    inherits: false,
};

static TLS: Record = Record {
    name: "Tls",
    doc: "A certificate. The gate looks at the files again and again: a renewal needs no order and no restart, and a damaged one is not used.",
    fields: &[
        required(
            "certificate",
            Shape::Text(TextRule::File),
            "A PEM file: the certificate and those that lead from it to one that clients know.",
        ),
        required("key", Shape::Text(TextRule::File), "A PEM file: the private key."),
    ],
    not_yet: &[],
    inherits: false,
};

static STICKY: Kinds = Kinds {
    name: "Sticky",
    noun: "what names a user",
    doc: "What names a user.",
    kinds: &[
        Kind { key: "cookie", shape: Shape::Text(TextRule::Token), doc: "The value of this cookie." },
        Kind { key: "header", shape: Shape::Text(TextRule::Token), doc: "The value of this request header." },
    ],
    words: &[("address", "the address that the connection comes from")],
    not_yet: &[],
};

static COMMAND_LEVER: Record = Record {
    name: "CommandLever",
    doc: "Commands, run by `sh -c` with `TIDEGATE_SERVICE`, `TIDEGATE_CHANNEL`, `TIDEGATE_VERSION` and `TIDEGATE_SHARE_PERCENT` in their environment. Each may be run again after a crash and must then do no harm.",
    fields: &[
        required("shift", Shape::Text(TextRule::Command), "Sets the share of users that the new version has."),
        required(
            "observe",
            Shape::Text(TextRule::Command),
            "Prints the share that is in effect, in percent. A phase's time counts only while it is the right one.",
        ),
        defaulted("timeout", Shape::Quantity(&LIMIT), "30 s", "The longest time that each of them may run."),
        ENV,
        WORKDIR,
    ],
    not_yet: &[],
    inherits: false,
};

pub(super) static SIGNAL: Kinds = Kinds {
    name: "Signal",
    noun: "a signal",
    doc: "Where measurements come from.",
    kinds: &[
        Kind { key: "gate", shape: Shape::Record(&GATE_SIGNAL), doc: "What the gate counts. Needs a `gate` lever." },
        Kind {
            key: "push",
            shape: Shape::Record(&PUSH_SIGNAL),
            doc: "What others send by API: counts, integrity alarms, critical reports.",
        },
        Kind { key: "prometheus", shape: Shape::Record(&PROMETHEUS_SIGNAL), doc: "What a Prometheus server sampled." },
    ],
    words: &[],
    not_yet: &[("http", "measurements by HTTP")],
};

static GATE_SIGNAL: Record = Record {
    name: "GateSignal",
    doc: "It has no settings: write `gate: {}`.",
    fields: &[],
    not_yet: &[],
    inherits: false,
};

static PUSH_SIGNAL: Record = Record {
    name: "PushSignal",
    doc: "It has no settings: write `push: {}`.",
    fields: &[],
    not_yet: &[],
    inherits: false,
};

pub(super) static HOOK: Kinds = Kinds {
    name: "Hook",
    noun: "a hook",
    doc: "A trial that must succeed in a phase, once its share is reached.",
    kinds: &[
        Kind { key: "command", shape: Shape::Record(&COMMAND_HOOK), doc: "A command that ends with status 0." },
        Kind { key: "http", shape: Shape::Record(&HTTP_HOOK), doc: "A URL that answers as expected." },
    ],
    words: &[],
    not_yet: &[("job", "hooks as Kubernetes jobs")],
};

static COMMAND_HOOK: Record = Record {
    name: "CommandHook",
    doc: "A command that must end with status 0.",
    fields: &[
        required(
            "run",
            Shape::Text(TextRule::Command),
            "Run by `sh -c` with `TIDEGATE_SERVICE`, `TIDEGATE_CHANNEL` and `TIDEGATE_VERSION` in its environment.",
        ),
        defaulted("timeout", Shape::Quantity(&LIMIT), "1 min", "The longest time that it may run."),
        ENV,
        WORKDIR,
    ],
    not_yet: &[],
    inherits: false,
};

static HTTP_HOOK: Record = Record {
    name: "HttpHook",
    doc: "A URL that must answer a GET with one status.",
    fields: &[
        required("url", Shape::Text(TextRule::Url), "What is asked for."),
        defaulted(
            "expect",
            Shape::Whole { least: 100, most: 599, noun: "an HTTP status" },
            "200",
            "The status that means success.",
        ),
        defaulted("timeout", Shape::Quantity(&LIMIT), "5 s", "An answer that takes longer is none."),
    ],
    not_yet: &[],
    inherits: false,
};

/// How an environment variable refers to its value.
pub(crate) static REFERENCE: Kinds = Kinds {
    name: "Reference",
    noun: "a reference",
    doc: "Where a value is read from at the moment of its use.",
    kinds: &[
        Kind {
            key: "from_env",
            shape: Shape::Text(TextRule::Variable),
            doc: "A variable in the environment of Tidegate.",
        },
        Kind { key: "from_file", shape: Shape::Text(TextRule::File), doc: "A file, without a final line break." },
    ],
    words: &[],
    not_yet: &[("from_vault", "secrets from a vault")],
};

const ENV: Field = defaulted(
    "env",
    Shape::Map { of: &Shape::EnvValue, key: KeyRule::Variable },
    "{}",
    "Added to the environment. A secret is never written here but referred to, `{from_env: NAME}` or `{from_file: PATH}`, and read when it is used.",
);

const WORKDIR: Field =
    defaulted("workdir", Shape::Text(TextRule::Directory), ".", "Where it runs, relative to the policy file.");
