//! From policy to plan and wiring: what is inherited, overridden, merged; and that names are asked for by name.

use engine::{Millis, Share};
use policy::{Code, EnvValue, Lever, Policy, Signal, StickyBy, Target, Wiring};

#[expect(clippy::panic, reason = "a test fails by panicking")]
fn read(text: &str) -> Policy {
    policy::read(text, "tidegate.yaml").unwrap_or_else(|problems| panic!("{problems}"))
}

const WHOLE: &str = r#"
extends: standard
services:
  shop:
    target: local
    lever: edge
    signals: [edge, alarms, alarms]
    probe: { canary: http://127.0.0.1:9001/healthz, stable: http://127.0.0.1:9000/healthz }
    hooks: [smoke]
    live: "1.0"
    channels:
      staging: { target: cluster, lever: mesh, signals: [], hooks: [], live: 2.0.0-rc.1 }
  api: { target: cluster, lever: mesh }
targets:
  local: { process: { command: "./shop --port $PORT", health: /healthz, env: { A: b, API_TOKEN: { from_env: SHOP_TOKEN }, CERT: { from_file: /run/cert } } } }
  cluster: { command: { deploy: kubectl apply -f k8s/canary/, promote: kubectl apply -f k8s/production/, withdraw: kubectl delete -f k8s/canary/, timeout: 2 min 30 s } }
levers:
  edge: { gate: { listen: 127.0.0.1:8080, sticky: [ { cookie: uid }, { header: x-user-id }, address ], expose_arm: off } }
  mesh: { command: { shift: ./set-weight.sh, observe: ./get-weight.sh } }
signals:
  edge: { gate: {} }
  alarms: { push: {} }
hooks:
  smoke: { command: { run: ./smoke.sh } }
  journey: { http: { url: "http://127.0.0.1:8080/", expect: 204 } }
rollouts:
  careful:
    extends: canary
    margins: { error_rate: 0.5 pp, quantiles: [p50] }
    phases:
      - { share: 0.5 %, soak: 90 s, on_undecided: roll back, hooks: [journey] }
      - { share: 10 %, soak: 2 h 30 min, margins: { response_time: 25 % } }
      - { share: 100 %, soak: 10 min }
    judge: { warm_up: 0 s }
    triggers: { error_rate: off, integrity: off }
types: { feature: { rollout: careful } }
"#;

#[test]
fn a_phase_has_its_own_or_the_rollouts_margins_and_its_own_or_the_services_hooks() {
    let plan = read(WHOLE).compile("shop", "production", "feature").unwrap().plan;
    assert_eq!(plan.name, "careful");
    let [first, second, last] = plan.phases.as_slice() else { panic!("three phases") };
    assert_eq!((first.share, first.soak), (Share::from_ppm(5_000).unwrap(), Millis::seconds(90)));
    assert_eq!((first.margins.error_rate, first.margins.latency), (0.005, 0.1));
    assert_eq!(first.hooks, ["journey"]);
    assert_eq!(second.soak, Millis::minutes(150));
    assert_eq!((second.margins.error_rate, second.margins.latency), (0.005, 0.25));
    assert_eq!(second.margins.quantiles, [50]);
    assert_eq!(second.hooks, ["smoke"]);
    assert_eq!(last.soak, Millis::minutes(10));
    assert_eq!((plan.judge.harm.error_rate, plan.judge.warm_up), (0.001, Millis::ZERO));
    assert_eq!((plan.triggers.error_rate, plan.triggers.integrity, plan.triggers.critical_report), (None, false, true));
    assert!(plan.triggers.response_time.is_some());
}

#[test]
fn wiring_is_complete_and_keeps_secrets_as_references() {
    let wiring = read(WHOLE).compile("shop", "production", "feature").unwrap().wiring;
    assert_eq!(wiring.signals, [Signal::Gate, Signal::Push]);
    assert_eq!(wiring.live.as_deref(), Some("1.0"));
    assert_eq!(
        wiring.probe.as_ref().map(|probe| (probe.every, probe.timeout)),
        Some((Millis::seconds(5), Millis::seconds(2)))
    );
    let hooks: Vec<_> = wiring.hooks.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(hooks, ["journey", "smoke"]);
    let Target::Process(process) = &wiring.target else { panic!("a process") };
    assert_eq!(process.env["A"], EnvValue::Text("b".into()));
    assert_eq!(process.env["API_TOKEN"], EnvValue::FromEnv("SHOP_TOKEN".into()));
    assert_eq!(process.env["CERT"], EnvValue::FromFile("/run/cert".into()));
    assert_eq!(
        (process.start_within, process.stop_grace, process.health_every),
        (Millis::seconds(60), Millis::seconds(10), Millis::seconds(1))
    );
    let Lever::Gate(gate) = &wiring.lever else { panic!("a gate") };
    assert_eq!(gate.sticky, [StickyBy::Cookie("uid".into()), StickyBy::Header("x-user-id".into()), StickyBy::Address]);
    assert!(!gate.expose_arm);
    let kept = serde_json::to_string(&wiring).unwrap();
    assert_eq!(serde_json::from_str::<Wiring>(&kept).unwrap(), wiring);
}

#[test]
fn the_wiring_that_journals_hold_is_read_word_by_word() {
    let wiring = read(WHOLE).compile("api", "staging", "hotfix").unwrap().wiring;
    expect_test::expect![[r#"
        {
          "service": "api",
          "channel": "staging",
          "target": {
            "command": {
              "deploy": "kubectl apply -f k8s/canary/",
              "ready": null,
              "promote": "kubectl apply -f k8s/production/",
              "withdraw": "kubectl delete -f k8s/canary/",
              "timeout": 150000,
              "env": {},
              "workdir": "."
            }
          },
          "lever": {
            "command": {
              "shift": "./set-weight.sh",
              "observe": "./get-weight.sh",
              "timeout": 30000,
              "env": {},
              "workdir": "."
            }
          },
          "signals": [],
          "probe": null,
          "hooks": [],
          "live": null
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&wiring).unwrap());
    let mut more = serde_json::to_value(&wiring).unwrap();
    more["surprise"] = true.into();
    assert!(serde_json::from_value::<Wiring>(more).is_err(), "a key that this version does not know is refused");
}

#[test]
fn a_channel_can_have_its_own_wiring() {
    let policy = read(WHOLE);
    let staging = policy.compile("shop", "staging", "feature").unwrap();
    assert!(matches!(staging.wiring.target, Target::Command(_)));
    assert!(matches!(staging.wiring.lever, Lever::Command(_)));
    assert_eq!(staging.wiring.live.as_deref(), Some("2.0.0-rc.1"));
    assert_eq!((staging.wiring.signals.len(), staging.plan.measured), (0, false));
    assert!(staging.wiring.probe.is_some(), "what the channel does not say stays");
}

#[test]
fn without_signals_a_gate_counts_and_a_command_does_not() {
    let policy = read(WHOLE);
    assert!(!policy.compile("api", "production", "feature").unwrap().plan.measured);
    let starter = read(&policy::starter("shop").unwrap());
    assert!(starter.compile("shop", "production", "feature").unwrap().plan.measured);
}

#[test]
fn unknown_names_are_refused_with_the_known_ones() {
    let policy = read(WHOLE);
    let refusal = |service, channel, kind| policy.compile(service, channel, kind).unwrap_err();
    for (problem, hint) in [
        (refusal("shpo", "production", "feature"), "did you mean `shop`?"),
        (refusal("shop", "prodution", "feature"), "did you mean `production`?"),
        (refusal("shop", "production", "features"), "did you mean `feature`?"),
    ] {
        assert_eq!((problem.code, problem.hint.as_deref()), (Code::NotInPolicy, Some(hint)));
    }
    let odd = refusal("\u{1b}[31m", "production", "feature");
    assert!(!format!("{odd}{}", odd.render(false)).contains('\u{1b}'));
}

#[test]
fn the_digest_follows_the_meaning_and_not_the_spelling() {
    let digest = |text: &str| read(text).digest().to_owned();
    let plain = digest(WHOLE);
    assert_eq!(plain.len(), 64);
    assert_eq!(plain, digest(&WHOLE.replace("2 h 30 min", "150 min").replace("0.5 pp", "0.50 points")));
    assert_eq!(plain, digest(&format!("# a comment\n{WHOLE}")));
    assert_ne!(plain, digest(&WHOLE.replace("2 h 30 min", "151 min")));
    assert_ne!(plain, digest(&WHOLE.replace("{ run: ./smoke.sh }", "{ run: ./smoke2.sh }")));
}

#[test]
fn the_effective_policy_says_everything_and_means_the_same() {
    let policy = read(WHOLE);
    let effective = policy.effective();
    assert!(!effective.contains("extends:"), "{effective}");
    assert_eq!(read(effective).digest(), policy.digest());
}

#[test]
fn merging_joins_maps_and_replaces_lists() {
    let policy = read(&format!(
        "{}rollouts: {{ canary: {{ watch: 3 h, margins: {{ quantiles: [p99] }} }} }}\n",
        policy::starter("shop").unwrap()
    ));
    let canary = &policy.rollouts()["canary"];
    assert_eq!((canary.watch, canary.phases.len()), (Millis::minutes(180), 4));
    assert_eq!((canary.margins.error_rate, canary.margins.quantiles.as_slice()), (0.001, &[99][..]));
    assert_eq!(policy.rollouts()["direct"].margins, canary.margins, "what extends the canary follows it");
    assert_eq!(policy.rollouts()["direct"].watch, Millis::minutes(30), "but for what it says itself");
}

#[test]
fn a_policy_can_say_everything_itself() {
    let whole = read(&policy::starter("shop").unwrap());
    let without = whole.effective().replace("  development:\n    branch: develop\n    rollout: direct\n", "");
    let policy = read(&without);
    assert_eq!(policy.channels().len(), 2);
    assert_ne!(policy.digest(), whole.digest());
}
