//! What crosses the wire. These types are the contract of the HTTP API and of nothing else: the engine, the judge and the
//! journal may rename their own on any day, and the tests of this crate show whether the contract moved with them.
//!
//! Moments are milliseconds since 1970-01-01 UTC in fields that end in `_at_ms` or `_ms`, spans are milliseconds in fields
//! that end in `_ms`, shares of users are percent in fields that end in `_percent`, latencies are microseconds in
//! fields that end in `_us`. Requests refuse fields that they do not know; answers may gain fields at any time.

mod command;
mod explanation;
mod flag;
mod journal;
mod manifest;
mod me;
mod measurement;
mod plan;
mod problem;
mod release;
mod rollback;
mod series;
mod status;
mod summary;
mod token;
mod under_way;
mod verdict;

pub use command::{Advance, Alarm, AlarmKind, Command, OpenRelease, Reason, Resume};
pub use explanation::{
    FlagConditionStep, FlagExplanation, FlagPrerequisiteStep, FlagRuleStep, FlagSplitEnd, FlagSplitStep,
};
pub use flag::{
    CreateFlag, DecideFlag, ExplainFlag, FlagChanged, FlagChannel, FlagClient, FlagClients, FlagDifference, FlagEntry,
    FlagHistory, FlagList, FlagReach, FlagReason, FlagView, ImportFlags, Imported, KillFlag, PutSegment, ReplaceFlag,
    ScheduleFlag, SegmentList, SegmentView, TurnFlag, UndoFlag,
};
pub use journal::{Damage, ExportLine, JournalEntry, JournalFound, JournalPage, Verification};
pub use manifest::{Manifest, ManifestFlag, ManifestType, ManifestWish};
pub use me::Me;
pub use measurement::{MeasurementPage, PushMeasurement, PushedArm, StoredMeasurement};
pub use plan::{OnUndecided, Phase, PhaseState, Plan};
pub use problem::{PolicyProblem, Problem};
pub use release::{Arm, ArmCounts, ArmTotals, Arms, Clock, Hold, Release, Shares, Split, Stage, Trouble};
pub use rollback::{Cause, Ending, Rollback, RollbackStep, StepName, StepState};
pub use series::{ArmSeries, Series};
pub use status::{JournalHead, Leadership, LiveVersion, PolicyState, ServiceInChannel, Services, Status, Unreadable};
pub use summary::{ReleaseList, ReleaseSummary};
pub use token::{IssueToken, IssuedToken, Scope, Token, TokenList, TokenState};
pub use under_way::UnderWay;
pub use verdict::{Count, Difference, Dispersion, Finding, LatencyLevels, NotJudged, Outcome, Pass, Streak, Verdict};
