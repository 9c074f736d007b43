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

/** Why users are taken back. */
export type Cause = "harm" | "unavailable" | "integrity" | "critical_report" | "hook_failed" | "undecided" | "deploy_failed" | "person" | "superseded";

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

/** Requests, and the ones that were failed or slow. */
export type Count = {
  /** The failed or slow ones. */
  bad: number;
  /** All of them. */
  requests: number;
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

/** Waiting for a person. */
export type Hold = {
  /** Why. */
  reason: string;
  /** Since when. */
  since_ms: number;
};

/** Asks for a token. */
export type IssueToken = {
  /** When it ends; without it, it is good until it is revoked. */
  expires_at_ms?: number | null;
  /** Whom the journal will name: letters, digits, dots, dashes, underscores and `@`, at most 64. */
  name: string;
  /** What it allows; at least one. */
  scopes: Array<Scope>;
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

/** Lets a paused or held release go on. It takes nothing along: to resume needs no reason, and one that was given would be lost. */
export type Resume = Record<string, unknown>;

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

/** What a token allows. Each is only itself, but `admin` is all of them. */
export type Scope = "read" | "operate" | "signal" | "admin";

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

/** Which releases are under way. Sent first, and again whenever it changes. */
export type UnderWay = {
  /** The server's time of day. */
  now_ms: number;
  /** Their ids, newest first. */
  releases: Array<string>;
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
