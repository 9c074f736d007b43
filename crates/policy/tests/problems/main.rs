//! Every kind of mistake as its author sees it. The texts are the product: read them when they change.

mod language;
mod links;
mod prometheus;
mod text;

use expect_test::Expect;
use policy::Problems;

/// A policy with one service behind the gate, with `more` at its end.
pub(crate) fn shop(more: &str) -> String {
    format!(
        "extends: standard
services:
  shop: {{ target: local, lever: edge }}
targets:
  local: {{ process: {{ command: ./shop }} }}
levers:
  edge: {{ gate: {{ listen: 127.0.0.1:8080 }} }}
{more}"
    )
}

/// The policy has exactly these problems, as people see them.
#[track_caller]
pub(crate) fn check(text: &str, expected: &Expect) {
    expected.assert_eq(&problems(text).render(false));
}

/// The policy has exactly these problems, each on a line.
#[track_caller]
pub(crate) fn told(text: &str, expected: &Expect) {
    let lines: Vec<_> =
        problems(text).list.iter().map(|problem| format!("{problem}\n  at {}\n", problem.path)).collect();
    expected.assert_eq(&lines.concat());
}

#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
fn problems(text: &str) -> Problems {
    let Err(problems) = policy::read(text, "tidegate.yaml") else { panic!("the policy has no problems:\n{text}") };
    for problem in &problems.list {
        assert!(problem.hint.is_some(), "a problem without a next step: {problem}");
    }
    problems
}

/// The policy has no problems.
#[track_caller]
#[expect(clippy::panic, reason = "a test fails by panicking")]
pub(crate) fn fine(text: &str) -> policy::Policy {
    policy::read(text, "tidegate.yaml").unwrap_or_else(|problems| panic!("{problems}"))
}
