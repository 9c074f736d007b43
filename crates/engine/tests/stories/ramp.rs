//! Phases: what passes them, what holds them, what does not count.

use crate::plan::{opened, plan};
use crate::story::{check, check_opened, check_under};
use engine::{OnUndecided, Opened};
use expect_test::expect;

#[test]
fn a_good_release() {
    check(
        "1 deployed
         1 confirmed 10
         10..40 good
         40 confirmed 50
         50..80 good
         80 confirmed 100
         90..120 good
         121 promoted",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              30 phase_passed 1 by Judge on 3 measurements
              30 phase_entered 2 at 50 %
              40 share_confirmed 50 %
              70 phase_passed 2 by Judge on 7 measurements
              70 phase_entered 3 at 100 %
              80 share_confirmed 100 %
              80 phase_passed 3 by NothingToCompare on 8 measurements
              80 watch_started
             110 promotion_started
             121 completed
                 100 % on Promoted: 1.1 is live
        "#]],
    );
}

#[test]
fn nothing_counts_before_the_lever_confirms() {
    check(
        "1 deployed
         10..90 good",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
                 10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
}

#[test]
fn late_measurements_are_judged_and_add_no_soak() {
    check(
        "1 deployed
         1 confirmed 10
         10..60 late",
        &expect![[r#"
             0 deploy_started
             1 deployed
             1 phase_entered 1 at 10 %
             1 share_confirmed 10 %
            40 sight_lost lost=true: no fresh measurement
               10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s; blind: no fresh measurement
        "#]],
    );
}

#[test]
fn a_share_that_nobody_verified_adds_no_soak() {
    check(
        "1 deployed
         1 confirmed 10
         10..60 unverified",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
                 10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s
        "#]],
    );
}

#[test]
fn blindness_is_told_once_when_it_begins_and_once_when_it_ends() {
    check(
        "1 deployed
         1 confirmed 10
         10..20 good
         30..80 silent
         90..110 good",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              60 sight_lost lost=true: the signal has no data
              90 sight_lost lost=false: fresh data is back
              90 phase_passed 1 by Judge on 9 measurements
              90 phase_entered 2 at 50 %
                 50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
}

#[test]
fn a_clock_that_is_stepped_back_keeps_nobody_blind() {
    check(
        "1 deployed
         1 confirmed 10
         10 good
         20..50 silent
         30 good",
        &expect![[r#"
             0 deploy_started
             1 deployed
             1 phase_entered 1 at 10 %
             1 share_confirmed 10 %
            50 sight_lost lost=true: the signal has no data
            30 sight_lost lost=false: fresh data is back
               10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 20 s of 30 s
        "#]],
    );
}

#[test]
fn users_who_never_arrive_stop_the_soak() {
    check(
        "1 deployed
         1 confirmed 10
         10..60 astray",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              10 split_doubted doubted=true: 20 of 10000 requests went to the canary where 10 % was asked for
                 10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s; 120 of 60000 requests went to the canary where 10 % was asked for
        "#]],
    );
}

#[test]
fn an_outage_of_both_arms_is_nobodys_fault() {
    check(
        "1 deployed
         1 confirmed 10
         10..20 good
         30..90 outage
         100..150 good",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              30 soak_extended to 1 min
              50 degradation_shared began=true
             100 degradation_shared began=false
             110 phase_passed 1 by Judge on 11 measurements
             110 phase_entered 2 at 50 %
                 50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
}

#[test]
fn an_undecided_phase_is_extended_and_then_waits() {
    check(
        "1 deployed
         1 confirmed 10
         10..90 few
         91 resume
         100..140 few",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              30 soak_extended to 1 min
              60 held: undecided after 1 min in phase 1
              91 resumed
             120 held: undecided after 2 min in phase 1
                 10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 2 min 20 s of 2 min; waits for a person: undecided after 2 min in phase 1
        "#]],
    );
}

#[test]
fn an_undecided_phase_follows_its_rule() {
    for (rule, expected) in [
        (
            OnUndecided::Hold,
            expect![[r#"
                   0 deploy_started
                   1 deployed
                   1 phase_entered 1 at 10 %
                   1 share_confirmed 10 %
                  30 held: undecided after 30 s in phase 1
                     10 % on Beside: phase 1 of 3, 10 % on 1.1, soak 40 s of 30 s; waits for a person: undecided after 30 s in phase 1
            "#]],
        ),
        (
            OnUndecided::RollBack,
            expect![[r#"
                   0 deploy_started
                   1 deployed
                   1 phase_entered 1 at 10 %
                   1 share_confirmed 10 %
                  30 rollback_started RolledBack blame=None first sign at 30: undecided at the end of the phase
                     0 % on Beside: taking users back (step: execute): undecided at the end of the phase
            "#]],
        ),
        (
            OnUndecided::Advance,
            expect![[r#"
                   0 deploy_started
                   1 deployed
                   1 phase_entered 1 at 10 %
                   1 share_confirmed 10 %
                  30 phase_passed 1 by PlanDespiteRisk on 3 measurements
                  30 phase_entered 2 at 50 %
                     50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
            "#]],
        ),
    ] {
        let mut other = plan();
        other.phases[0].on_undecided = rule;
        check_under(
            other,
            "1 deployed
             1 confirmed 10
             10..40 few",
            &expected,
        );
    }
}

#[test]
fn hooks_must_succeed_before_a_phase_passes() {
    let mut other = plan();
    other.phases[0].hooks = vec!["smoke".to_string(), "journey".to_string()];
    check_under(
        other.clone(),
        "1 deployed
         1 confirmed 10
         2 hook smoke well
         10..40 good
         45 hook journey well
         46 hook journey well",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
               2 hook_finished smoke None
              45 hook_finished journey None
              45 phase_passed 1 by Judge on 4 measurements
              45 phase_entered 2 at 50 %
              46 hook_finished journey None
                 50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
    check_under(
        other,
        "1 deployed
         1 confirmed 10
         2 hook smoke 500 from /login",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
               2 hook_finished smoke Some("500 from /login")
               2 rollback_started RolledBack blame=Artifact first sign at 2: hook smoke failed: 500 from /login
                 0 % on Beside: taking users back (step: execute): hook smoke failed: 500 from /login
        "#]],
    );
}

#[test]
fn a_release_waits_for_the_one_in_front() {
    let waiting = Opened { waits_for: Some("r1".to_string()), ..opened(plan()) };
    check_opened(
        waiting,
        "1 tick
         5 deployed
         9 cleared 1.0.7
         9 cleared 1.0.8",
        &expect![[r#"
               9 way_cleared Some("1.0.7")
               9 deploy_started
                 0 % on Beside: 1.1 is being brought up
        "#]],
    );
}

#[test]
fn a_first_release_goes_to_everybody_and_has_no_watch() {
    let first = Opened { live: None, ..opened(plan()) };
    check_opened(
        first,
        "1 deployed
         2 confirmed 100
         3 rollback
         4 critical cannot pay
         10 good
         11 promoted",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 3 at 100 %
               2 share_confirmed 100 %
               2 phase_passed 3 by NothingToCompare on 0 measurements
               2 watch_started
               2 promotion_started
               3 TG-2002 cannot roll back while the release is promoting; wait; nothing can be commanded now
               4 TG-2004 this is the first release of shop: there is no version to go back to; abort the release instead; that withdraws the version
              11 completed
                 100 % on Promoted: 1.1 is live
        "#]],
    );
}

#[test]
fn a_doubt_about_the_split_of_a_phase_ends_with_it() {
    check(
        "1 deployed
         1 confirmed 10
         10..20 astray
         21 advance: the counter is wrong
         22 confirmed 50
         23 tick",
        &expect![[r#"
             0 deploy_started
             1 deployed
             1 phase_entered 1 at 10 %
             1 share_confirmed 10 %
            10 split_doubted doubted=true: 20 of 10000 requests went to the canary where 10 % was asked for
            21 phase_passed 1 by Person { reason: "the counter is wrong" } on 2 measurements
            21 phase_entered 2 at 50 %
            22 share_confirmed 50 %
               50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s
        "#]],
    );
}
