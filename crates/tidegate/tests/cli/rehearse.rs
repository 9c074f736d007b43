//! Rehearsals as people and CI meet them: what is told, how it ends, and what is wrong with a scenario.

use crate::environment::{Environment, Ran};
use expect_test::expect;
use serde_json::Value;

fn rehearsed(env: &Environment, line: &str) -> Value {
    let ran = env.run(&format!("rehearse {line} --json"));
    serde_json::from_str(&ran.stdout).unwrap_or_else(|error| panic!("{error}: {}", ran.screen()))
}

/// A scenario of one's own with one fault, for which anything is right.
fn with_fault(env: &Environment, kind: &str) -> Value {
    env.write(
        "own.yaml",
        &format!(
            "name: own\ntraffic: {{ requests: 400 req/s }}\nfaults: [{{ at: 5 min, for: 20 min, kind: {kind} }}]\nexpect: {{ verdict: completed, in: 0 % }}\n"
        ),
    );
    rehearsed(env, "own.yaml --standard")["scenarios"][0]["runs"][0].clone()
}

#[test]
fn every_built_in_scenario_ends_as_it_expects_under_the_built_in_policy() {
    let ran = Environment::new().run("rehearse --standard --runs 3");
    assert_eq!(ran.code, 0, "{}", ran.screen());
    assert!(!ran.stdout.contains("not met"), "{}", ran.screen());
}

#[test]
fn one_scenario_is_told_as_a_story() {
    expect![[""]].assert_eq(&Environment::new().run("rehearse crash --standard").screen());
}

#[test]
fn a_target_that_never_answers_is_given_up() {
    expect![[""]].assert_eq(&Environment::new().run("rehearse target-hangs --standard").screen());
}

#[test]
fn what_ends_otherwise_says_what_happened_instead() {
    let env = Environment::new();
    env.write(
        "own.yaml",
        "name: own\nfaults: [{ at: 10 min, kind: crash }]\nexpect: { verdict: rolled back, within: 1 s, cause: harm }\n",
    );
    expect![[""]].assert_eq(&env.run("rehearse own.yaml crash --standard").screen());
}

#[test]
fn every_kind_of_fault_does_what_it_says() {
    let env = Environment::new();
    for (kind, verdict, cause) in [
        ("{ errors: { more: 20 points } }", "rolled back", "harm"),
        ("{ error_clusters: { more: 20 points, size: 3, within: pods } }", "rolled back", "harm"),
        ("{ error_clusters: { more: 20 points, size: 3, within: users } }", "rolled back", "harm"),
        ("{ slower: { by: 200 % } }", "rolled back", "harm"),
        ("{ slow_tail: { part: 20 %, by: 900 % } }", "rolled back", "harm"),
        ("{ drift: { over: 10 min, errors: 20 points, slower: 100 % } }", "rolled back", "harm"),
        ("{ hang: {} }", "rolled back", "harm"),
        ("crash", "rolled back", "unavailable"),
    ] {
        let run = with_fault(&env, kind);
        assert_eq!((&run["verdict"], &run["cause"]), (&verdict.into(), &cause.into()), "{kind}: {run}");
        let after = run["rollback_after_fault_ms"].as_u64().unwrap();
        assert!(after < 20 * 60_000, "{kind}: {after}");
        let cost = &run["cost"];
        let worse = cost["failed"].as_u64().unwrap() + cost["slow"].as_u64().unwrap();
        assert!(worse > 0 || kind == "crash", "{kind}: {cost}");
    }
    for (kind, told) in [
        ("{ shared_outage: { errors: 20 points } }", "degradation_shared"),
        ("{ no_metrics: {} }", "sight_lost"),
        ("{ hang: { counted: off } }", "split_doubted"),
        ("control_crash", "control_killed"),
    ] {
        let run = with_fault(&env, kind);
        assert_ne!(run["verdict"], "rolled back", "{kind}: {run}");
        let kinds: Vec<&Value> = run["timeline"].as_array().unwrap().iter().map(|moment| &moment["kind"]).collect();
        assert!(kinds.iter().any(|kind| *kind == told), "{kind}: {kinds:?}");
    }
    for kind in [
        "{ cold_start: {} }",
        "{ bursts: { errors: 5 points, every: 10 min } }",
        "{ no_metrics: { of: canary, part: 30 % } }",
        "{ counter_reset: { of: stable } }",
        "{ target: { step: withdraw, how: hangs } }",
        "{ lever: { how: fails } }",
        "full_disk",
    ] {
        assert_ne!(with_fault(&env, kind)["verdict"], "rolled back", "{kind}");
    }
}

