// Made from docs/reference/openapi.json by `npm run api`; not edited by hand.

/** Does not wait for the rest of a phase; the journal keeps why. */
export type Advance = {
  /** The phase that is meant, from 0, as `phase_index` told it. With it the command can be repeated: it is refused when another phase is under way. Without it, whatever is under way is meant. */
  phase?: number | null;
  /** In words, at most 2,000 characters. */
  reason: string;
};

/** Something that no statistics are asked about. */
export type Alarm = {
  /** Who or what noticed what, at most 2,000 characters. */
  detail: string;
  /** Of which kind. */
  kind: AlarmKind;
};

/** The kinds of alarms. */
export type AlarmKind = "integrity" | "critical_report";

/** One version. */
export type Arm = {
  last?: ArmCounts | null;
  /** Everything that the judge counted in this release. */
  total: ArmTotals;
};

/** What one version did in an interval. */
export type ArmCounts = {
  /** Failed in percent; nothing when there was no request. */
  error_percent?: number | null;
  /** Of these, the ones that failed. */
  errors: number;
  /** Median latency. */
  p50_us?: number | null;
  /** 95th percentile. */
  p95_us?: number | null;
  /** 99th percentile. */
  p99_us?: number | null;
  /** Requests answered. */
  requests: number;
};

/** What one version did, interval by interval. Nothing where it was not measured, which is not the same as no traffic. */
export type ArmSeries = {
  /** Of these, the ones that failed. */
  errors: Array<number | null>;
  /** Median latency. */
  p50_us: Array<number | null>;
  /** 95th percentile. */
  p95_us: Array<number | null>;
  /** 99th percentile. */
  p99_us: Array<number | null>;
  /** Requests answered. */
  requests: Array<number | null>;
};

/** What one version did in the whole release, as far as it was judged. */
export type ArmTotals = {
  /** Failed in percent; nothing when there was no request. */
  error_percent?: number | null;
  /** Of these, the ones that failed. */
  errors: number;
  /** Requests. */
  requests: number;
};

/** Both versions. */
export type Arms = {
  /** The new version. */
  canary: Arm;
  /** Begin of the last measured interval, by the clock of whoever counted. */
  from_ms?: number | null;
  /** Why an arm was not counted in it. */
  gap?: string | null;
  /** The old version. */
  stable: Arm;
  /** Its end. */
  to_ms?: number | null;
};

/** What users saw and did. */
export type Batch = {
  /** Where; it may be left out by a token for one channel. */
  channel?: string | null;
  /** At most 5,000. Each is taken or refused for itself. */
  events: Array<ToldEvent>;
};

/** What became of a batch: the numbers add up to its events. */
export type BatchTaken = {
  /** The channel. */
  channel: string;
  /** Changed a sum. */
  counted: number;
  /** Were of users who saw more than one variant. */
  crossed: number;
  /** The first of them. */
  refused: Array<EventRefused>;
  /** Were refused. */
  refused_count: number;
  /** Told nothing new. */
  repeated: number;
  /** Were metrics of users who were not seen with a variant, or only later. */
  unexposed: number;
};

/** Why users are taken back. */
export type Cause = "harm" | "unavailable" | "integrity" | "critical_report" | "hook_failed" | "undecided" | "deploy_failed" | "person" | "superseded";

/** A flag in one channel. */
export type ChannelState = {
  /** What it says while it is on. */
  decision: Decision;
  /** Whether it decides anything. */
  on: boolean;
};

/** A soak or watch clock. It runs only while the share is verified and data is fresh. */
export type Clock = {
  /** When the lever confirmed its share. */
  confirmed_at_ms?: number | null;
  /** When the phase or window began. */
  entered_at_ms: number;
  /** What is needed; grows when the phase is extended. */
  soak_for_ms: number;
  /** What has been counted. */
  soak_ms: number;
};

/** What people may say to a release. */
export type Command = "pause" | "resume" | "advance" | "abort" | "rollback";

/** How one number stands to another. */
export type Comparison = "less" | "at_most" | "at_least" | "more";

/** What may be concluded. */
export type ComparisonDecided = "higher" | "lower" | "undecided" | "too_few" | "mistrusted";

/** A question about a context. What the context does not have matches nothing, and so does what has another type. */
export type Condition = {
  /** All of these; none is yes. */
  all: Array<Condition>;
} | {
  /** One of these; none is no. */
  any: Array<Condition>;
} | {
  /** Not this. */
  not: Condition;
} | {
  /** The attribute is one of these texts, numbers or booleans. */
  is: {
    /** The attribute. */
    attribute: string;
    /** What it may be. */
    one_of: Array<Json>;
  };
} | {
  /** The attribute is a number, and stands so to another. */
  compare: {
    /** The attribute. */
    attribute: string;
    /** To what. */
    number: number;
    /** How it stands. */
    op: Comparison;
  };
} | {
  /** The attribute is a text that begins so. */
  starts_with: {
    /** The attribute. */
    attribute: string;
    /** The beginning. */
    text: string;
  };
} | {
  /** The attribute is a text that ends so. */
  ends_with: {
    /** The attribute. */
    attribute: string;
    /** The end. */
    text: string;
  };
} | {
  /** The attribute is a text with this in it. */
  contains: {
    /** The attribute. */
    attribute: string;
    /** The part. */
    text: string;
  };
} | {
  /** The attribute is a semantic version, and stands so to another. */
  version: {
    /** The attribute. */
    attribute: string;
    /** `=`, `!=`, `<`, `<=`, `>`, `>=`, `^` (same major) or `~` (same major and minor). */
    op: string;
    /** To what. */
    version: string;
  };
} | {
  /** The context has the attribute, and it is not null. */
  present: {
    /** The attribute. */
    attribute: string;
  };
} | {
  /** The user belongs to the segment. */
  segment: {
    /** Its name. */
    name: string;
  };
};

