//! What the demo promises, held against what users saw, what the journal says and what the gate counted.

use super::act::Act;
use super::evidence::Evidence;
use super::fault::Fault;
use super::gate_view;
use super::load::Tally;
use super::place::Place;
use super::plan::SERVICE;
use super::report::{PhaseReport, Promise, ReleaseReport, Report, RollbackReport};
use crate::command::audit;
use crate::exit::Exit;
use crate::failure::Failure;
use journal::Journal;

/// At a rollback nobody may be sent to the bad version later than this after the verdict.
const USERS_BACK_MS: i64 = 250;

/// What is checked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    /// The fault of 1.2.
    pub(crate) fault: Fault,
    /// Where everything is.
    pub(crate) place: &'a Place,
    /// How often the control plane should have been killed, and was.
    pub(crate) kills: (u32, u32),
    /// How often it was started again.
    pub(crate) restarts: u32,
}

/// Checks a run whose releases have ended.
///
/// # Errors
/// The journal cannot be read.
pub(crate) async fn everything(run: &Run<'_>, acts: [Act; 2]) -> Result<Report, Failure> {
    let journal = audit::open(&run.place.data())?;
    let mut promises = Vec::new();
    let mut releases = Vec::new();
    for act in acts {
        let evidence = Evidence::read(&journal, &format!("release/{}", act.id)).await?;
        let rollback = rollback(run, &act, &evidence).await;
        promises.extend(of_release(run, &act, &evidence, rollback.as_ref()));
        releases.push(release(act, &evidence, rollback));
    }
    let verified = journal.verify().await;
    let (asked, killed) = run.kills;
    promises.push(Promise::new(
        "the journal verifies",
        verified.as_ref().map_or_else(|damage| Err(damage.to_string()), |r| Ok(format!("{} entries", r.entries))),
    ));
    if asked > 0 {
        let told = format!("{killed} of {asked}");
        promises.push(Promise::new("the control plane was killed as often as asked", kept(killed == asked, told)));
    }
    let report = verified.ok();
    Ok(Report {
        ok: promises.iter().all(|promise| promise.kept),
        took_s: 0.0,
        fault: run.fault.word(),
        kills: killed,
        restarts: run.restarts,
        releases,
        journal_entries: report.as_ref().map_or(0, |report| report.entries),
        measurements: report.as_ref().map_or(0, |report| report.samples),
        anchor: report.map(|report| report.head.to_string()),
        promises,
    })
}

fn of_release(run: &Run<'_>, act: &Act, evidence: &Evidence, rollback: Option<&RollbackReport>) -> Vec<Promise> {
    let version = act.version;
    let mut promises = vec![ends(act, evidence), users(run, act)];
    let wrong = evidence.wrong_soaks();
    let counted = if evidence.overlaps > 0 {
        Err(format!("{} intervals were counted twice", evidence.overlaps))
    } else if wrong.is_empty() {
        Ok(format!("{} measurements", evidence.measurements))
    } else {
        Err(wrong.join("; "))
    };
    promises.push(Promise::new(format!("{version}: no soak was lost, none counted twice"), counted));
    if let Some(rollback) = rollback {
        let name = format!("{version}: nobody is sent to it {USERS_BACK_MS} ms after the verdict");
        promises.push(Promise::new(name, rollback.in_time(USERS_BACK_MS)));
    }
    if run.fault == Fault::Dependency && act.version == "1.2" {
        let held = evidence.shared_degradations > 0 && evidence.rollback.is_none();
        let told = format!("{} times held", evidence.shared_degradations);
        promises.push(Promise::new(
            format!("{version}: held while both versions failed, and not blamed"),
            kept(held, told),
        ));
    }
    promises
}

fn ends(act: &Act, evidence: &Evidence) -> Promise {
    let should = match act.should_end {
        Exit::Done => "goes live",
        _ => "is taken back",
    };
    let word = evidence.state.headline();
    let same = act.ended == act.should_end && evidence.exit() == act.should_end;
    Promise::new(format!("{} {should}", act.version), kept(same, word.line))
}

/// Whose failures users may have seen.
fn users(run: &Run<'_>, act: &Act) -> Promise {
    let seen = &act.seen;
    let told = format!("{} of {} failed", seen.failed(), seen.requests);
    let nobodys = seen.failed_by_gate + seen.unanswered;
    if act.version == "1.1" {
        return Promise::new("1.1: no request fails", judged(seen.failed() == 0, told, seen));
    }
    match run.fault {
        Fault::Dependency => {
            Promise::new("1.2: only what both versions answered fails", judged(nobodys == 0, told, seen))
        }
        Fault::Errors | Fault::Latency | Fault::Crash | Fault::Drift | Fault::None => {
            let only_its_own = seen.failed() == seen.failed_by("1.2");
            Promise::new("1.2: only what it answered itself fails", judged(only_its_own, told, seen))
        }
    }
}

fn judged(kept: bool, told: String, seen: &Tally) -> Result<String, String> {
    if kept { Ok(told) } else { Err(format!("{told}: {}", seen.examples.join(", "))) }
}

fn kept(kept: bool, told: String) -> Result<String, String> {
    if kept { Ok(told) } else { Err(told) }
}

async fn rollback(run: &Run<'_>, act: &Act, evidence: &Evidence) -> Option<RollbackReport> {
    let rollback = evidence.rollback.as_ref()?;
    let decided = rollback.decided.0;
    let by_gate = gate_view::nobody_since(&run.place.gate(), SERVICE, act.version).await;
    Some(RollbackReport {
        cause: rollback.cause.clone(),
        decided_at_ms: decided,
        // Two clocks in whole milliseconds can put what follows at once a millisecond before.
        nobody_by_gate_ms: by_gate.map(|at| (at - decided).max(0)),
        confirmed_ms: rollback.nobody.map(|at| at.0 - decided),
        last_request_sent_ms: act.seen.versions.get(act.version).map(|seen| seen.last_sent_ms - decided),
    })
}

fn release(act: Act, evidence: &Evidence, rollback: Option<RollbackReport>) -> ReleaseReport {
    let planned = &evidence.state.plan().phases;
    let phases = evidence.phases.iter().zip(planned).map(|(phase, planned)| PhaseReport {
        share_percent: phase.share.fraction() * 100.0,
        planned_ms: planned.soak.0,
        counted_ms: phase.passed.as_ref().map(|passed| passed.soak.0),
        took_ms: phase.passed.as_ref().map(|passed| passed.at.since(phase.entered).0),
        by: phase.passed.as_ref().map(|passed| match passed.by {
            engine::PassedBy::Judge => "the judge",
            engine::PassedBy::PlanDespiteRisk => "the plan, despite the risk",
            engine::PassedBy::Person { .. } => "a person",
            engine::PassedBy::NothingToCompare => "nothing to compare",
        }),
    });
    ReleaseReport {
        phases: phases.collect(),
        watched_ms: evidence.watched.map(|watched| watched.0),
        took_ms: evidence.state.last_at.since(evidence.state.opened_at).0,
        ended: evidence.state.stage_word(),
        shared_degradations: evidence.shared_degradations,
        rollback,
        id: act.id,
        version: act.version,
        users: act.seen,
    }
}
