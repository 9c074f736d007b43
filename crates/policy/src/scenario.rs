//! Scenarios: the worlds that `tidegate rehearse` makes, read from files with the same care as policies. What they mean is
//! the simulator's business; what they may say is told here.

mod definition;
mod fault;

pub use definition::{Baseline, Clusters, Expectation, ExpectedCause, ExpectedVerdict, Noise, Scenario, Visitors};
pub use fault::{Arm, Fault, FaultKind, PortFault, Step, Within};

use crate::findings::{Finding, Findings, Subject};
use crate::problem::{Code, Problems};
use crate::read::{self, Places};
use crate::source::{Origin, Source};
use crate::yaml;

const SUBJECT: Subject =
    Subject { noun: "a scenario", first: "`tidegate rehearse --show NAME` prints one to begin with" };

/// Reads a scenario. `file` is its name in problems.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read_scenario(text: &str, file: &str) -> Result<Scenario, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut findings = Findings::new(Source::new(file, text), Source::new("defaults", "")).about(SUBJECT);
    let read = yaml::parse(text, Origin::User, &mut findings).and_then(|root| {
        let (scenario, places) = read::scenario(&root, &mut findings)?;
        contradictions(&scenario, &places, &mut findings);
        Some(scenario)
    });
    match read {
        Some(scenario) if findings.is_empty() => Ok(scenario),
        Some(_) | None => Err(findings.into_problems()),
    }
}

/// What no single value can get wrong.
fn contradictions(scenario: &Scenario, places: &Places, findings: &mut Findings<'_>) {
    let mut tell = |path: &str, finding: Finding| {
        if let Some(at) = places.of(path) {
            findings.add(at, path, finding);
        }
    };
    let (median, p95) = (scenario.baseline.median, scenario.baseline.p95);
    if p95 <= median {
        let why = format!("95 % of the requests take less than {p95}, but half of them take more than {median}");
        let finding = Finding::new(Code::Clocks, "the response times contradict each other", why)
            .hint(format!("make `p95` longer than {median}"));
        tell("baseline.p95", finding);
    }
    let expect = &scenario.expect;
    let taken_back = match expect.verdict {
        ExpectedVerdict::RolledBack | ExpectedVerdict::Aborted | ExpectedVerdict::NotCompleted => true,
        ExpectedVerdict::Completed | ExpectedVerdict::Held | ExpectedVerdict::NotRolledBack => false,
    };
    for (key, said) in [("within", expect.within.is_some()), ("cause", expect.cause.is_some())] {
        if said && !taken_back {
            let why = format!("`{key}` is about a rollback, and none is expected");
            let finding = Finding::new(Code::Mismatch, format!("`{key}` says nothing here"), why)
                .hint("remove it, or expect `rolled back`");
            tell(&format!("expect.{key}"), finding);
        }
    }
    for (i, fault) in scenario.faults.iter().enumerate() {
        if fault.kind.does_nothing() {
            let why = "found a fault of nothing: every figure of it is 0".to_string();
            let finding = Finding::new(Code::OutOfRange, "this fault does nothing", why)
                .hint("say how much: `errors: 1 points`, `slower: 50 %`");
            tell(&format!("faults[{i}].kind"), finding);
        }
    }
}