/** Requests, and the ones that were failed or slow. */
export type Count = {
  /** The failed or slow ones. */
  bad: number;
  /** All of them. */
  requests: number;
};

/** Asks for a new flag. */
export type CreateFlag = {
  /** The flag. */
  flag: Flag;
  /** Why. */
  reason: string;
};

/** What is not as it was written. */
export type Damage = {
  /** The stable code. */
  code: string;
  /** What should have been there. */
  expected: string;
  /** What was found there. */
  found: string;
  /** What to do next. */
  hint: string;
  /** What and where, in a sentence. */
  message: string;
  /** Where. */
  place: string;
};

/** Asks for another decision in a channel. */
export type DecideFlag = {
  /** What it says there while it is on. */
  decision: Decision;
  /** Why. */
  reason: string;
  /** Only if the flag still has this revision. */
  revision?: number | null;
};

/** What a flag says while it is on. */
export type Decision = {
  /** The first rule that matches; if none does, `otherwise`. */
  rules: {
    /** For everybody else. */
    otherwise: Serve;
    /** In order. */
    rules: Array<Rule>;
  };
} | {
  /** A rule of flagd's, as it was imported. */
  logic: {
    /** The default variant; without one, clients use the default in their code. */
    default?: string | null;
    targeting?: Json | null;
  };
};

/** A difference of two fractions with its confidence sequence (95 % on each side). */
export type Difference = {
  /** New minus old; nothing while a version has no request. */
  estimate?: number | null;
  /** The upper bound. */
  high: number;
  /** The lower bound. */
  low: number;
};

/** How much more errors scatter than independent ones would. */
export type Dispersion = {
  /** The factor that evidence is divided by. */
  factor: number;
  /** Whether enough errors were seen to know it. */
  known: boolean;
};

/** How a release that goes back ends. */
export type Ending = "rolled_back" | "aborted" | "superseded";

/** An event that was refused. */
export type EventRefused = {
  /** Its place in the batch, from 0. */
  at: number;
  /** A code with a page of its own. */
  code: string;
  /** Why. */
  detail: string;
};

/** What an experiment says. */
export type Experiment = {
  /** The channel. */
  channel: string;
  /** The variant that the others are compared with. */
  control: string;
  /** When something was counted last. */
  counted_at_ms?: number | null;
  /** Whether it is counted now: the flag is on, and decides what it decided when this began. */
  counting: boolean;
  /** Users who saw more than one variant; they are in no other number. */
  crossed: number;
  /** The flag's key. */
  flag: string;
  /** The metrics, in the order in which they were first told of. */
  metrics: Array<ExperimentMetric>;
  /** Whether as many users came as the split promises. */
  ratio: ExperimentRatio;
  /** How many times the server forgot its users since this began: so many times more may a user have been counted. */
  restarts: number;
  /** It all, as a colleague would say it. */
  sentence: string;
  /** Since when the split is what it is; nothing if nobody was seen. */
  since_ms?: number | null;
  /** The variants, in the order of the split. */
  variants: Array<ExperimentVariant>;
  /** Why it is not. */
  why_not?: string | null;
};

/** A variant against the control. The bounds are wrong with a probability of at most 5 %, over all looks and variants together. */
export type ExperimentComparison = {
  /** What may be concluded. */
  decided: ComparisonDecided;
  /** Its rate or mean less the control's. */
  difference?: number | null;
  /** Nor above this. */
  high?: number | null;
  /** The true difference is not below this; nothing with too few users. */
  low?: number | null;
  /** In words. */
  sentence: string;
  /** The variant. */
  variant: string;
};

/** A metric of an experiment. */
export type ExperimentMetric = {
  /** Each other variant against the control. */
  comparisons: Array<ExperimentComparison>;
  /** Whether it is a part of the users, in fractions; otherwise a mean over users. */
  is_conversion: boolean;
  /** Its name. */
  name: string;
  /** The rate or mean of each variant, in their order; nothing without users. */
  values: Array<number | null>;
};

/** The sample-ratio check. */
export type ExperimentRatio = {
  /** The evidence for that; proof from 100 on. A number that would be larger is written as 1e300. */
  evidence: number;
  /** Whether the users do not fit the split: then nothing is to be believed. */
  mismatch: boolean;
};

/** A variant of an experiment. */
export type ExperimentVariant = {
  /** Its users. */
  users: number;
  /** Its name. */
  variant: string;
  /** Its part of the users, by the split. */
  weight_percent: number;
};

/** Asks what a flag says to somebody. */
export type ExplainFlag = {
  /** The channel. */
  channel: string;
  /** What is known about them; `targetingKey` names them. */
  context?: Json;
};

/** A line of an export. Bodies are the stored text, byte for byte, so that hashes can be computed again. */
export type ExportLine = {
  /** Who. */
  actor: string;
  /** When. */
  at_ms: number;
  /** The stored JSON text. */
  body: string;
  /** Its hash. */
  hash: string;
  /** What happened. */
  kind: string;
  line: "entry";
  /** Place in the whole journal. */
  position: number;
  /** Place in the stream. */
  seq: number;
  /** The stream. */
  stream: string;
} | {
  /** The entry of the stream that it follows. */
  after_seq: number;
  /** The stored JSON text. */
  body: string;
  /** Its hash. */
  hash: string;
  line: "sample";
  /** Number in the stream. */
  n: number;
  /** The stream. */
  stream: string;
} | {
  /** Entries in it. */
  entries: number;
  /** The end of the chain: `position:hash`. */
  head: string;
  line: "end";
  /** Measurements in it. */
  samples: number;
} | {
  /** The stable code. */
  code: string;
  /** What happened. */
  detail: string;
  /** What to do next. */
  hint: string;
  line: "failed";
};

