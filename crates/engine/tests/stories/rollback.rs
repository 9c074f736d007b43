//! Taking users back: what starts it, its steps, its clock.

use crate::story::check;
use expect_test::expect;

#[test]
fn harm_is_taken_back_step_by_step() {
    check(
        "1 deployed
         1 confirmed 10
         10 good
         20..60 bad
         61 withdrawn
         62 confirmed 0
         63 withdrawn
         64 stable-ill
         65 stable-well",
        &expect![[r#"
             0 deploy_started
             1 deployed
             1 phase_entered 1 at 10 %
             1 share_confirmed 10 %
            30 soak_extended to 1 min
            60 held: undecided after 1 min in phase 1
               10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 1 min of 1 min; waits for a person: undecided after 1 min in phase 1
        "#]],
    );
}

#[test]
fn a_process_that_ends_takes_users_back() {
    check(
        "1 deployed
         1 confirmed 10
         10 ended",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              10 rollback_started RolledBack blame=Artifact first sign at 10: unavailable: the process of 1.1 ended by itself (exit code 1)
                 0 % on Beside: taking users back (step: execute): unavailable: the process of 1.1 ended by itself (exit code 1)
        "#]],
    );
}

#[test]
fn probes_that_fail_take_users_back() {
    check(
        "1 deployed
         1 confirmed 10
         10 dead",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              10 rollback_started RolledBack blame=Artifact first sign at 10: unavailable: 1.1 does not answer its probe while stable does
                 0 % on Beside: taking users back (step: execute): unavailable: 1.1 does not answer its probe while stable does
        "#]],
    );
}

#[test]
fn alarms_take_users_back() {
    check(
        "1 integrity orders are lost
         2 deployed
         3 integrity twice",
        &expect![[r#"
               0 deploy_started
               1 rollback_started RolledBack blame=Artifact first sign at 1: integrity alarm: orders are lost
                 0 % on Beside: taking users back (step: execute): integrity alarm: orders are lost
        "#]],
    );
    check(
        "1 deployed
         1 confirmed 10
         2 critical cannot pay",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
               2 rollback_started RolledBack blame=Artifact first sign at 2: critical report: cannot pay
                 0 % on Beside: taking users back (step: execute): critical report: cannot pay
        "#]],
    );
}

#[test]
fn what_takes_too_long_is_shouted_once() {
    check(
        "1 deployed
         1 confirmed 10
         10 rollback: odd
         600 tick
         611 tick
         700 tick
         1811 tick
         1900 confirmed 0
         1901 withdrawn
         2900 stable-well",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              10 rollback_started RolledBack blame=Artifact first sign at 10: by hand: odd
             611 rollback_late Some(Execute) beyond 10 min
            1811 rollback_late None beyond 30 min
            1900 share_confirmed 0 %
            1901 withdrawn
            1901 rollback_step_done execute: users were back after 31 min 30 s, the new version is withdrawn
            2900 rollback_step_done verify: stable answers
            2900 rollback_late Some(Verify) beyond 15 min
            2900 rollback_step_done communicate: shop 1.1: users have 1.0; by hand: odd
            2900 ended RolledBack
                 0 % on Absent: users have 1.0: by hand: odd
        "#]],
    );
}

#[test]
fn a_version_that_never_came_up_is_nobodys_fault() {
    check(
        "1 undeployable no such image
         2 confirmed 0
         3 withdrawn
         4 stable-well",
        &expect![[r#"
               0 deploy_started
               1 rollback_started Aborted blame=None first sign at 1: could not be deployed: no such image
               2 share_confirmed 0 %
               3 withdrawn
               3 rollback_step_done execute: users were back after 1 s, the new version is withdrawn
               4 rollback_step_done verify: stable answers
               4 rollback_step_done communicate: shop 1.1: users have 1.0; could not be deployed: no such image
               4 ended Aborted
                 0 % on Absent: users have 1.0: could not be deployed: no such image
        "#]],
    );
}

#[test]
fn in_the_watch_there_is_still_a_way_back() {
    check(
        "1 deployed
         1 confirmed 10
         2 advance
         2 confirmed 50
         3 advance
         3 confirmed 100
         4 ended
         5 confirmed 0
         6 withdrawn
         7 stable-well",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
               2 phase_passed 1 by Person { reason: "why not" } on 0 measurements
               2 phase_entered 2 at 50 %
               2 share_confirmed 50 %
               3 phase_passed 2 by Person { reason: "why not" } on 0 measurements
               3 phase_entered 3 at 100 %
               3 share_confirmed 100 %
               3 phase_passed 3 by NothingToCompare on 0 measurements
               3 watch_started
               4 rollback_started RolledBack blame=Artifact first sign at 4: unavailable: the process of 1.1 ended by itself (exit code 1)
               5 share_confirmed 0 %
               6 withdrawn
               6 rollback_step_done execute: users were back after 1 s, the new version is withdrawn
               7 rollback_step_done verify: stable answers
               7 rollback_step_done communicate: shop 1.1: users have 1.0; unavailable: the process of 1.1 ended by itself (exit code 1)
               7 ended RolledBack
                 0 % on Absent: users have 1.0: unavailable: the process of 1.1 ended by itself (exit code 1)
        "#]],
    );
}

#[test]
fn a_clock_that_runs_backwards_makes_nothing_younger() {
    check(
        "100 deployed
         100 confirmed 10
         50 rollback: odd
         40 confirmed 0
         30 withdrawn
         20 stable-well",
        &expect![[r#"
               0 deploy_started
             100 deployed
             100 phase_entered 1 at 10 %
             100 share_confirmed 10 %
              50 rollback_started RolledBack blame=Artifact first sign at 100: by hand: odd
              40 share_confirmed 0 %
              30 withdrawn
              30 rollback_step_done execute: users were back after 0 ms, the new version is withdrawn
              20 rollback_step_done verify: stable answers
              20 rollback_step_done communicate: shop 1.1: users have 1.0; by hand: odd
              20 ended RolledBack
                 0 % on Absent: users have 1.0: by hand: odd
        "#]],
    );
}

#[test]
fn what_was_late_before_it_began_and_what_ends_late_is_told() {
    check(
        "1 deployed
         1 confirmed 10
         300 ended 20
         301 confirmed 0
         302 withdrawn
         3000 stable-well",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
             300 rollback_started RolledBack blame=Artifact first sign at 20: unavailable: the process of 1.1 ended by itself (exit code 1)
             300 rollback_late Some(Stop) beyond 2 min
             301 share_confirmed 0 %
             302 withdrawn
             302 rollback_step_done execute: users were back after 1 s, the new version is withdrawn
            3000 rollback_step_done verify: stable answers
            3000 rollback_late None beyond 30 min
            3000 rollback_late Some(Verify) beyond 15 min
            3000 rollback_step_done communicate: shop 1.1: users have 1.0; unavailable: the process of 1.1 ended by itself (exit code 1)
            3000 ended RolledBack
                 0 % on Absent: users have 1.0: unavailable: the process of 1.1 ended by itself (exit code 1)
        "#]],
    );
}
