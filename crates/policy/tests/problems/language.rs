//! Keys, types, units, ranges, words.

use crate::{shop, told};
use expect_test::expect;

#[test]
fn unknown_keys() {
    told(
        &shop("hook: {}\n"),
        &expect![[r#"
        tidegate.yaml:8:1: TG-1010: unknown key `hook`: expected `extends`, `services`, `targets`, `levers`, `signals`, `hooks`, `rollouts`, `types` or `channels` (hint: did you mean `hooks`?)
          at hook
    "#]],
    );
    told(
        &shop("signals:\n  alarms: { push: { url: x } }\n"),
        &expect![[r#"
        tidegate.yaml:9:21: TG-1010: unknown key `url`: expected no keys at all (hint: remove it)
          at signals.alarms.push.url
    "#]],
    );
    told(
        "extends: standard\nservices:\n  shop: { Target: local, lever: edge, weight: 5 }\n",
        &expect![[r#"
            tidegate.yaml:3:11: TG-1010: unknown key `Target`: expected `target`, `lever`, `signals`, `probe`, `hooks`, `live`, `traffic` or `channels` (hint: did you mean `target`?)
              at services.shop.Target
            tidegate.yaml:3:33: TG-1030: `edge` is not a lever: no lever is defined (hint: define it under `levers`, or name another)
              at services.shop.lever
            tidegate.yaml:3:39: TG-1010: unknown key `weight`: expected `target`, `lever`, `signals`, `probe`, `hooks`, `live`, `traffic` or `channels` (hint: remove it)
              at services.shop.weight
        "#]],
    );
}

#[test]
fn missing_keys() {
    told(
        "extends: standard\n",
        &expect![[r#"
        tidegate.yaml:1:1: TG-1012: the key `services` is missing: `services` must be here: what is released (hint: add `services: …`)
          at 
    "#]],
    );
    told(
        "services: {}\n",
        &expect![[r#"
        tidegate.yaml:1:1: TG-1012: 3 keys are missing: `rollouts`, `types`, `channels` must be here (hint: write `extends: standard` to take them from the built-in policy)
          at 
        tidegate.yaml:1:11: TG-1015: there is no service: found an empty map, expected at least one service (hint: `tidegate init` writes a first one)
          at services
    "#]],
    );
    told(
        "extends: standard\nservices:\n  shop:\n    lever: edge\nlevers: { edge: { gate: { listen: 127.0.0.1:80 } } }\n",
        &expect![[r#"
            tidegate.yaml:3:3: TG-1012: the key `target` is missing: `target` must be here: where its versions run (hint: add `target: …`, the name of a target that you define under `targets`)
              at services.shop
        "#]],
    );
    told(
        &shop("rollouts:\n  quick:\n    phases: [ { share: 100 % } ]\n    watch: 1 h\n"),
        &expect![[r#"
        tidegate.yaml:9:3: TG-1012: 7 keys are missing: `interval`, `stale_after`, `deploy_within`, `margins`, `judge`, `triggers`, `rollback` must be here (hint: write `extends: canary` under `rollouts.quick` to take from there what is not said here)
          at rollouts.quick
    "#]],
    );
}

#[test]
fn a_service_without_a_target_that_exists() {
    told(
        &shop("").replace("target: local", "target: loacl"),
        &expect![[r#"
        tidegate.yaml:3:19: TG-1030: `loacl` is not a target: known targets: `local` (hint: did you mean `local`?)
          at services.shop.target
    "#]],
    );
}

#[test]
fn wrong_types() {
    told(
        &shop("hooks: [smoke]\n"),
        &expect![[r#"
        tidegate.yaml:8:8: TG-1011: this is not a map: found a list, expected a map of names (hint: write `key: value`, one on each line)
          at hooks
    "#]],
    );
    told(
        &shop("hooks:\n"),
        &expect![[r#"
        tidegate.yaml:8:6: TG-1011: this is not a map: found nothing, expected a map of names (hint: write `{}` if nothing is meant)
          at hooks
    "#]],
    );
    told(
        &shop("signals: { edge: gate }\n"),
        &expect![[r#"
        tidegate.yaml:8:18: TG-1011: a signal needs its settings: found `gate`, expected a map with the key `gate` (hint: write `{ gate: { … } }`)
          at signals.edge
    "#]],
    );
    told(
        &shop("hooks: { a: { http: { url: 'http://a/', expect: \"200\" } } }\n"),
        &expect![[r#"
        tidegate.yaml:8:49: TG-1011: this is not an HTTP status: found `200`, expected an HTTP status: a whole number without quotes or unit (hint: write a number such as `200`)
          at hooks.a.http.expect
    "#]],
    );
    told(
        &shop("hooks: { a: { http: { url: [x] } } }\n"),
        &expect![[r#"
        tidegate.yaml:8:28: TG-1011: this is not a text: found a list, expected a text (hint: write a text)
          at hooks.a.http.url
    "#]],
    );
    told(
        &shop("").replace("lever: edge }", "lever: edge, live: 1.10 }"),
        &expect![[r#"
        tidegate.yaml:3:45: TG-1011: this is not a text: found the number `1.10`, expected a text (hint: put it in quotes: `"1.10"`)
          at services.shop.live
    "#]],
    );
    told(
        &shop("").replace("lever: edge }", "lever: edge, hooks: smoke }"),
        &expect![[r#"
        tidegate.yaml:3:46: TG-1011: this is not a list: found `smoke`, expected a list (hint: write `[smoke]`)
          at services.shop.hooks
    "#]],
    );
    told(
        &shop("").replace(":8080 }", ":8080, expose_arm: yes }"),
        &expect![[r#"
        tidegate.yaml:7:55: TG-1011: this is not a switch: found `yes`, expected `on` or `off` (hint: write `on`)
          at levers.edge.gate.expose_arm
    "#]],
    );
}

#[test]
fn units() {
    let phase = |phase: &str| {
        shop(&format!(
            "rollouts:\n  r:\n    extends: canary\n    phases:\n      - {phase}\n      - {{ share: 100 % }}\n"
        ))
    };
    told(
        &phase("{ share: 5, soak: 30 }"),
        &expect![[r#"
        tidegate.yaml:12:18: TG-1014: a share of users needs a unit: found `5` without a unit, expected a share of users such as `5 %` (hint: write `5 %`)
          at rollouts.r.phases[0].share
        tidegate.yaml:12:27: TG-1014: a duration needs a unit: found `30` without a unit, expected a duration such as `30 min` (hint: write `30 s`, `30 min` or `30 h`)
          at rollouts.r.phases[0].soak
    "#]],
    );
    told(
        &phase("{ share: 5 points, soak: 30m }"),
        &expect![[r#"
        tidegate.yaml:12:18: TG-1014: wrong unit for a share of users: found `5 points`, expected a share of users such as `5 %` (hint: write `5 %`)
          at rollouts.r.phases[0].share
        tidegate.yaml:12:34: TG-1014: wrong unit for a duration: found `30m`, expected a duration such as `30 min` (hint: write `30 min`; an `m` could also be a month)
          at rollouts.r.phases[0].soak
    "#]],
    );
    told(
        &phase("{ share: 5 percent, soak: 30 minutes }"),
        &expect![[r#"
        tidegate.yaml:12:18: TG-1014: wrong unit for a share of users: found `5 percent`, expected a share of users such as `5 %` (hint: write `5 %`)
          at rollouts.r.phases[0].share
        tidegate.yaml:12:35: TG-1014: wrong unit for a duration: found `30 minutes`, expected a duration such as `30 min` (hint: write `30 min`)
          at rollouts.r.phases[0].soak
    "#]],
    );
    told(
        &phase("{ share: five, soak: half an hour }"),
        &expect![[r#"
        tidegate.yaml:12:18: TG-1011: this is not a share of users: found `five`, expected a share of users such as `5 %` (hint: write a number with its unit: `5 %`)
          at rollouts.r.phases[0].share
        tidegate.yaml:12:30: TG-1011: this is not a duration: found `half an hour`, expected a duration such as `30 min` (hint: write numbers with units, the largest first: `2 h 30 min`)
          at rollouts.r.phases[0].soak
    "#]],
    );
    told(
        &phase("{ share: 5 %, soak: 30 min 2 h }"),
        &expect![[r#"
        tidegate.yaml:12:29: TG-1011: this is not a duration: found `30 min 2 h`, expected a duration such as `30 min` (hint: write numbers with units, the largest first: `2 h 30 min`)
          at rollouts.r.phases[0].soak
    "#]],
    );
    told(
        &phase("{ share: 5 %, soak: 5 % }"),
        &expect![[r#"
        tidegate.yaml:12:29: TG-1014: wrong unit for a duration: found `5 %`, expected a duration such as `30 min` (hint: write a duration in ms, s, min, h or d)
          at rollouts.r.phases[0].soak
    "#]],
    );
    told(
        &phase("{ share: 5 %, soak: 1 h, margins: { error_rate: 0.1, response_time: 10 } }"),
        &expect![[r#"
        tidegate.yaml:12:57: TG-1014: a difference in percentage points needs a unit: found `0.1` without a unit, expected a difference in percentage points such as `0.1 points` (hint: write `0.1 points`)
          at rollouts.r.phases[0].margins.error_rate
        tidegate.yaml:12:77: TG-1014: a relative slow-down needs a unit: found `10` without a unit, expected a relative slow-down such as `10 %` (hint: write `10 %`)
          at rollouts.r.phases[0].margins.response_time
    "#]],
    );
    told(
        &phase("{ share: 5 %, soak: 1 h, margins: { error_rate: 0.1 %, response_time: 10 points } }"),
        &expect![[r#"
        tidegate.yaml:12:57: TG-1014: wrong unit for a difference in percentage points: found `0.1 %`, expected a difference in percentage points such as `0.1 points` (hint: write `0.1 points`; a `%` could also be relative to the old version)
          at rollouts.r.phases[0].margins.error_rate
        tidegate.yaml:12:79: TG-1014: wrong unit for a relative slow-down: found `10 points`, expected a relative slow-down such as `10 %` (hint: write `10 %`; points are for the difference between two proportions)
          at rollouts.r.phases[0].margins.response_time
    "#]],
    );
}

#[test]
fn ranges() {
    let canary = |more: &str| shop(&format!("rollouts:\n  canary:\n    {more}\n"));
    told(
        &canary("phases: [ { share: 5 %, soak: -1 h }, { share: 150 % } ]"),
        &expect![[r#"
        tidegate.yaml:10:35: TG-1015: a duration is never negative: found `-1 h`, expected a duration (hint: write `1 h`)
          at rollouts.canary.phases[0].soak
        tidegate.yaml:10:52: TG-1015: a share of users is out of range: found `150 %`, expected a share of users from 0.0001 % to 100 % (hint: write a share of users in that range, such as `5 %`)
          at rollouts.canary.phases[1].share
    "#]],
    );
    told(
        &canary("phases: [ { share: 5 %, soak: 0 s }, { share: 100 % } ]"),
        &expect![[r#"
        tidegate.yaml:10:35: TG-1015: a duration is out of range: found `0 s`, expected a duration from 1 ms to 90 d (hint: write a duration in that range, such as `30 min`)
          at rollouts.canary.phases[0].soak
    "#]],
    );
    told(
        &canary("phases: [ { share: 0.00001 %, soak: 1 h }, { share: 100 % } ]"),
        &expect![[r#"
        tidegate.yaml:10:24: TG-1015: a share of users is too fine to be kept exactly: found `0.00001 %`, expected a whole number of 0.0001 % (hint: the smallest step is 0.0001 %)
          at rollouts.canary.phases[0].share
    "#]],
    );
    told(
        &canary("phases: []"),
        &expect![[r#"
        tidegate.yaml:10:13: TG-1015: the list has another length: found 0 items, expected 1 to 100 (hint: write at least one, or leave the key out if it may be missing)
          at rollouts.canary.phases
    "#]],
    );
    told(
        &canary("judge: { false_alarms: 0 %, wrong_passes: 60 % }"),
        &expect![[r#"
        tidegate.yaml:10:28: TG-1015: a probability is out of range: found `0 %`, expected a probability from 0.000001 % to 50 % (hint: write a probability in that range, such as `1 %`)
          at rollouts.canary.judge.false_alarms
        tidegate.yaml:10:47: TG-1015: a probability is out of range: found `60 %`, expected a probability from 0.000001 % to 50 % (hint: write a probability in that range, such as `1 %`)
          at rollouts.canary.judge.wrong_passes
    "#]],
    );
    told(
        &canary("triggers: { error_rate: { min_samples: 0 } }"),
        &expect![[r#"
        tidegate.yaml:10:44: TG-1015: a number of requests is out of range: found `0`, expected a number of requests from 1 to 1000000000 (hint: write one in that range)
          at rollouts.canary.triggers.error_rate.min_samples
    "#]],
    );
    told(
        &canary("watch: 1000 d"),
        &expect![[r#"
        tidegate.yaml:10:12: TG-1015: a duration is out of range: found `1000 d`, expected a duration from 0 s to 90 d (hint: write a duration in that range, such as `3 min`)
          at rollouts.canary.watch
    "#]],
    );
    told(
        "extends: standard\nservices: {}\n",
        &expect![[r#"
        tidegate.yaml:2:11: TG-1015: there is no service: found an empty map, expected at least one service (hint: `tidegate init` writes a first one)
          at services
    "#]],
    );
}

#[test]
fn words() {
    told(
        "extends: standrad\nservices: {}\n",
        &expect![[r#"
        tidegate.yaml:1:10: TG-1013: this word has no meaning here: found `standrad`, expected `standard` (the built-in process; what the file says itself comes first) (hint: did you mean `standard`?)
          at extends
        tidegate.yaml:2:11: TG-1015: there is no service: found an empty map, expected at least one service (hint: `tidegate init` writes a first one)
          at services
    "#]],
    );
    let phase = |word: &str| {
        shop(&format!(
            "rollouts: {{ r: {{ extends: canary, phases: [ {{ share: 100 %, on_undecided: {word} }} ] }} }}\n"
        ))
    };
    told(
        &phase("rollback"),
        &expect![[r#"
        tidegate.yaml:8:75: TG-1013: this word has no meaning here: found `rollback`, expected `extend 2x`, `hold`, `roll back` or `advance` (hint: did you mean `roll back`?)
          at rollouts.r.phases[0].on_undecided
    "#]],
    );
    told(
        &phase("extend"),
        &expect![[r#"
        tidegate.yaml:8:75: TG-1013: this word has no meaning here: found `extend`, expected `extend 2x`, `hold`, `roll back` or `advance` (hint: write `extend 2x`: up to twice the soak, then hold for a person)
          at rollouts.r.phases[0].on_undecided
    "#]],
    );
    told(
        &phase("extend 1x"),
        &expect![[r#"
        tidegate.yaml:8:75: TG-1015: this is not longer than the phase, or endless: found `extend 1x`, expected `extend 2x` to `extend 100x`: the whole phase in multiples of its soak (hint: write `hold` to wait for a person at once)
          at rollouts.r.phases[0].on_undecided
    "#]],
    );
    told(
        &phase("hold, margins: { quantiles: [p90] }"),
        &expect![[r#"
        tidegate.yaml:8:104: TG-1013: this quantile is not judged: found `p90`, expected `p50`, `p95` or `p99` (hint: write the nearest of these)
          at rollouts.r.phases[0].margins.quantiles[0]
    "#]],
    );
    told(
        &shop("").replace("process:", "proces:"),
        &expect![[r#"
            tidegate.yaml:5:12: TG-1013: `proces` is not a kind of target: expected `{ process: … }` or `{ command: … }` or `{ running: … }` (hint: did you mean `process`?)
              at targets.local.proces
        "#]],
    );
    told(
        &shop("").replace("command: ./shop }", "command: ./shop }, command: {}"),
        &expect![[r#"
            tidegate.yaml:5:3: TG-1011: a target has one kind: found 2 keys, expected exactly one: `{ process: … }` or `{ command: … }` or `{ running: … }` (hint: keep one of them)
              at targets.local
        "#]],
    );
    told(
        &shop("").replace("./shop", "./shop, port: 8080"),
        &expect![[r#"
        tidegate.yaml:5:46: TG-1013: this word has no meaning here: found `8080`, expected `auto` (each version gets a free port, in `PORT`) (hint: write one of these)
          at targets.local.process.port
    "#]],
    );
    told(
        &shop("rollouts: { canary: { triggers: { error_rate: on, response_time: false } } }\n"),
        &expect![[r#"
        tidegate.yaml:8:47: TG-1011: this needs its settings: found `on`, expected a map, or `off` (hint: write the settings, or leave the key out in a rollout that extends another)
          at rollouts.canary.triggers.error_rate
        tidegate.yaml:8:66: TG-1011: this is not a trigger: found `false`, expected a map, or `off` (hint: write `off` to switch it off)
          at rollouts.canary.triggers.response_time
    "#]],
    );
}

#[test]
fn names_addresses_and_urls() {
    told(
        &shop("").replace("  shop:", "  My Shop:"),
        &expect![[r#"
        tidegate.yaml:3:3: TG-1016: this is not a name: found `My Shop`, expected a name such as `shop` (hint: write `my-shop`)
          at services.My Shop
    "#]],
    );
    told(
        &shop("").replace("  shop:", "  ../../etc:"),
        &expect![[r#"
        tidegate.yaml:3:3: TG-1016: this is not a name: found `../../etc`, expected a name such as `shop` (hint: write `etc`)
          at services.../../etc
    "#]],
    );
    told(
        &shop("").replace("  shop:", "  --force:"),
        &expect![[r#"
        tidegate.yaml:3:3: TG-1016: this is not a name: found `--force`, expected a name such as `shop` (hint: write `force`)
          at services.--force
    "#]],
    );
    told(
        &shop("").replace("lever: edge }", "lever: edge, live: ../1.0 }"),
        &expect![[r#"
        tidegate.yaml:3:45: TG-1016: this is not a version: found `../1.0`, expected a version such as `1.4.0` (hint: 1 to 63 letters, digits, `.`, `_`, `+` or `-`, starting with a letter or digit)
          at services.shop.live
    "#]],
    );
    told(
        &shop("").replace("127.0.0.1:8080", "localhost:8080"),
        &expect![[r#"
        tidegate.yaml:7:27: TG-1016: this is not an IP address with a port: found `localhost:8080`, expected an IP address with a port such as `127.0.0.1:8080` (hint: write `127.0.0.1:8080` for this machine only, `0.0.0.0:8080` for everybody)
          at levers.edge.gate.listen
    "#]],
    );
    told(
        &shop("").replace("127.0.0.1:8080", "127.0.0.1"),
        &expect![[r#"
        tidegate.yaml:7:27: TG-1016: this is not an IP address with a port: found `127.0.0.1`, expected an IP address with a port such as `127.0.0.1:8080` (hint: add the port)
          at levers.edge.gate.listen
    "#]],
    );
    let hook = |url: &str| shop(&format!("hooks: {{ a: {{ http: {{ url: \"{url}\" }} }} }}\n"));
    told(
        &hook("example.org/x"),
        &expect![[r#"
        tidegate.yaml:8:28: TG-1016: this is not a URL: found `example.org/x`, expected a URL such as `http://127.0.0.1:8080/healthz` (hint: start it with `http://`)
          at hooks.a.http.url
    "#]],
    );
    told(
        &hook("https://example.org/x"),
        &expect![[r#"
        tidegate.yaml:8:28: TG-1020: not yet: requests over TLS: found `https://example.org/x`, expected a URL that starts with `http://` (hint: use an `http://` URL, or a command hook that calls curl)
          at hooks.a.http.url
    "#]],
    );
    told(
        &hook("http://me:pw@example.org/x"),
        &expect![[r#"
        tidegate.yaml:8:28: TG-1017: a secret is never written into a policy: found credentials in a URL, expected none; what is written here is kept in the journal for ever (hint: leave them out; a command hook can read them from its environment)
          at hooks.a.http.url
    "#]],
    );
    told(
        &hook("http://exa mple.org/x"),
        &expect![[r#"
        tidegate.yaml:8:28: TG-1016: this is not a URL: found `http://exa mple.org/x`, expected a URL such as `http://127.0.0.1:8080/healthz` (hint: write a host, or an address, with a port from 1 to 65535 if it is not 80)
          at hooks.a.http.url
    "#]],
    );
    told(
        &hook("http://example.org:99999/"),
        &expect![[r#"
        tidegate.yaml:8:28: TG-1016: this is not a URL: found `http://example.org:99999/`, expected a URL such as `http://127.0.0.1:8080/healthz` (hint: write a host, or an address, with a port from 1 to 65535 if it is not 80)
          at hooks.a.http.url
    "#]],
    );
}

#[test]
fn secrets() {
    told(
        &shop("hooks: { a: { command: { run: x, env: { DB_PASSWORD: hunter2 } } } }\n"),
        &expect![[r#"
        tidegate.yaml:8:54: TG-1017: a secret is never written into a policy: `DB_PASSWORD` looks like a secret; a value written here is kept in the journal for ever (hint: write `DB_PASSWORD: { from_env: DB_PASSWORD }` or `DB_PASSWORD: { from_file: /path }`)
          at hooks.a.command.env.DB_PASSWORD
    "#]],
    );
}

#[test]
fn not_yet() {
    told(
        &shop("checks: []\napprovals: {}\ncalendar: {}\naudiences: {}\npeople: {}\nannouncements: {}\n"),
        &expect![[r#"
            tidegate.yaml:8:1: TG-1020: not yet: checks with evidence: `checks` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at checks
            tidegate.yaml:9:1: TG-1020: not yet: approvals: `approvals` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at approvals
            tidegate.yaml:10:1: TG-1020: not yet: the release calendar: `calendar` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at calendar
            tidegate.yaml:11:1: TG-1020: not yet: audiences of announcements: `audiences` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at audiences
            tidegate.yaml:12:1: TG-1020: not yet: people and roles: `people` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at people
            tidegate.yaml:13:1: TG-1020: not yet: announcements: `announcements` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at announcements
        "#]],
    );
    told(
        &shop("signals: { p: { http: {} } }\n"),
        &expect![[r#"
        tidegate.yaml:8:17: TG-1020: not yet: measurements by HTTP: `http` is part of the process, but nothing runs it yet (hint: use `{ gate: … }` or `{ push: … }` or `{ prometheus: … }`)
          at signals.p.http
    "#]],
    );
    told(
        &shop("").replace("gate:", "httproute:"),
        &expect![[r#"
            tidegate.yaml:7:11: TG-1020: not yet: Gateway API routes: `httproute` is part of the process, but nothing runs it yet (hint: use `{ gate: … }` or `{ command: … }` or `{ flag: … }`)
              at levers.edge.httproute
        "#]],
    );
    told(
        &shop("").replace("process:", "argocd:"),
        &expect![[r#"
            tidegate.yaml:5:12: TG-1020: not yet: targets in Argo CD: `argocd` is part of the process, but nothing runs it yet (hint: use `{ process: … }` or `{ command: … }` or `{ running: … }`)
              at targets.local.argocd
        "#]],
    );
    told(
        &shop("rollouts: { canary: { margins: { throughput: 5 % } } }\ntypes: { hotfix: { approvals: [] } }\n"),
        &expect![[r#"
            tidegate.yaml:8:34: TG-1020: not yet: a margin on throughput: `throughput` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at rollouts.canary.margins.throughput
            tidegate.yaml:9:20: TG-1020: not yet: approvals: `approvals` is part of the process, but nothing runs it yet (hint: remove it; it would have no effect)
              at types.hotfix.approvals
        "#]],
    );
}
