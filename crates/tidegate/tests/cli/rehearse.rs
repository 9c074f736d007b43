//! Rehearsals as people and CI meet them: what is told, how it ends, and what is wrong with a scenario.

use crate::environment::{Environment, Ran};
use expect_test::expect;
use serde_json::Value;

fn rehearsed(env: &Environment, line: &str) -> Value {
    let ran = env.run(&format!("rehearse {line} --json"));
    serde_json::from_str(&ran.stdout).unwrap()
}

/// A scenario of one's own with one fault, for which anything is right.
fn with_fault(env: &Environment, kind: &str) -> Value {
    env.write(
        "own.yaml",
        &format!(
            "name: own\ntraffic: {{ requests: 400/s }}\nfaults: [{{ at: 5 min, for: 20 min, kind: {kind} }}]\nexpect: {{ verdict: completed, in: 0 % }}\n"
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
    expect![[r#"
        policy   standard; service to production, feature: canary (5 %, 25 %, 50 %, 100 %)
        note     processes, the gate and what counts are simulated; control, engine and judge are the real ones
        ok       crash  rolled back 1.2 s after the fault: unavailable
            what       The processes of the new version end by themselves.
            expected   rolled back within 1 min because of unavailable
            because    unavailable: the process of new ended by itself (signal 9)
            cost       of 2,953 requests to the new version 6 failed and 0 were slow that would not have been with the
                       old one
            told       whoever follows the release: 2 lines, marked with >

            00:00:00   opened: new in place of old, by the rollout canary
            00:00:01   5 % of users are on the new version
            00:10:00   from here on: the processes of the new version end
            00:10:01 > rolled back: unavailable: the process of new ended by itself (signal 9)
            00:10:01   nobody is on the new version
            00:10:01 > over: users have the old version

        1 of 1 as expected
        exit 0
    "#]]
    .assert_eq(&Environment::new().run("rehearse crash --standard").screen());
}

#[test]
fn a_target_that_never_answers_is_given_up() {
    expect![[r#"
        policy   standard; service to production, feature: canary (5 %, 25 %, 50 %, 100 %)
        note     processes, the gate and what counts are simulated; control, engine and judge are the real ones
        ok       target-hangs  aborted: deploy failed
            what       What runs the versions never says that the new one is up.
            expected   aborted because of deploy failed
            because    could not be deployed: TG-5091: not up and healthy within 600 s (look at the version's log;
                       `deploy_within` in the rollout sets the time)
            cost       of 0 requests to the new version 0 failed and 0 were slow that would not have been with the old
                       one
            told       whoever follows the release: 2 lines, marked with >

            00:00:00   from here on: the target does not bring the new version up
            00:00:00   opened: new in place of old, by the rollout canary
            00:10:00 > given up: could not be deployed: TG-5091: not up and healthy within 600 s (look at the
                       version's log; `deploy_within` in the rollout sets the time)
            00:10:00   nobody is on the new version
            00:10:00 > over: users have the old version

        1 of 1 as expected
        exit 0
    "#]]
    .assert_eq(&Environment::new().run("rehearse target-hangs --standard").screen());
}

#[test]
fn what_ends_otherwise_says_what_happened_instead() {
    let env = Environment::new();
    env.write(
        "own.yaml",
        "name: own\nfaults: [{ at: 10 min, kind: crash }]\nexpect: { verdict: rolled back, within: 1 s, cause: harm }\n",
    );
    expect![[r#"
        policy   standard; service to production, feature: canary (5 %, 25 %, 50 %, 100 %)
        note     processes, the gate and what counts are simulated; control, engine and judge are the real ones
        not met  own    rolled back 1.2 s after the fault: unavailable
            not met    expected within 1 s, and it took 1.2 s (seed 1)
            because    unavailable: the process of new ended by itself (signal 9)
            cost       of 2,953 requests to the new version 6 failed and 0 were slow that would not have been with the
                       old one
            told       whoever follows the release: 2 lines, marked with >

            00:00:00   opened: new in place of old, by the rollout canary
            00:00:01   5 % of users are on the new version
            00:10:00   from here on: the processes of the new version end
            00:10:01 > rolled back: unavailable: the process of new ended by itself (signal 9)
            00:10:01   nobody is on the new version
            00:10:01 > over: users have the old version

        ok       crash  rolled back 1.2 s after the fault: unavailable
        1 of 2 as expected
        exit 9
    "#]]
    .assert_eq(&env.run("rehearse own.yaml crash --standard").screen());
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
        ("{ hang: { counted: off } }", "rolled back", "harm"),
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
    expect![[r#"
        policy notes met scenarios
        source digest service channel type rollout
        name description met met_runs expect runs
        verdict within_ms cause in_percent
        seed met unmet verdict cause why fault_at_ms rollback_at_ms rollback_after_fault_ms users_back_at_ms lasted_ms cost shares timeline
        requests failed slow
        at_ms percent
        at_ms kind text for_people
    "#]].assert_eq(&(all.map(keys).join("\n") + "\n"));
    assert_eq!((&run["seed"], &run["met"], &run["fault_at_ms"]), (&2.into(), &true.into(), &600_000.into()));
}

#[test]
fn a_policy_of_ones_own_is_followed_as_it_is() {
    let env = Environment::new();
    env.write_policy();
    env.write(
        "own.yaml",
        "name: own\ntraffic: { requests: 400/s }\nfaults: [{ kind: { errors: { more: 5 points } } }]\nexpect: { verdict: completed }\n",
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
    expect![[r#"
        error[TG-7037]: there is no built-in scenario `helthy`
          = hint: `tidegate rehearse --list` names them; a file of your own ends with .yaml, or has a / in its path
        exit 2
    "#]]
    .assert_eq(&env.run("rehearse helthy --standard").screen());
    expect![[r#"
        error[TG-7036]: the scenario no/such.yaml cannot be read
          = why: No such file or directory (os error 2)
          = hint: name a file that is there; `tidegate rehearse --list` names those that are built in
        exit 1
    "#]]
    .assert_eq(&env.run("rehearse no/such.yaml --standard").screen());
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
    let two = env.read("tidegate.yaml").replacen(
        "services:\n",
        "services:\n  other: { target: anywhere, lever: anyhow }\n",
        1,
    );
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