/** What is known about one metric. */
export type Finding = {
  /** The new version's requests, and the failed or slow ones. */
  canary: Count;
  /** New minus old, with bounds that hold for all looks together. */
  difference: Difference;
  /** Evidence against "no worse than the margin". */
  harm_evidence: number;
  latency?: LatencyLevels | null;
  /** The margin of the harm test: a fraction of requests, or a relative slow-down. */
  margin: number;
  /** `error_rate`, `gross_errors`, `p50`, `p95`, `p99` or `gross_latency`. */
  metric: string;
  pass?: Pass | null;
  /** What is known, in a sentence. */
  sentence: string;
  /** The old version's. */
  stable: Count;
  /** Its weight in the average that decides. */
  weight: number;
};

/** A named decision in running code. */
export type Flag = {
  /** Whether it is put away: served nowhere, kept for history. */
  archived?: boolean;
  /** How it is in each channel; it is off in a channel that is not named. */
  channels?: Record<string, unknown>;
  /** What it decides, for people. */
  description?: string;
  /** When it should be gone, in milliseconds since 1970. */
  ends_at_ms?: number | null;
  /** Its name in code: 1 to 100 of `a-z A-Z 0-9 . _ -`. */
  key: string;
  /** What it is for. */
  kind: Kind;
  /** What clients are told beside the value; single values only. */
  metadata?: Record<string, unknown>;
  /** The variant that is served where it is off; without one, clients use the default in their code. */
  off?: string | null;
  /** Who answers for it. */
  owner?: string;
  /** Flags that must say something for this one to be on. */
  prerequisites?: Array<Prerequisite>;
  /** The release that it belongs to. */
  release?: string | null;
  /** Of which type every one of its values is. */
  value_type: ValueType;
  /** What it can say, in an order that never changes. */
  variants: Array<Variant>;
};

/** A change of a flag and what came of it. */
export type FlagChanged = {
  /** The flag since, or as it would be. */
  after: FlagView;
  /** What is different, place by place; empty in places where order alone differs. */
  differences: Array<FlagDifference>;
  /** Whether it was done; `false` for a dry run. */
  done: boolean;
  /** The edition from which on clients have it. */
  edition: number;
  reach?: FlagReach | null;
};

/** A channel and its clients. */
export type FlagChannel = {
  /** The channel. */
  channel: string;
  /** How many clients are connected. */
  clients: number;
  /** How many of them have it. */
  current: number;
  /** Its newest edition. */
  edition: number;
};

/** A client that is connected. */
export type FlagClient = {
  /** What it says of itself. */
  agent: string;
  /** The channel. */
  channel: string;
  /** The edition that it was told last; 0 if none yet. */
  edition: number;
  /** Since when. */
  since_ms: number;
  /** The name of its token. */
  token: string;
  /** When that was. */
  told_at_ms: number;
  /** How: `events`, `sync` or `evaluation`. */
  via: string;
};

/** Who is connected. */
export type FlagClients = {
  /** The newest edition of each channel, and how many clients have it. */
  channels: Array<FlagChannel>;
  /** The clients, oldest first; at most 1,000. */
  clients: Array<FlagClient>;
  /** How many there are. */
  count: number;
};

/** A condition that was not as its rule needs it. */
export type FlagConditionStep = {
  actual?: Json | null;
  /** The attribute that it asks for. */
  attribute?: string | null;
  /** The condition. */
  condition: Condition;
  /** The segments that it stands in, the outermost first. */
  segments: Array<string>;
  /** What it had to come to: false below a "not". */
  wanted: boolean;
};

/** One place of a definition that is different. */
export type FlagDifference = {
  after?: Json | null;
  before?: Json | null;
  /** Where, as a JSON pointer. */
  path: string;
};

/** A change of a flag, as the journal keeps it. */
export type FlagEntry = {
  /** Who. */
  actor: string;
  /** When. */
  at_ms: number;
  /** What is different since. */
  differences: Array<FlagDifference>;
  /** Whether it was planned. */
  planned: boolean;
  /** Why. */
  reason: string;
  /** Its number in the flag's stream: the revision that it made. */
  revision: number;
  /** The entry that it took back. */
  undoes?: number | null;
  /** What. */
  what: What;
};

/** Why a flag says what it says to one user. */
export type FlagExplanation = {
  /** Which of them decided, from 0; nothing if none did. */
  decided?: number | null;
  /** OpenFeature's word for what went wrong. */
  error?: string | null;
  /** Whether it is on in the channel. */
  on: boolean;
  /** The flags that it rests on. */
  prerequisites: Array<FlagPrerequisiteStep>;
  /** OpenFeature's word for why. */
  reason?: string | null;
  /** Its rules, in order; none if it goes by a rule of flagd's. */
  rules: Array<FlagRuleStep>;
  split?: FlagSplitStep | null;
  value?: Json | null;
  /** The variant; nothing if code uses its own default. */
  variant?: string | null;
};

/** What happened to a flag, newest first. */
export type FlagHistory = {
  /** The changes. */
  changes: Array<FlagEntry>;
};

/** Flags, by key. */
export type FlagList = {
  /** The channels that they can be on in. */
  channels: Array<string>;
  /** The flags. */
  flags: Array<FlagView>;
};

/** A flag that another one rests on. */
export type FlagPrerequisiteStep = {
  /** Its key. */
  flag: string;
  /** The variant that it gives. */
  got?: string | null;
  /** Whether that is good. */
  met: boolean;
  /** The variants that are good. */
  wanted: Array<string>;
};

/** How many clients have a change. */
export type FlagReach = {
  /** How many were connected. */
  clients: number;
  /** How many of them have it. */
  reached: number;
  /** How long that took. */
  took_ms: number;
};

