//! Scenarios: everything that can be said is understood, and every mistake is told with its place.
#![expect(clippy::panic, reason = "a test fails by panicking")]

use engine::Millis;
use expect_test::{Expect, expect};
use policy::{ExpectedVerdict, FaultKind, Scenario, read_scenario};

const SHORT: &str = "name: short\nexpect: { verdict: completed }\n";

fn fine(text: &str) -> Scenario {
    read_scenario(text, "s.yaml").unwrap_or_else(|problems| panic!("{problems}"))
}

#[track_caller]
fn check(text: &str, expected: &Expect) {
    let Err(problems) = read_scenario(text, "s.yaml") else { panic!("there are no problems:\n{text}") };
    let lines: Vec<_> = problems.list.iter().map(|problem| format!("{problem}\n  at {}\n", problem.path)).collect();
    expected.assert_eq(&lines.concat());
}

#[test]
fn the_shortest_scenario_is_a_healthy_world() {
    let short = fine(SHORT);
    assert!((short.traffic.requests - 100.0).abs() < 1e-9 && short.faults.is_empty());
    assert_eq!((short.runs, short.seed, short.expect.verdict), (1, 1, ExpectedVerdict::Completed));
    assert_eq!((short.baseline.median, short.baseline.p95), (Millis(83), Millis(247)));
    assert!((short.expect.in_runs - 1.0).abs() < 1e-9);
}

#[test]
fn every_kind_of_fault_can_be_said() {
    let kinds = [
        "{ errors: { more: 1 points } }",
        "{ error_clusters: { more: 1 points, size: 20, within: users } }",
        "{ slower: { by: 30 % } }",
        "{ slow_tail: { part: 3 %, by: 700 % } }",
        "{ drift: { over: 2 h, slower: 60 % } }",
        "{ hang: { part: 40 % } }",
        "{ cold_start: {} }",
        "{ shared_outage: { errors: 8 points, slower: 200 %, probes_fail: on } }",
        "{ bursts: { errors: 5 points, every: 10 min, lasts: 30 s } }",
        "{ no_metrics: { of: canary, part: 20 % } }",
        "{ counter_reset: { of: stable } }",
        "{ target: { step: deploy, how: hangs } }",
        "{ lever: { how: loses the answer } }",
        "{ hook: { fails: smoke } }",
        "crash",
        "control_crash",
        "full_disk",
    ];
    for kind in kinds {
        let said = fine(&format!("{SHORT}faults: [{{ at: 1 min, for: 2 min, kind: {kind} }}]\n"));
        let fault = &said.faults[0];
        assert_eq!((fault.at, fault.lasting), (Millis::minutes(1), Some(Millis::minutes(2))), "{kind}");
    }
    let reference = policy::scenario_reference();
    let told = reference.split("## FaultKind").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    assert_eq!(told.matches("\n- `").count(), kinds.len(), "a kind is not tried here");
    let cold = fine(&format!("{SHORT}faults: [{{ kind: {{ cold_start: {{}} }} }}]\n"));
    let defaults =
        FaultKind::ColdStart { slower: 1.5, errors: 0.005, lasts: Millis::minutes(2), fades: Millis::seconds(30) };
    assert_eq!(cold.faults[0].kind, defaults);
}

