//! What needs no server: policies, codes, the journal's file.

use crate::environment::Environment;
use expect_test::expect;

#[test]
fn a_first_policy_is_right_and_is_not_overwritten() {
    let env = Environment::new();
    expect![[r#"
        wrote tidegate.yaml for the service shop; say in it how yours is started, then:
          tidegate check
          tidegate serve
          tidegate release open shop --version 1.0 --watch
        exit 0
    "#]]
    .assert_eq(&env.run("init --service shop").screen());
    let checked = env.run("check");
    assert_eq!(checked.code, 0, "{}", checked.screen());
    env.write("tidegate.yaml", "# mine");
    expect![[r#"
        error[TG-7008]: there is a tidegate.yaml already
          = hint: edit it (`tidegate check` helps), or replace it with --force
        exit 1
    "#]]
    .assert_eq(&env.run("init --service shop").screen());
    assert_eq!(env.read("tidegate.yaml"), "# mine");
    assert_eq!(env.run("init --service shop --force").code, 0);
}

#[test]
fn a_name_that_cannot_be_one_leaves_no_file() {
    let env = Environment::new();
    let ran = env.run("init --service 'a b'");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.contains("TG-1016"), "{}", ran.screen());
    assert!(!env.path("tidegate.yaml").exists());
}

#[test]
fn what_a_policy_means_is_told() {
    let env = Environment::new();
    env.write_policy();
    let ran = env.run("check");
    let text = ran.screen();
    assert!(text.starts_with("ok tidegate.yaml (digest "), "{text}");
    let without_digest = text.split_once('\n').unwrap().1;
    expect![[r#"
        services: shop
        development (branch develop)
          always direct (100 %; watched 30 min)
        production (branch main)
          feature: canary (5 % 30 min, 25 % 1 h, 50 % 2 h, 100 %; watched 1 h)
          hotfix: direct (100 %; watched 30 min)
          major: extended (1 % 30 min, 5 % 1 h, 10 % 2 h, 25 % 4 h, 50 % 8 h, 100 %; watched 2 h)
        staging (branch release/v2)
          always direct (100 %; watched 30 min)
        no forecast: no signal counts the requests of shop in production, so that the judge passes no phase; name one under `services.shop.signals`
        exit 0
    "#]]
    .assert_eq(without_digest);
}

#[test]
fn what_phases_can_decide_is_told_from_the_traffic() {
    let env = Environment::new();
    assert_eq!(env.run("init --service shop").code, 0);
    let unknown = env.run("check").screen();
    assert!(unknown.contains("no forecast: say `services.shop.traffic`"), "{unknown}");
    let traffic = "    lever: edge\n    traffic: { requests: 20/s, error_rate: 0.1 % }";
    env.write("tidegate.yaml", &env.read("tidegate.yaml").replacen("    lever: edge", traffic, 1));
    let ran = env.run("check");
    let (_, told) = ran.stdout.split_once("shop in production, canary").unwrap();
    let (told, _) = told.split_once("shop in production, extended").unwrap();
    let told: String = told.lines().map(|line| format!("{}\n", line.strip_prefix(' ').unwrap_or(line))).collect();
    expect![[r#"
         at 20/s, of which 0.1 % fail (said by the policy); nothing is known of response times
          slow phase 1 (5 % for 30 min) excludes a rise of 0.5 points only when it is extended: that takes 44 min; within 30 min it excludes 0.69 points; it proves harm from 1.2 points on
             enough would be `soak: 45 min`, or `share: 8 %`, or `error_rate: 0.69 points`
          ok phase 2 (25 % for 1 h) excludes a rise of 0.2 points after 35 min; it proves harm from 0.41 points on
          ok phase 3 (50 % for 2 h) excludes a rise of 0.1 points after 26 min; it proves harm from 0.29 points on
    "#]].assert_eq(&told);
    assert_eq!(ran.code, 0, "a warning is no failure");
}

#[test]
fn forecasts_are_data_as_well() {
    let env = Environment::new();
    assert_eq!(env.run("init --service shop").code, 0);
    let traffic = "    lever: edge\n    traffic: { requests: 2/s, error_rate: 0.1 % }";
    env.write("tidegate.yaml", &env.read("tidegate.yaml").replacen("    lever: edge", traffic, 1));
    let ran = env.run("check --json");
    let value: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(value["warnings"][0]["code"], "TG-7039", "{}", ran.screen());
    assert_eq!(value["warnings"][0]["path"], "rollouts.canary.phases[0]");
    let phase = &value["forecasts"][0]["phases"][0];
    assert_eq!((phase["share"].as_f64(), phase["soak_ms"].as_u64()), (Some(5.0), Some(1_800_000)));
    let metric = &phase["metrics"][0];
    assert_eq!((&metric["metric"], &metric["standing"]), (&"error_rate".into(), &"too_little".into()));
    assert!(metric["passed_after_s"].as_f64() > Some(3_600.0), "{metric}");
}

#[test]
fn there_is_no_history() {
    let env = Environment::new();
    env.write_policy();
    let ran = env.run("check --from-history");
    assert!(ran.code == 1 && ran.stderr.starts_with("error[TG-3030]: there is no journal"), "{}", ran.screen());
    assert_eq!(env.run("check --data elsewhere").code, 2);
}

#[test]
fn what_is_wrong_with_a_policy_is_told_with_its_place() {
    let env = Environment::new();
    env.write_policy();
    let wrong = env.read("tidegate.yaml").replace("lever: anyhow,", "lever: anyhwo,");
    env.write("tidegate.yaml", &wrong);
    let ran = env.run("check");
    assert_eq!(ran.code, 1);
    assert!(ran.stdout.contains("tidegate.yaml:3:"), "{}", ran.screen());
    assert!(ran.stdout.contains("did you mean `anyhow`?"), "{}", ran.screen());
    let json = env.run("check --json");
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!((json.code, &value["problems"][0]["line"]), (1, &3.into()));
}

#[test]
fn there_is_no_policy() {
    let env = Environment::new();
    expect![[r#"
        error[TG-7007]: the policy tidegate.yaml cannot be read
          = why: No such file or directory (os error 2)
          = hint: `tidegate init` writes a first one; name another file if it is elsewhere
        exit 1
    "#]]
    .assert_eq(&env.run("check").screen());
}

#[test]
fn the_schema_is_json() {
    let env = Environment::new();
    let ran = env.run("schema");
    let schema: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert!(schema["$schema"].is_string() && schema["$defs"].is_object(), "{}", ran.screen());
}

#[test]
fn codes_are_explained() {
    let env = Environment::new();
    let ran = env.run("explain 7001");
    assert!(ran.stdout.starts_with("# TG-7001: no server answers\n"), "{}", ran.screen());
    expect![[r#"
        error[TG-7018]: there is no code `TG-9999`
          = hint: `tidegate explain` lists all of them
        exit 1
    "#]]
    .assert_eq(&env.run("explain TG-9999").screen());
    let all = env.run("explain");
    assert!(all.stdout.contains("TG-7001  no server answers\n"), "{}", all.screen());
}

#[test]
fn there_is_no_journal_to_verify() {
    let env = Environment::new();
    expect![[r#"
        error[TG-3030]: there is no journal at .tidegate/journal.db
          = hint: check the path; the directory must exist before a journal is created in it
        exit 1
    "#]]
    .assert_eq(&env.run("audit verify").screen());
}

#[test]
fn an_anchor_must_be_one() {
    let env = Environment::new();
    let ran = env.run("audit verify --anchor 12:xyz");
    assert_eq!(ran.code, 2);
    assert!(ran.stderr.starts_with("error[TG-3004]: `12:xyz` is not an anchor"), "{}", ran.screen());
}

#[test]
fn usage_is_exit_code_2() {
    let env = Environment::new();
    for line in
        ["relese list", "release show", "release pause r1", "token create x", "demo --speed 0", "serve --listen"]
    {
        assert_eq!(env.run(line).code, 2, "{line}");
    }
}

#[test]
fn the_help_tells_the_exit_codes() {
    let env = Environment::new();
    let ran = env.run("--help");
    assert!(ran.stdout.contains("3  The release was taken back"), "{}", ran.screen());
}

#[test]
fn no_gate_answers() {
    let env = Environment::new();
    expect![[r#"
        error[TG-7015]: no gate answers in nowhere
          = why: No such file or directory (os error 2)
          = hint: it may have stopped already; `tidegate serve` keeps its gate in <data>/gate
        exit 7
    "#]]
    .assert_eq(&env.run("gate stop --dir nowhere").screen());
}

/// A policy may come from a stranger's pull request.
#[test]
fn what_a_terminal_would_obey_is_not_printed() {
    let env = Environment::new();
    env.write_policy();
    let policy = env.read("tidegate.yaml") + "channels:\n  production: { branch: \"ma\\u202ein\\e[2J\" }\n";
    env.write("tidegate.yaml", &policy);
    for line in ["check", "check --effective"] {
        let ran = env.run(line);
        assert!(ran.stdout.contains("production"), "{}", ran.screen());
        assert!(!ran.stdout.contains(['\u{202e}', '\u{1b}']), "{line}: {:?}", ran.stdout);
    }
}