/** Says why. */
export type FlagReason = {
  /** Why. */
  reason: string;
};

/** A rule. */
export type FlagRuleStep = {
  /** Whether it was asked: those after the one that decided are not. */
  asked: boolean;
  /** What it failed on: the smallest conditions that would have to be otherwise. */
  failed: Array<FlagConditionStep>;
  /** Whether it matches this user, be it asked or not. */
  matches: boolean;
  /** Its name. */
  name: string;
};

/** Users divided between variants. */
export type FlagSplit = {
  /** The attribute that says who is the same user. It must be a text; who has none gets the flag's default. */
  by?: string;
  /** What keeps this split apart from others; the flag's key if there is none. */
  salt?: string | null;
  /** How much each variant gets; together [`WHOLE`]. */
  weights: Array<Weight>;
};

/** The part of one variant. */
export type FlagSplitEnd = {
  /** Where its part ends. */
  end: number;
  /** Its name. */
  variant: string;
};

/** Where a split put the user. */
export type FlagSplitStep = {
  actual?: Json | null;
  /** The user's place on a line of 100,000; nothing if the attribute is no text, or empty. */
  bucket?: number | null;
  /** The attribute that says who is the same user. */
  by: string;
  /** The variants, in order, with the end of each one's part of the line. */
  ends: Array<FlagSplitEnd>;
  /** What keeps the split apart from others. */
  salt: string;
};

/** A flag as it is now. */
export type FlagView = {
  /** When it was changed last. */
  changed_at_ms: number;
  /** By whom. */
  changed_by: string;
  /** When it was created. */
  created_at_ms: number;
  /** The flag. */
  flag: Flag;
  /** How often it was changed. A change that names it is refused when somebody else was faster. */
  revision: number;
  /** What is planned. */
  schedule: Array<Scheduled>;
  /** Why it should go, if it should: its end is over, or it says the same to everybody for long. */
  stale?: string | null;
};

/** A role, where it holds, and for which kinds of flags. */
export type Grant = {
  /** In these channels; in all of them when there is no list. */
  channels?: Array<string> | null;
  /** With flags of these kinds; with all of them when there is no list. */
  kinds?: Array<Kind> | null;
  /** What its holder may do. */
  role: Role;
};

/** Waiting for a person. */
export type Hold = {
  /** Why. */
  reason: string;
  /** Since when. */
  since_ms: number;
};

/** Asks for definitions of flagd to be taken in. */
export type ImportFlags = {
  /** The channel whose definitions they are. */
  channel: string;
  /** flagd's JSON. */
  document: Json;
  /** Who answers for flags that are new. */
  owner?: string;
  /** Why. */
  reason: string;
};

/** What was taken in. */
export type Imported = {
  /** Keys of flags that are different in the channel. */
  changed: Array<string>;
  /** Keys of flags that are new. */
  created: Array<string>;
  /** Keys of flags that were so already. */
  same: Array<string>;
};

/** Asks for a token. */
export type IssueToken = {
  /** When it ends; without it, it is good until it is revoked. */
  expires_at_ms?: number | null;
  /** Its roles for flags. */
  flags?: Array<Grant>;
  /** Whom the journal will name: letters, digits, dots, dashes, underscores and `@`, at most 64. */
  name: string;
  /** What it allows; at least one, or a role for flags. */
  scopes?: Array<Scope>;
};

/** A new token. The secret is shown here and never again. */
export type IssuedToken = {
  /** What to send: `Authorization: Bearer` and this. */
  secret: string;
  /** The token. */
  token: Token;
};

/** An entry. */
export type JournalEntry = {
  /** Who. */
  actor: string;
  /** When. */
  at_ms: number;
  /** All of it. */
  body: Record<string, unknown>;
  /** Over this entry and the hash of the one before it. */
  hash: string;
  /** What happened. */
  kind: string;
  /** Place in the whole journal, from 1. */
  position: number;
  /** Place in the stream, from 1. */
  seq: number;
  /** The stream, e.g. `release/r17`. */
  stream: string;
};

/** Entries that were looked for, the newest first. */
export type JournalFound = {
  /** Those that match. */
  entries: Array<JournalEntry>;
  /** How many entries were looked at. A search looks at a limited number at once, whether or not they match. */
  looked_at: number;
  /** When the oldest of them was written. */
  looked_back_to_ms?: number | null;
  /** Ask with `before` set to this to look further back; nothing when the journal was looked through to its beginning. */
  next_before?: number | null;
};

/** The end of the journal. */
export type JournalHead = {
  /** Its hash. */
  hash: string;
  /** Position of the last entry. */
  position: number;
};

/** Entries in the order of their positions. */
export type JournalPage = {
  /** The entries of this page. */
  entries: Array<JournalEntry>;
  /** Ask with `after` set to this for later ones; nothing when this page holds the last one there is. */
  next_after?: number | null;
};

/** Any JSON value. */
export type Json = unknown;

/** Asks for a kill switch to be pulled. */
export type KillFlag = {
  /** The channel. */
  channel: string;
  /** Why; can be said later. */
  reason?: string;
};

/** What a flag is for. */
export type Kind = "release" | "experiment" | "kill_switch" | "configuration";

/** Latencies that a finding speaks about. */
export type LatencyLevels = {
  /** The new version's are slow beyond this: the level shifted by the margin. */
  canary_us: number;
  /** The new version's recent quantile. */
  recent_canary_us?: number | null;
  /** The old version's recent quantile. */
  recent_stable_us?: number | null;
  /** The old version's requests are slow beyond this. */
  stable_us: number;
};