#[test]
fn what_nobody_understands_is_told_with_its_place() {
    check(
        "name: My World\ntrafic: {}\nbaseline: { median: 80 }\nfaults:\n  - { at: 5 m, kind: { eror: {} } }\n  - { kind: crsh }\nexpect: { verdict: fine }\n",
        &expect![[r#"
            s.yaml:1:7: TG-1016: this is not a name: found `My World`, expected a name such as `shop` (hint: write `my-world`)
              at name
            s.yaml:2:1: TG-1010: unknown key `trafic`: expected `name`, `description`, `traffic`, `baseline`, `faults`, `expect`, `runs` or `seed` (hint: did you mean `traffic`?)
              at trafic
            s.yaml:3:21: TG-1014: a duration needs a unit: found `80` without a unit, expected a duration such as `30 s` (hint: write `80 s`, `80 min` or `80 h`)
              at baseline.median
            s.yaml:5:11: TG-1014: wrong unit for a duration: found `5 m`, expected a duration such as `3 min` (hint: write `5 min`; an `m` could also be a month)
              at faults[0].at
            s.yaml:5:24: TG-1013: `eror` is not a kind of fault: expected `{ errors: … }` or `{ error_clusters: … }` or `{ slower: … }` or `{ slow_tail: … }` or `{ drift: … }` or `{ hang: … }` or `{ cold_start: … }` or `{ shared_outage: … }` or `{ bursts: … }` or `{ no_metrics: … }` or `{ counter_reset: … }` or `{ target: … }` or `{ lever: … }` or `{ hook: … }` or `crash` or `control_crash` or `full_disk` (hint: write one of these)
              at faults[0].kind.eror
            s.yaml:6:13: TG-1011: this is not a fault: found `crsh`, expected `{ errors: … }` or `{ error_clusters: … }` or `{ slower: … }` or `{ slow_tail: … }` or `{ drift: … }` or `{ hang: … }` or `{ cold_start: … }` or `{ shared_outage: … }` or `{ bursts: … }` or `{ no_metrics: … }` or `{ counter_reset: … }` or `{ target: … }` or `{ lever: … }` or `{ hook: … }` or `crash` or `control_crash` or `full_disk` (hint: did you mean `crash`?)
              at faults[1].kind
            s.yaml:7:20: TG-1013: this word has no meaning here: found `fine`, expected `completed` (users keep the new version) or `rolled back` (users are taken back) or `held` (it goes no further: it waits for a person, or stands still) or `aborted` (it ended before anybody had it) or `not completed` (rolled back, held or aborted: users do not keep it) or `not rolled back` (completed or held: nobody is blamed) (hint: write one of these)
              at expect.verdict
        "#]],
    );
}

#[test]
fn a_rate_has_its_own_unit() {
    check(
        "name: a\ntraffic: { requests: 100 rps }\nexpect: { verdict: held }\n",
        &expect![[r#"
            s.yaml:2:22: TG-1014: wrong unit for a number of requests per time: found `100 rps`, expected a number of requests per time such as `100/s` (hint: write `100/s`)
              at traffic.requests
        "#]],
    );
    check(
        "name: a\ntraffic: { requests: 100 }\nexpect: { verdict: held }\n",
        &expect![[r#"
            s.yaml:2:22: TG-1014: a number of requests per time needs a unit: found `100` without a unit, expected a number of requests per time such as `100/s` (hint: write `100/s`, `100/min` or `100/h`)
              at traffic.requests
        "#]],
    );
    check(
        "name: a\ntraffic: { requests: 0/s }\nexpect: { verdict: held }\n",
        &expect![[r#"
            s.yaml:2:22: TG-1015: a number of requests per time is out of range: found `0/s`, expected a number of requests per time from 0.001/h to 100000/s (hint: write a number of requests per time in that range, such as `100/s`)
              at traffic.requests
        "#]],
    );
}

#[test]
fn what_contradicts_itself_is_told() {
    check(
        "name: a\nbaseline: { median: 200 ms, p95: 100 ms }\nfaults:\n  - kind: { drift: { over: 1 h } }\nexpect: { verdict: completed, within: 5 min, cause: harm }\n",
        &expect![[r#"
            s.yaml:2:34: TG-1036: the response times contradict each other: 95 % of the requests take less than 100 ms, but half of them take more than 200 ms (hint: make `p95` longer than 200 ms)
              at baseline.p95
            s.yaml:4:11: TG-1015: this fault does nothing: found a fault of nothing: every figure of it is 0 (hint: say how much: `errors: 1 points`, `slower: 50 %`)
              at faults[0].kind
            s.yaml:5:39: TG-1033: `within` says nothing here: `within` is about a rollback, and none is expected (hint: remove it, or expect `rolled back`)
              at expect.within
            s.yaml:5:53: TG-1033: `cause` says nothing here: `cause` is about a rollback, and none is expected (hint: remove it, or expect `rolled back`)
              at expect.cause
        "#]],
    );
}

#[test]
fn an_empty_file_is_no_scenario() {
    check(
        "",
        &expect![[r#"
        s.yaml:1:1: TG-1005: the file is empty: found nothing, expected a scenario (hint: `tidegate rehearse --show NAME` prints one to begin with)
          at 
    "#]],
    );
    check(
        "description: nothing else\n",
        &expect![[r#"
        s.yaml:1:1: TG-1012: 2 keys are missing: `name`, `expect` must be here (hint: add `name: …` and `expect: …`)
          at 
    "#]],
    );
}
