//! The policy file: a stranger's pull request may change it, and `policy check` runs on it before anybody has read it.

use crate::{is_code, soon};
use ::policy::{Policy, Problem, Problems, Wiring};
use engine::Plan;

const FILE: &str = "tidegate.yaml";

/// Reads bytes as a policy and compiles everything that it defines.
pub fn policy(bytes: &[u8]) {
    // The binary reads the file as text and refuses what is none.
    let Ok(text) = str::from_utf8(bytes) else { return };
    match soon(|| ::policy::read(text, FILE)) {
        Ok(policy) => soon(|| accepted(&policy)),
        Err(problems) => refused(&problems, text),
    }
}

fn accepted(policy: &Policy) {
    let again = ::policy::read(policy.effective(), "effective").unwrap_or_else(|problems| {
        panic!("what the policy says in full is refused:\n{}\n{}", problems.render(false), policy.effective())
    });
    assert_eq!(again.digest(), policy.digest(), "said in full, it is another policy:\n{}", policy.effective());
    for service in policy.services().keys() {
        for channel in policy.channels().keys() {
            for kind in policy.types().keys() {
                compiled(policy, service, channel, kind);
            }
        }
    }
    let stranger = policy.compile("no such service", "production", "feature").expect_err("it is not defined");
    described(&stranger);
}

/// Plan and wiring are written into the first record of a release, and read by every control plane after this one.
fn compiled(policy: &Policy, service: &str, channel: &str, kind: &str) {
    let compiled = match policy.compile(service, channel, kind) {
        Ok(compiled) => compiled,
        Err(problem) => return described(&problem),
    };
    let plan = serde_json::to_string(&compiled.plan).expect("a plan is JSON");
    assert_eq!(serde_json::from_str::<Plan>(&plan).expect("a plan reads back"), compiled.plan, "{plan}");
    assert!(compiled.plan.check().is_ok(), "what was compiled cannot be followed: {plan}");
    assert!(compiled.plan.new_judge().is_ok(), "what was compiled cannot be judged: {plan}");
    let wiring = serde_json::to_string(&compiled.wiring).expect("a wiring is JSON");
    assert_eq!(serde_json::from_str::<Wiring>(&wiring).expect("a wiring reads back"), compiled.wiring, "{wiring}");
}

fn refused(problems: &Problems, text: &str) {
    assert!(!problems.list.is_empty(), "refused without a reason");
    for problem in &problems.list {
        described(problem);
        placed(problem, text);
    }
    for color in [false, true] {
        let shown = problems.render(color);
        assert!(shown.chars().all(|c| c == '\n' || c == '\u{1b}' && color || !c.is_control()), "{shown:?}");
    }
    assert!(problems.to_json().is_object());
}

fn described(problem: &Problem) {
    assert!(is_code(problem.code.as_str()), "{problem:?}");
    assert!(problem.code != ::policy::Code::Defect, "a defect: {problem:?}");
    let hint = problem.hint.as_deref().unwrap_or("");
    for said in [&*problem.what, &*problem.why, hint] {
        assert!(!said.trim().is_empty(), "{problem:?}");
    }
    assert!(!problem.to_string().contains(['\n', '\r', '\u{1b}']), "{problem}");
}

/// Whoever opens the file at the place finds a line there.
fn placed(problem: &Problem, text: &str) {
    let Some(place) = problem.place.as_deref() else { return };
    if place.file != FILE {
        return;
    }
    // As YAML counts them.
    let lines = text.replace("\r\n", "\n").split(['\n', '\r']).count();
    assert!((1..=lines).contains(&place.line), "line {} of {lines}: {problem:?}", place.line);
    assert!(place.column >= 1, "{problem:?}");
    let excerpt = place.excerpt.chars().count();
    assert!(place.mark.start < place.mark.end && place.mark.end <= excerpt + 1, "a mark beside the line: {problem:?}");
}