/** Whether this replica drives releases. */
export type Leadership = {
  /** Its fencing token. */
  fence: number;
  state: "leads";
} | {
  /** Its name. */
  leader: string;
  state: "follows";
} | {
  state: "unknown";
} | {
  /** The stable code. */
  code: string;
  /** What to do. */
  hint: string;
  state: "stuck";
  /** Why. */
  why: string;
};

/** The version that users have. */
export type LiveVersion = {
  /** What exactly it is. */
  artifact: string;
  /** The release that brought it. */
  release: string;
  /** Since when. */
  since_ms: number;
  /** The version. */
  version: string;
};

/** All flags. */
export type Manifest = {
  /** The flags. */
  flags: Array<ManifestFlag>;
};

/** A flag as code declares it. */
export type ManifestFlag = {
  /** What code gets when nobody tells it. */
  defaultValue: Json;
  /** What it decides. */
  description?: string | null;
  /** Its key. */
  key: string;
  /** Its name for people. */
  name?: string | null;
  /** The type of its values. */
  type: ManifestType;
};

/** The types of the manifest. */
export type ManifestType = "boolean" | "string" | "integer" | "float" | "object";

/** What is to be different. */
export type ManifestWish = {
  /** What it decides. */
  description?: string | null;
  type?: ManifestType | null;
};

/** Who sent the request, and what they may do. A client offers no more than that; the server refuses it anyway. */
export type Me = {
  /** Whom the journal would name. */
  actor: string;
  /** The server's time of day, for a client whose own clock is wrong. */
  now_ms: number;
  /** The token that was sent, without its secret. */
  token: Token;
};

/** Stored measurements of a release, oldest first. */
export type MeasurementPage = {
  /** The measurements of this page. */
  measurements: Array<StoredMeasurement>;
  /** Ask with `after` set to this for newer ones; nothing when there are none yet. */
  next_after?: number | null;
};

/** Something that a verdict does not speak about. */
export type NotJudged = {
  /** What. */
  what: string;
  /** Why, and what would change it. */
  why: string;
};

/** What happens at the end of a phase when neither harm nor its absence is shown. */
export type OnUndecided = {
  then: "extend";
  /** The whole phase in multiples of its soak. */
  times: number;
} | {
  then: "hold";
} | {
  then: "roll_back";
} | {
  then: "advance";
};

/** Opens a release. */
export type OpenRelease = {
  /** The channel, as the policy names it, e.g. `production`. */
  channel: string;
  /** The digest of the artifact; without one the version's name stands for it. */
  digest?: string | null;
  /** Why an artifact that was taken back before may be released again. */
  lift_quarantine?: string | null;
  /** What people should read about it. */
  note?: string | null;
  /** The service, as the policy names it. */
  service: string;
  /** Take the place of the release that is under way. */
  supersede?: boolean;
  /** The release type, as the policy names it, e.g. `feature`. */
  type: string;
  /** The new version: letters, digits, dots, dashes, underscores and plus signs, at most 64. */
  version: string;
};

/** The word of the judge. */
export type Outcome = "pass" | "harm" | "undecided";

/** Evidence that a metric lies within the margin of the phase. */
export type Pass = {
  /** The evidence. */
  evidence: number;
  /** The phase's margin. */
  margin: number;
  /** What it must reach. */
  needed: number;
  /** Whether it has. */
  reached: boolean;
  /** Requests of the new version until it is reached, if things go on as they are; nothing when it is reached, or cannot be. */
  requests_still_needed?: number | null;
  /** Whether the phase passes only with it. */
  required: boolean;
};

/** A share of users held for a time. */
export type Phase = {
  /** The hooks that run in it. */
  hooks: Array<string>;
  /** What happens when the time is over and the judge is undecided. */
  on_undecided: OnUndecided;
  /** Who is moved. */
  share_percent: number;
  /** How long, counted only while the share is verified and data is fresh. */
  soak_ms: number;
  /** Where the release is with it. */
  state: PhaseState;
};

/** Where a release is with a phase. */
export type PhaseState = "done" | "now" | "ahead" | "unknown";

/** A rollout plan as it was when the release was opened. */
export type Plan = {
  /** How often both arms are measured. */
  interval_ms: number;
  /** Whether anything counts requests; without counts the judge stays undecided. */
  measured: boolean;
  /** Its name in the policy. */
  name: string;
  /** The phases in their order; the last one moves everybody. */
  phases: Array<Phase>;
  /** SHA-256 of the policy that it comes from. */
  policy_digest: string;
  /** How long the old version is kept warm after everybody moved. */
  watch_ms: number;
};

/** One thing that is wrong with the policy. */
export type PolicyProblem = {
  /** The stable code. */
  code: string;
  /** The column, from 1, in characters. */
  column?: number | null;
  /** The file. */
  file?: string | null;
  /** What to do next. */
  hint?: string | null;
  /** The line, from 1. */
  line?: number | null;
  /** Where in the policy, as a path of keys. */
  path: string;
  /** What happened. */
  what: string;
  /** What was found and what would be right. */
  why: string;
};

/** The policy as it can be read now. */
export type PolicyState = {
  /** SHA-256 of what it means; nothing when it cannot be read. */
  digest?: string | null;
  problem?: Problem | null;
  /** Its release types. */
  types: Array<string>;
};

/** Another flag that must say one of these. */
export type Prerequisite = {
  /** Its key. */
  flag: string;
  /** The variants that are good. */
  variants: Array<string>;
};

/** An error. */
export type Problem = {
  /** The stable code; `tidegate explain` prints its page. */
  code: string;
  /** What happened and why. */
  detail: string;
  /** What to do next. */
  hint: string;
  /** How many more problems the policy has. */
  omitted?: number;
  /** What is wrong with the policy, where that is the problem. */
  problems?: Array<PolicyProblem>;
  /** The HTTP status. */
  status: number;
  /** What kind of problem, the same for each code. */
  title: string;
  /** `urn:tidegate:error:` and the code. */
  type: string;
};

