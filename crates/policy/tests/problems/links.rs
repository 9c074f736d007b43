//! Values that are right by themselves and wrong together.

use crate::{check, fine, shop};
use expect_test::expect;

fn phases(list: &str) -> String {
    shop(&format!("rollouts:\n  r:\n    extends: canary\n    phases:\n{list}"))
}

#[test]
fn phases_that_do_not_rise() {
    check(
        &phases(
            "      - { share: 25 %, soak: 1 h }\n      - { share: 5 %, soak: 1 h }\n      - { share: 5 %, soak: 1 h }\n      - { share: 100 % }\n",
        ),
        &expect![[r#"
            error[TG-1031]: phase 2 does not move more users
              --> tidegate.yaml:13:18
               |
            13 |       - { share: 5 %, soak: 1 h }
               |                  ^^^ found 5 % after 25 %, expected more than 25 %
               |
               = path: rollouts.r.phases[1].share
               = hint: put the phases in rising order, or take one out; users go back by a rollback only

            error[TG-1031]: phase 3 does not move more users
              --> tidegate.yaml:14:18
               |
            14 |       - { share: 5 %, soak: 1 h }
               |                  ^^^ found 5 % after 5 %, expected more than 5 %
               |
               = path: rollouts.r.phases[2].share
               = hint: put the phases in rising order, or take one out; users go back by a rollback only

            2 problems; each code has a page in docs/errors/
        "#]],
    );
}

#[test]
fn a_last_phase_below_everybody() {
    check(
        &phases("      - { share: 25 %, soak: 1 h }\n      - { share: 50 %, soak: 1 h }\n"),
        &expect![[r#"
        error[TG-1032]: the rollout does not reach everybody
          --> tidegate.yaml:13:18
           |
        13 |       - { share: 50 %, soak: 1 h }
           |                  ^^^^ the last phase moves 50 %, expected 100 %
           |
           = path: rollouts.r.phases[1].share
           = hint: add a phase `{ share: 100 % }`

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn a_phase_without_time() {
    check(
        &phases("      - { share: 25 % }\n      - { share: 100 % }\n"),
        &expect![[r#"
        error[TG-1012]: phase 1 has no time
          --> tidegate.yaml:12:9
           |
        12 |       - { share: 25 % }
           |         ^^ `soak` must be here: how long the users of this phase stay before the next one
           |
           = path: rollouts.r.phases[0].soak
           = hint: write `soak: 30 min`; only the last phase may go without

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn names_that_nothing_has() {
    check(
        &shop(
            "types: { feature: { rollout: cannary } }\nchannels: { production: { rollout: by types }, edge: { branch: x, rollout: slow } }\n",
        ),
        &expect![[r#"
            error[TG-1030]: `cannary` is not a rollout
             --> tidegate.yaml:8:30
              |
            8 | types: { feature: { rollout: cannary } }
              |                              ^^^^^^^ known rollouts: `canary`, `direct`, `extended`
              |
              = path: types.feature.rollout
              = hint: did you mean `canary`?

            error[TG-1030]: `by types` is not a rollout
             --> tidegate.yaml:9:36
              |
            9 | channels: { production: { rollout: by types }, edge: { branch: x, rollout: slow } }
              |                                    ^^^^^^^^ known rollouts: `canary`, `direct`, `extended`
              |
              = path: channels.production.rollout
              = hint: did you mean `by type`?

            error[TG-1030]: `slow` is not a rollout
             --> tidegate.yaml:9:76
              |
            9 | channels: { production: { rollout: by types }, edge: { branch: x, rollout: slow } }
              |                                                                            ^^^^ known rollouts: `canary`, `direct`, `extended`
              |
              = path: channels.edge.rollout
              = hint: define it under `rollouts`, or name another

            3 problems; each code has a page in docs/errors/
        "#]],
    );
    check(
        &shop("").replace("lever: edge }", "lever: edge, signals: [edge], hooks: [smoke], channels: { prod: {} } }"),
        &expect![[r#"
            error[TG-1030]: `edge` is not a signal
             --> tidegate.yaml:3:49
              |
            3 |   shop: { target: local, lever: edge, signals: [edge], hooks: [smoke], channels: { prod: {} } }
              |                                                 ^^^^ no signal is defined
              |
              = path: services.shop.signals[0]
              = hint: define it under `signals`, or name another

            error[TG-1030]: `smoke` is not a hook
             --> tidegate.yaml:3:64
              |
            3 |   shop: { target: local, lever: edge, signals: [edge], hooks: [smoke], channels: { prod: {} } }
              |                                                                ^^^^^ no hook is defined
              |
              = path: services.shop.hooks[0]
              = hint: define it under `hooks`, or name another

            error[TG-1030]: `prod` is not a channel
             --> tidegate.yaml:3:84
              |
            3 |   shop: { target: local, lever: edge, signals: [edge], hooks: [smoke], channels: { prod: {} } }
              |                                                                                    ^^^^ known channels: `development`, `staging`, `production`
              |
              = path: services.shop.channels.prod
              = hint: define it under `channels`, or name another

            3 problems; each code has a page in docs/errors/
        "#]],
    );
    check(
        &phases("      - { share: 100 %, hooks: [smoke] }\n"),
        &expect![[r#"
        error[TG-1030]: `smoke` is not a hook
          --> tidegate.yaml:12:33
           |
        12 |       - { share: 100 %, hooks: [smoke] }
           |                                 ^^^^^ no hook is defined
           |
           = path: rollouts.r.phases[0].hooks[0]
           = hint: define it under `hooks`, or name another

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn rollouts_that_extend_each_other() {
    check(
        &shop("rollouts:\n  a: { extends: b }\n  b: { extends: a }\n  c: { extends: cannary }\n"),
        &expect![[r#"
            error[TG-1035]: rollouts extend each other in a circle
             --> tidegate.yaml:9:17
              |
            9 |   a: { extends: b }
              |                 ^ `b` extends `a` extends `b`
              |
              = path: rollouts.a.extends
              = hint: take `extends` out of one of them and say there what the others need

            error[TG-1035]: rollouts extend each other in a circle
              --> tidegate.yaml:10:17
               |
            10 |   b: { extends: a }
               |                 ^ `a` extends `b` extends `a`
               |
               = path: rollouts.b.extends
               = hint: take `extends` out of one of them and say there what the others need

            error[TG-1030]: `cannary` is not a rollout
              --> tidegate.yaml:11:17
               |
            11 |   c: { extends: cannary }
               |                 ^^^^^^^ known rollouts: `canary`, `direct`, `extended`, `a`, `b`, `c`
               |
               = path: rollouts.c.extends
               = hint: did you mean `canary`?

            3 problems; each code has a page in docs/errors/
        "#]],
    );
}

#[test]
fn targets_levers_and_signals_that_do_not_work_together() {
    let text = "extends: standard
services:
  a: { target: here, lever: mesh, signals: [counts] }
  b: { target: cluster, lever: edge }
  c: { target: here, lever: edge, channels: { staging: { target: cluster } } }
targets:
  here: { process: { command: ./shop } }
  cluster: { command: { deploy: d, promote: p, withdraw: w } }
levers:
  edge: { gate: { listen: 127.0.0.1:0 } }
  mesh: { command: { shift: s, observe: o } }
signals:
  counts: { gate: {} }
";
    check(
        text,
        &expect![[r#"
            error[TG-1033]: this lever cannot move users between these processes
             --> tidegate.yaml:3:29
              |
            3 |   a: { target: here, lever: mesh, signals: [counts] }
              |                             ^^^^ the target `here` runs processes, the lever `mesh` runs commands
              |
              = path: services.a.lever
              = hint: a `process` target needs a `gate` lever: the gate knows on which port each version listens

            error[TG-1033]: this signal has nothing to count
             --> tidegate.yaml:3:45
              |
            3 |   a: { target: here, lever: mesh, signals: [counts] }
              |                                             ^^^^^^ the signal `counts` is the gate's counts, the lever `mesh` is not a gate
              |
              = path: services.a.signals[0]
              = hint: use a `prometheus` or a `push` signal, or a `gate` lever with a `process` target

            error[TG-1033]: this lever does not know where the versions are
             --> tidegate.yaml:4:32
              |
            4 |   b: { target: cluster, lever: edge }
              |                                ^^^^ the target `cluster` runs commands, the lever `edge` is a gate
              |
              = path: services.b.lever
              = hint: a `command` target needs a `command` lever; a `gate` needs a `process` target

            error[TG-1033]: this lever does not know where the versions are
             --> tidegate.yaml:5:56
              |
            5 |   c: { target: here, lever: edge, channels: { staging: { target: cluster } } }
              |                                                        ^^ the target `cluster` runs commands, the lever `edge` is a gate
              |
              = path: services.c.channels.staging.lever
              = hint: a `command` target needs a `command` lever; a `gate` needs a `process` target

            4 problems; each code has a page in docs/errors/
        "#]],
    );
}

#[test]
fn two_services_at_one_address() {
    let text = "extends: standard
services:
  a: { target: here, lever: one }
  b: { target: here, lever: one }
  c: { target: here, lever: two }
  d: { target: here, lever: three }
targets:
  here: { process: { command: ./shop } }
levers:
  one: { gate: { listen: 127.0.0.1:8080 } }
  two: { gate: { listen: 0.0.0.0:8080 } }
  three: { gate: { listen: 127.0.0.1:8081 } }
";
    check(
        text,
        &expect![[r#"
        error[TG-1034]: two services cannot listen on one address
         --> tidegate.yaml:4:29
          |
        4 |   b: { target: here, lever: one }
          |                             ^^^ `b` and `a` would both listen on 127.0.0.1:8080
          |
          = path: services.b.lever
          = hint: define a second `gate` lever with another port

        error[TG-1034]: two services cannot listen on one address
         --> tidegate.yaml:5:29
          |
        5 |   c: { target: here, lever: two }
          |                             ^^^ `c` and `a` would both listen on 0.0.0.0:8080
          |
          = path: services.c.lever
          = hint: define a second `gate` lever with another port

        2 problems; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn clocks_that_contradict_each_other() {
    check(
        &shop(
            "rollouts:
  canary:
    triggers:
      error_rate: { for: 90 s }
      response_time: { window: 5 s }
    rollback: { total: 12 min }
",
        ),
        &expect![[r#"
            error[TG-1036]: the time does not end with a window
              --> tidegate.yaml:11:26
               |
            11 |       error_rate: { for: 90 s }
               |                          ^^^^ found 1 min 30 s, expected a whole number of windows of 1 min
               |
               = path: rollouts.canary.triggers.error_rate.for
               = hint: write `for: 2 min`

            error[TG-1036]: a window would hold no measurement
              --> tidegate.yaml:12:32
               |
            12 |       response_time: { window: 5 s }
               |                                ^^^ the window is 5 s, but arms are measured every 10 s only
               |
               = path: rollouts.canary.triggers.response_time.window
               = hint: make the window at least 10 s, or the rollout's `interval` shorter

            error[TG-1036]: the rollback clock contradicts itself
              --> tidegate.yaml:13:24
               |
            13 |     rollback: { total: 12 min }
               |                        ^^^^^^ the total is 12 min, but `verification` alone may take 15 min
               |
               = path: rollouts.canary.rollback.total
               = hint: make `total` at least 15 min, or `verification` shorter

            3 problems; each code has a page in docs/errors/
        "#]],
    );
    check(
        &phases("      - { share: 25 %, soak: 3 min }\n      - { share: 100 % }\n"),
        &expect![[r#"
        error[TG-1036]: phase 1 is over before it is judged
          --> tidegate.yaml:12:30
           |
        12 |       - { share: 25 %, soak: 3 min }
           |                              ^^^^^ the phase lasts 3 min, and `judge.warm_up` leaves out the first 3 min of it
           |
           = path: rollouts.r.phases[0].soak
           = hint: make `soak` longer than 3 min, or the rollout's `judge: { warm_up: … }` shorter

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        &shop("")
            .replace("lever: edge }", "lever: edge, probe: { canary: http://a/, stable: http://b/, every: 1 s } }"),
        &expect![[r#"
            error[TG-1036]: probes would overtake each other
             --> tidegate.yaml:3:46
              |
            3 |   shop: { target: local, lever: edge, probe: { canary: http://a/, stable: http://b/, every: 1 s } }
              |                                              ^^ each may take 2 s, but there is one every 1 s
              |
              = path: services.shop.probe.timeout
              = hint: make `timeout` at most 1 s, or `every` longer

            1 problem; each code has a page in docs/errors/
        "#]],
    );
}

#[test]
fn what_nothing_uses_is_fine() {
    fine(&shop("hooks: { spare: { command: { run: ./x } } }\nsignals: { spare: { push: {} } }\n"));
}

#[test]
fn all_problems_are_told_in_the_order_of_the_file() {
    let text = "extends: standard
services:
  shop: { target: here, lever: edge }
levers:
  edge: { gate: { listen: 8080 } }
rollouts:
  r: { extends: canary, phases: [ { share: 50 %, soak: 1 h }, { share: 20 % } ] }
checks: {}
";
    let Err(problems) = policy::read(text, "tidegate.yaml") else { panic!("it has problems") };
    let lines: Vec<_> = problems.list.iter().filter_map(|p| p.place.as_ref()).map(|place| place.line).collect();
    assert_eq!(lines, [3, 5, 7, 7, 8]);
}

#[test]
fn a_gate_that_would_take_users_back_while_control_watches() {
    let impatient = |dead_man: &str| shop("").replace(":8080 }", &format!(":8080, dead_man: {dead_man} }}"));
    check(
        &impatient("20 s"),
        &expect![[r#"
        error[TG-1036]: the gate would take users back while control watches
         --> tidegate.yaml:7:53
          |
        7 |   edge: { gate: { listen: 127.0.0.1:8080, dead_man: 20 s } }
          |                                                     ^^^^ the gate waits 20 s for a word from control, which measures every 10 s in the rollout `extended`
          |
          = path: levers.edge.gate.dead_man
          = hint: make `dead_man` at least 30 s, or `off`

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    fine(&impatient("30 s"));
    fine(&impatient("off"));
    check(
        &impatient("on"),
        &expect![[r#"
        error[TG-1011]: this is not a duration
         --> tidegate.yaml:7:53
          |
        7 |   edge: { gate: { listen: 127.0.0.1:8080, dead_man: on } }
          |                                                     ^^ found `on`, expected a duration such as `30 s`
          |
          = path: levers.edge.gate.dead_man
          = hint: write numbers with units, the largest first: `2 h 30 min`

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        &impatient("5"),
        &expect![[r#"
        error[TG-1014]: a duration needs a unit
         --> tidegate.yaml:7:53
          |
        7 |   edge: { gate: { listen: 127.0.0.1:8080, dead_man: 5 } }
          |                                                     ^ found `5` without a unit, expected a duration such as `30 s`
          |
          = path: levers.edge.gate.dead_man
          = hint: write `5 s`, `5 min` or `5 h`

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        &shop("rollouts:\n  slow: { extends: canary, interval: 10 min, stale_after: 20 min }\n"),
        &expect![[r#"
            error[TG-1036]: the gate would take users back while control watches
             --> tidegate.yaml:7:17
              |
            7 |   edge: { gate: { listen: 127.0.0.1:8080 } }
              |                 ^^ the gate waits 5 min for a word from control, which measures every 10 min in the rollout `slow`
              |
              = path: levers.edge.gate.dead_man
              = hint: make `dead_man` at least 30 min, or `off`

            error[TG-1036]: a window would hold no measurement
              --> standard:82:17
               |
            82 |         window: 1 min
               |                 ^^^^^ the window is 1 min, but arms are measured every 10 min only
               |
               = path: rollouts.slow.triggers.error_rate.window
               = hint: make the window at least 10 min, or the rollout's `interval` shorter

            error[TG-1036]: a window would hold no measurement
              --> standard:89:17
               |
            89 |         window: 1 min
               |                 ^^^^^ the window is 1 min, but arms are measured every 10 min only
               |
               = path: rollouts.slow.triggers.response_time.window
               = hint: make the window at least 10 min, or the rollout's `interval` shorter

            3 problems; each code has a page in docs/errors/
        "#]],
    );
}