#[test]
fn the_same_seed_is_the_same_world() {
    let env = Environment::new();
    let world = |seed: u64| rehearsed(&env, &format!("errors-plus-5-points-100rps --standard --seed {seed}"));
    assert_eq!(world(7), world(7));
    let toll = |value: &Value| value["scenarios"][0]["runs"][0]["cost"]["requests"].clone();
    assert_ne!(toll(&world(7)), toll(&world(8)));
}

#[test]
fn programs_are_told_all_of_it() {
    let told = rehearsed(&Environment::new(), "crash --standard --runs 2");
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    let (scenario, run) = (&told["scenarios"][0], &told["scenarios"][0]["runs"][1]);
    let all = [
        &told,
        &told["policy"],
        scenario,
        &scenario["expect"],
        run,
        &run["cost"],
        &run["shares"][0],
        &run["timeline"][0],
    ];
    expect![[""]].assert_eq(&(all.map(keys).join("\n") + "\n"));
    assert_eq!((&run["seed"], &run["met"], &run["fault_at_ms"]), (&2.into(), &true.into(), &600_000.into()));
}

#[test]
fn a_policy_of_ones_own_is_followed_as_it_is() {
    let env = Environment::new();
    env.write_policy();
    env.write(
        "own.yaml",
        "name: own\ntraffic: { requests: 400 req/s }\nfaults: [{ kind: { errors: { more: 5 points } } }]\nexpect: { verdict: completed }\n",
    );
    let careless = env.read("tidegate.yaml")
        + "rollouts:\n  quick:\n    extends: canary\n    phases: [{ share: 50 %, soak: 5 min, on_undecided: advance }, { share: 100 % }]\n    margins: { error_rate: 20 points, response_time: 50 %, quantiles: [p50], harm: { error_rate: 20 points, response_time: 50 % } }\n    triggers: { error_rate: off, response_time: off }\n    watch: 1 min\ntypes:\n  feature: { rollout: quick }\n";
    env.write("tidegate.yaml", &careless);
    let ran = env.run("rehearse own.yaml");
    assert_eq!(ran.code, 0, "{}", ran.screen());
    assert!(ran.stdout.contains("shop to production, feature: quick (50 %, 100 %)"), "{}", ran.screen());
    assert!(ran.stdout.contains("commands, the lever's commands and what counts are simulated"), "{}", ran.screen());
}

#[test]
fn what_is_wrong_with_a_scenario_is_told_with_its_place() {
    let env = Environment::new();
    env.write("own.yaml", "name: own\nfaults:\n  - { at: 5 m, kind: crsh }\nexpect: { verdict: completed }\n");
    let ran: Ran = env.run("rehearse own.yaml --standard");
    assert_eq!(ran.code, 1, "{}", ran.screen());
    assert!(ran.stderr.contains("own.yaml:3:11") && ran.stderr.contains("did you mean `crash`?"), "{}", ran.screen());
}

#[test]
fn what_cannot_be_rehearsed_is_refused() {
    let env = Environment::new();
    expect![[""]].assert_eq(&env.run("rehearse helthy --standard").screen());
    expect![[""]].assert_eq(&env.run("rehearse no/such.yaml --standard").screen());
    assert_eq!(env.run("rehearse crash").code, 1, "there is no policy");
    assert_eq!(env.run("rehearse crash --standard --policy tidegate.yaml").code, 2);
    assert_eq!(env.run("rehearse crash --standard --type feture").code, 2);
    env.write(
        "own.yaml",
        "name: own\nfaults: [{ kind: { hook: { fails: smoke } } }]\nexpect: { verdict: completed }\n",
    );
    let ran = env.run("rehearse own.yaml --standard");
    assert!(ran.code == 2 && ran.stderr.contains("TG-7039"), "{}", ran.screen());
    env.write_policy();
    let two =
        env.read("tidegate.yaml").replacen("services:\n", "services:\n  other: { target: anyhow, lever: anyhow }\n", 1);
    env.write("tidegate.yaml", &two);
    let ran = env.run("rehearse crash");
    assert!(ran.code == 2 && ran.stderr.contains("TG-7038"), "{}", ran.screen());
    assert_eq!(env.run("rehearse crash --service other").code, 0);
}

#[test]
fn a_built_in_scenario_is_a_beginning_for_ones_own() {
    let env = Environment::new();
    let shown = env.run("rehearse --show crash");
    env.write("mine.yaml", &shown.stdout.replace("name: crash", "name: mine"));
    let ran = env.run("rehearse mine.yaml --standard");
    assert!(ran.code == 0 && ran.stdout.contains("mine"), "{}", ran.screen());
    let listed = env.run("rehearse --list");
    assert!(listed.stdout.contains("shared-outage") && listed.stdout.lines().count() >= 30, "{}", listed.screen());
}