/** Counts of both versions over one interval, from a service whose policy says `signals: [push]`. */
export type PushMeasurement = {
  canary?: PushedArm | null;
  /** Begin of the interval, by the clock of whoever counted. */
  from_ms: number;
  stable?: PushedArm | null;
  /** Its end, after the begin and after the end of the one before. */
  to_ms: number;
};

/** What one version did in the interval: increments, not running totals. */
export type PushedArm = {
  /** Of these, the ones that failed. */
  errors: number;
  /** Of the errors, those of users who had not failed before, for as long as the sender remembers users. With it the errors of one user who fails for minutes count once. */
  fresh_errors?: number | null;
  /** `[bucket, requests]` with rising buckets; bucket `b` ends at `1.1^(b/5)` microseconds, the last one is 1087. */
  latency_buckets?: Array<Array<number>> | null;
  /** The latency of each request that was measured. Either this or `latency_buckets`. */
  latency_us?: Array<number> | null;
  /** Requests answered. */
  requests: number;
  /** Requests begun, whether or not they were answered, counted by whoever hands them to the versions. With it for both versions the judge finds requests that are never answered, which neither errors nor latency show. */
  started?: number | null;
  /** `[requests, errors, affected users]` for each of 64 groups of users, by a hash of the user. From these the judge learns how errors cluster. */
  user_buckets?: Array<Array<number>> | null;
};

/** Asks for a segment to be this from now on. */
export type PutSegment = {
  /** Why. */
  reason: string;
  /** The revision that was changed; 0 for a new one. */
  revision: number;
  /** The segment. */
  segment: Segment;
};

/** Why something is commanded; the journal keeps it. */
export type Reason = {
  /** In words, at most 2,000 characters. */
  reason: string;
};

/** A release. */
export type Release = {
  /** What it would accept from people now. */
  accepts?: Array<Command>;
  /** What both versions do. */
  arms: Arms;
  /** What exactly is released: a digest, or `version:` and the version. */
  artifact: string;
  /** There are no fresh measurements. */
  blind: boolean;
  /** The channel. */
  channel: string;
  clock?: Clock | null;
  /** Both arms are degraded; nobody is blamed. */
  degradation_shared: boolean;
  /** The exit code of a command that follows this release to where it is now: 0 completed, 3 rolled back, 4 still under way or waiting for a person, 6 ended for other reasons. */
  exit_code_hint: number;
  /** Where it is, in one line for people. */
  headline: string;
  hold?: Hold | null;
  /** Hooks of this phase that ended well. */
  hooks_passed: Array<string>;
  /** Its id, e.g. `r17`. */
  id: string;
  /** The last moment that it heard of. */
  last_at_ms: number;
  /** The version that users had when it was opened; nothing for the first release of a service. */
  live?: string | null;
  /** Measurements that it rests on. */
  measurements: number;
  /** What that person said. */
  note?: string | null;
  /** When it was opened. */
  opened_at_ms: number;
  /** Who opened it. */
  opened_by: string;
  /** Whether it has ended. */
  over: boolean;
  /** Why a person stopped the soak. */
  paused?: string | null;
  /** The phase that it is in, from 0. */
  phase_index?: number | null;
  /** The plan, and how far the release is. */
  plan: Plan;
  /** Why the quarantine of its artifact was lifted. */
  quarantine_lifted?: string | null;
  rollback?: Rollback | null;
  /** Number of its last entry in its journal stream. */
  seq: number;
  /** The service. */
  service: string;
  /** Who should be on the new version, and who is. */
  shares: Shares;
  /** Where it is. */
  stage: Stage;
  /** What keeps the soak from being counted, if anything does. */
  stopped_by?: string | null;
  /** What the world refuses at the moment. */
  troubles: Array<Trouble>;
  /** The release type. */
  type: string;
  /** Facts that are true and not yet in the journal. */
  unwritten: number;
  verdict?: Verdict | null;
  /** The new version. */
  version: string;
  /** The release that had to end before this one could begin. */
  waits_for?: string | null;
  /** Whether it goes no further without a person. */
  waits_for_person: boolean;
};

/** Releases, newest first. */
export type ReleaseList = {
  /** Ask with `before` set to this for older ones; nothing when there are none. */
  next_before?: string | null;
  /** The releases of this page. */
  releases: Array<ReleaseSummary>;
};

/** A release in a list. */
export type ReleaseSummary = {
  /** The channel. */
  channel: string;
  /** The share that the lever confirmed last. */
  confirmed_percent?: number | null;
  /** As in a release. */
  exit_code_hint: number;
  /** Where it is, in one line for people. */
  headline: string;
  /** Its id. */
  id: string;
  /** The last moment that it heard of. */
  last_at_ms: number;
  /** When it was opened. */
  opened_at_ms: number;
  /** Who opened it. */
  opened_by: string;
  /** Whether it has ended. */
  over: boolean;
  /** The service. */
  service: string;
  /** Where it is. */
  stage: Stage;
  /** How many things do not work at the moment. */
  troubles: number;
  /** The release type. */
  type: string;
  /** The new version. */
  version: string;
  /** Whether it goes no further without a person. */
  waits_for_person: boolean;
};

/** Asks for a flag to be this from now on. */
export type ReplaceFlag = {
  /** The flag. */
  flag: Flag;
  /** Why. */
  reason: string;
  /** The revision that was changed. */
  revision: number;
};

/** Lets a paused or held release go on. It takes nothing along: to resume needs no reason, and one that was given would be lost. */
export type Resume = Record<string, unknown>;

/** What somebody is to flags. */
export type Role = "evaluate" | "sync" | "viewer" | "operator" | "editor" | "admin";

/** A rollback under way or ended. */
export type Rollback = {
  /** Why, in a sentence. */
  cause: string;
  /** How the release ends. */
  ending: Ending;
  /** The first sign of what caused it, as far as it can be known. */
  first_sign_at_ms: number;
  /** Whether it took longer. */
  over_total: boolean;
  /** Whether the artifact is blamed, and in quarantine until a person lifts it. */
  quarantined: boolean;
  /** When it began. */
  started_at_ms: number;
  /** The six steps, in their order. */
  steps: Array<RollbackStep>;
  /** What all of it may take. */
  total_budget_ms: number;
  /** From the first sign to the last step done so far. */
  total_ms: number;
  /** When the lever confirmed 0 %. */
  users_back_at_ms?: number | null;
  /** From the beginning until then. */
  users_back_ms?: number | null;
  /** Why, in one word. */
  why: Cause;
  /** When the new version was gone. */
  withdrawn_at_ms?: number | null;
};

/** A step of a rollback. */
export type RollbackStep = {
  /** What it may take, if it has a budget of its own. */
  budget_ms?: number | null;
  /** Whether it took longer. */
  over: boolean;
  /** Where the rollback is with it. */
  state: StepState;
  /** Which. */
  step: StepName;
  /** How long it took. */
  took_ms?: number | null;
};

/** Somebody gets something. */
export type Rule = {
  /** What people call it. */
  name: string;
  /** What they get. */
  serve: Serve;
  /** Whom it is for. */
  when: Condition;
};

/** Asks for a change later. */
export type ScheduleFlag = {
  /** When. */
  at_ms: number;
  /** Why. */
  reason: string;
  /** What. */
  step: Step;
};

/** Something that will be done. */
export type Scheduled = {
  /** When, in milliseconds since 1970. */
  at_ms: number;
  /** Who wanted it. The same person is named when it is done. */
  by: string;
  /** Its number among all that were ever planned for the flag. */
  id: number;
  /** What. */
  step: Step;
};

/** What a token allows. Each is only itself, but `admin` is all of them. */
export type Scope = "read" | "operate" | "signal" | "admin";

/** Users with something in common, under a name that rules use. */
export type Segment = {
  /** Who they are, for people. */
  description?: string;
  /** Its name: as a flag's key. */
  name: string;
  /** What they have in common. */
  when: Condition;
};

/** Segments, by name. */
export type SegmentList = {
  /** The segments. */
  segments: Array<SegmentView>;
};

/** A segment with its revision. */
export type SegmentView = {
  /** How often it was changed. */
  revision: number;
  /** The segment. */
  segment: Segment;
};

/** Measurements in columns, oldest first; all columns have the same length. */
export type Series = {
  /** The new version. */
  canary: ArmSeries;
  /** Begin of each interval, by the clock of whoever counted. */
  from_ms: Array<number>;
  /** The number of the last measurement of this page; ask with `after` set to it when there are new ones. */
  last: number;
  /** Ask with `after` set to this for newer ones; nothing when this page holds the last one there is. */
  next_after?: number | null;
  /** The share that was in force, in percent; nothing when the lever could not be asked. */
  share_percent: Array<number | null>;
  /** The old version. */
  stable: ArmSeries;
  /** Its end. */
  to_ms: Array<number>;
};

/** What is given. */
export type Serve = {
  /** One variant. */
  variant: string;
} | {
  /** Each user one of several. */
  split: FlagSplit;
} | "code_default";

/** A service in a channel. */
export type ServiceInChannel = {
  /** The channel. */
  channel: string;
  /** Whether the policy names both. */
  in_policy: boolean;
  live?: LiveVersion | null;
  /** The service. */
  service: string;
  /** The release under way. */
  under_way?: string | null;
};

/** Every service in every channel that the policy or a release names. */
export type Services = {
  /** The policy that a release opened now would follow. */
  policy: PolicyState;
  /** Sorted by service, then channel. */
  services: Array<ServiceInChannel>;
};

/** The share of users on the new version. */
export type Shares = {
  /** When it did. */
  confirmed_at_ms?: number | null;
  /** What the lever confirmed last. */
  confirmed_percent?: number | null;
  /** What is doubtful about the split. */
  doubt?: string | null;
  observed?: Split | null;
  observed_in_phase?: Split | null;
  /** What the release now asks for. */
  requested_percent: number;
};

/** Requests of both arms. */
export type Split = {
  /** The canary's part of all requests; nothing when there was none. */
  canary_percent?: number | null;
  /** Requests that the new version answered. */
  canary_requests: number;
  /** Requests that the old version answered. */
  stable_requests: number;
};

/** Where a release is in its life. */
export type Stage = "opened" | "deploying" | "ramping" | "held" | "paused" | "watching" | "promoting" | "completed" | "rolling_back" | "rolled_back" | "aborted" | "superseded";

/** How the server is. */
export type Status = {
  /** The end of the journal. */
  journal: JournalHead;
  /** Whether it drives releases. */
  leadership: Leadership;
  /** Its time of day. */
  now_ms: number;
  /** The releases under way, newest first. */
  under_way: Array<ReleaseSummary>;
  /** Releases that cannot be read. They are not driven, and while there is one no release is opened. */
  unreadable?: Array<Unreadable>;
  /** Its version. */
  version: string;
};

/** A change of one channel: what can be planned for later. */
export type Step = {
  /** On or off. */
  turn: {
    /** The channel. */
    channel: string;
    /** Whether on. */
    on: boolean;
  };
} | {
  /** Another decision; the flag stays on or off. */
  decide: {
    /** The channel. */
    channel: string;
    /** The decision. */
    decision: Decision;
  };
};

/** The steps of the process. */
export type StepName = "stop" | "assess" | "decide" | "execute" | "verify" | "communicate";

/** Where a rollback is with a step. */
export type StepState = "done" | "now" | "ahead";

/** A measurement as it was stored; never edited. */
export type StoredMeasurement = {
  /** The entry of the release's stream that it follows. */
  after_seq: number;
  /** Its link in the chain of measurements. */
  hash: string;
  /** The measurement itself. */
  measurement: Record<string, unknown>;
  /** Its number, from 1. */
  n: number;
};

/** Where a trigger stands. */
export type Streak = {
  /** Whether the old version was measured at the same time. */
  concurrent: boolean;
  /** Evidence that the new version is worse over these windows. */
  guard: number;
  /** What that must reach before the new version is blamed. */
  guard_needed: number;
  /** Breaching windows in a row. */
  windows: number;
  /** So many fire. */
  windows_needed: number;
};

/** A token without its secret. */
export type Token = {
  /** When it ends. */
  expires_at_ms?: number | null;
  /** Its roles for flags. */
  flags: Array<Grant>;
  /** Its id. */
  id: string;
  /** When it was issued. */
  issued_at_ms: number;
  /** By whom. */
  issued_by: string;
  /** Whom the journal names. */
  name: string;
  /** When it was revoked. */
  revoked_at_ms?: number | null;
  /** By whom. */
  revoked_by?: string | null;
  /** What it allows. */
  scopes: Array<Scope>;
  /** Whether it opens anything now. */
  state: TokenState;
};

/** All tokens, oldest first. */
export type TokenList = {
  /** The tokens. */
  tokens: Array<Token>;
};

/** Whether a token opens anything. */
export type TokenState = "active" | "expired" | "revoked";

/** Somebody saw a variant, or did something. */
export type ToldEvent = {
  /** When; now if it is left out. */
  at_ms?: number | null;
  /** The flag's key. */
  flag: string;
  /** An id of this event: what was taken once is not taken again. */
  id?: string | null;
  kind: "exposure";
  /** Who: the value that the split goes by, at most 256 bytes. It is hashed at once and never stored. */
  unit: string;
  /** The variant's name. */
  variant: string;
} | {
  /** When; now if it is left out. */
  at_ms?: number | null;
  /** An id of this event: without one, a value that is sent twice counts twice. */
  id?: string | null;
  kind: "metric";
  /** What: at most 64 of `a-z A-Z 0-9 . _ - /` and spaces. Without a value it is a conversion, with one a mean. */
  name: string;
  /** Who, as in the exposure. */
  unit: string;
  /** How much; a user's values are added up. */
  value?: number | null;
};

/** Something that does not work and is tried again. */
export type Trouble = {
  /** The stable code of what it met. */
  code: string;
  /** What people could do. */
  hint: string;
  /** What it met. */
  message: string;
  /** Since when it fails. */
  since_ms: number;
  /** What was tried: `shift`, `deploy`, `journal`, … */
  what: string;
};

/** Asks for a flag to be turned on or off in a channel. */
export type TurnFlag = {
  /** The channel. */
  channel: string;
  /** Why. */
  reason: string;
  /** Only if the flag still has this revision. */
  revision?: number | null;
};

/** Which releases are under way. Sent first, and again whenever it changes. */
export type UnderWay = {
  /** The server's time of day. */
  now_ms: number;
  /** Their ids, newest first. */
  releases: Array<string>;
};

/** Asks for a change to be taken back. */
export type UndoFlag = {
  /** The number of the entry; the newest if it is left out. */
  of?: number | null;
  /** Why. */
  reason: string;
};

/** A release that cannot be read. */
export type Unreadable = {
  /** The stable code. */
  code: string;
  /** What to do. */
  hint: string;
  /** Its id. */
  release: string;
  /** Why. */
  why: string;
};

/** The type of a flag's values. */
export type ValueType = "boolean" | "string" | "integer" | "float" | "object";

/** One of the things that a flag can say. */
export type Variant = {
  /** Its name, which metrics and rules use. */
  name: string;
  /** What code gets. */
  value: Json;
};

/** Everything the judge knows at one moment. */
export type Verdict = {
  /** Blocks that counted. */
  blocks: number;
  /** What showed harm, if harm was shown, e.g. `error_rate`, `p95`, `error_streak`. */
  cause?: string | null;
  /** How strongly errors cluster. */
  dispersion: Dispersion;
  error_streak?: Streak | null;
  /** One for each metric. */
  findings: Array<Finding>;
  /** The weighted average of the harm evidence. */
  harm_evidence: number;
  /** What it must reach. */
  harm_needed: number;
  latency_streak?: Streak | null;
  /** Not proved, but clearly worse and estimated beyond the margin. */
  leans_harm: boolean;
  /** What this verdict does not speak about, and why. */
  not_judged: Array<NotJudged>;
  /** The word. */
  outcome: Outcome;
  /** All of it in a sentence. */
  sentence: string;
  /** Both arms breach a trigger: what they share is broken. */
  shared_degradation: boolean;
  /** Blocks that did not. */
  skipped: number;
};

/** The result of a check of the whole journal. */
export type Verification = {
  damage?: Damage | null;
  /** Entries; nothing when damage was found. */
  entries?: number | null;
  /** The end of the chain as `position:hash`; kept elsewhere it is an anchor for the next check. */
  head?: string | null;
  /** Whether everything is as it was written. */
  ok: boolean;
  /** Measurements. */
  samples?: number | null;
  /** Streams. */
  streams?: number | null;
};

/** The part of one variant. */
export type Weight = {
  /** Its name. */
  variant: string;
  /** In thousandths of a percent. */
  weight: number;
};

/** What the journal files a change under. */
export type What = "created" | "edited" | "enabled" | "disabled" | "killed" | "decided" | "scheduled" | "unscheduled" | "archived" | "restored" | "undone";
