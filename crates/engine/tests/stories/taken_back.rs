//! The lever took users back by itself: nobody had watched the release for too long.

use crate::plan::{opened, plan};
use crate::story::{check, check_opened};
use engine::Opened;
use expect_test::expect;

#[test]
fn the_release_waits_for_a_person_with_nobody_on_the_new_version() {
    check(
        "1 deployed
         1 confirmed 10
         10..20 good
         400 taken-back 390
         401 taken-back 390
         402 confirmed 0
         410..440 good
         450 advance",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
            400 taken_back after 5 min
            400 sight_lost lost=true: no fresh measurement
            410 sight_lost lost=false: fresh data is back
            450 TG-2002 cannot advance while the release is held; now accepted: resume, abort, roll back, supersede
                0 % on Beside: phase 1 of 3, 10 % on 1.1, soak 20 s of 30 s; waits for a person: the lever took users back by itself after 5 min without a word from control
        "#]],
    );
}

#[test]
fn a_person_lets_it_go_on_and_the_soak_goes_on_where_it_was() {
    check(
        "1 deployed
         1 confirmed 10
         10..20 good
         400 taken-back 390
         410 resume
         411 confirmed 10
         420..430 good",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
            400 taken_back after 5 min
            400 sight_lost lost=true: no fresh measurement
            410 resumed
            411 share_confirmed 10 %
            411 sight_lost lost=false: fresh data is back
            420 phase_passed 1 by Judge on 3 measurements
            420 phase_entered 2 at 50 %
                50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
}

#[test]
fn a_rollback_after_a_person_let_it_go_on_waits_until_nobody_is_on_it() {
    check(
        "1 deployed
         1 confirmed 10
         400 taken-back 390
         410 resume
         410 rollback
         412 confirmed 0
         413 withdrawn",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
            400 taken_back after 5 min
            400 sight_lost lost=true: no fresh measurement
            410 resumed
            410 rollback_started RolledBack blame=Artifact first sign at 410: by hand: why not
            412 share_confirmed 0 %
            413 withdrawn
            413 rollback_step_done execute: users were back after 2 s, the new version is withdrawn
                0 % on Absent: taking users back (step: verify): by hand: why not
        "#]],
    );
}

#[test]
fn it_may_be_taken_back_again() {
    check(
        "1 deployed
         1 confirmed 10
         400 taken-back 390
         410 resume
         411 confirmed 10
         412 taken-back 390
         900 taken-back 890",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
            400 taken_back after 5 min
            400 sight_lost lost=true: no fresh measurement
            410 resumed
            411 share_confirmed 10 %
            411 sight_lost lost=false: fresh data is back
            900 taken_back after 5 min
            900 sight_lost lost=true: no fresh measurement
                0 % on Beside: phase 1 of 3, 10 % on 1.1, soak 0 ms of 30 s; waits for a person: the lever took users back by itself after 5 min without a word from control
        "#]],
    );
}

#[test]
fn a_person_takes_it_back_for_good() {
    check(
        "1 deployed
         1 confirmed 10
         400 taken-back 390
         410 rollback: nobody watched
         411 withdrawn
         412 stable-well",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
            400 taken_back after 5 min
            400 sight_lost lost=true: no fresh measurement
            410 rollback_started RolledBack blame=Artifact first sign at 410: by hand: nobody watched
            411 withdrawn
            411 rollback_step_done execute: users were back after 0 ms, the new version is withdrawn
            412 rollback_step_done verify: stable answers
            412 rollback_step_done communicate: shop 1.1: users have 1.0; by hand: nobody watched
            412 ended RolledBack
                0 % on Absent: users have 1.0: by hand: nobody watched
        "#]],
    );
}

#[test]
fn what_everybody_had_is_not_made_stable_without_a_word() {
    check(
        "1 deployed
         1 confirmed 10
         10..30 good
         31 confirmed 50
         40..60 good
         61 confirmed 100
         70 good
         500 taken-back 490
         510..550 good
         560 resume
         561 confirmed 100
         570..600 good",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
             30 phase_passed 1 by Judge on 3 measurements
             30 phase_entered 2 at 50 %
             31 share_confirmed 50 %
             60 phase_passed 2 by Judge on 6 measurements
             60 phase_entered 3 at 100 %
             61 share_confirmed 100 %
             61 phase_passed 3 by NothingToCompare on 6 measurements
             61 watch_started
            500 taken_back after 5 min
            500 sight_lost lost=true: no fresh measurement
            510 sight_lost lost=false: fresh data is back
            560 resumed
            561 share_confirmed 100 %
            580 promotion_started
                100 % on Promoted: 1.1 is being made the stable version
        "#]],
    );
}

#[test]
fn a_newer_release_takes_the_place_of_one_that_nobody_is_on() {
    check(
        "1 deployed
         1 confirmed 10
         10..30 good
         31 confirmed 50
         40..60 good
         61 confirmed 100
         70 good
         500 taken-back 490
         510 supersede",
        &expect![[r#"
              0 deploy_started
              1 deployed
              1 phase_entered 1 at 10 %
              1 share_confirmed 10 %
             30 phase_passed 1 by Judge on 3 measurements
             30 phase_entered 2 at 50 %
             31 share_confirmed 50 %
             60 phase_passed 2 by Judge on 6 measurements
             60 phase_entered 3 at 100 %
             61 share_confirmed 100 %
             61 phase_passed 3 by NothingToCompare on 6 measurements
             61 watch_started
            500 taken_back after 5 min
            500 sight_lost lost=true: no fresh measurement
            510 rollback_started Superseded blame=None first sign at 510: superseded by r2
                0 % on Absent: taking users back (step: execute): superseded by r2
        "#]],
    );
}

#[test]
fn what_is_not_on_anybody_yet_is_not_taken_back() {
    check_opened(
        Opened { waits_for: None, ..opened(plan()) },
        "1 taken-back 0
         2 deployed
         2 confirmed 10
         3 rollback: no
         4 taken-back 4",
        &expect![[r#"
            0 deploy_started
            2 deployed
            2 phase_entered 1 at 10 %
            2 share_confirmed 10 %
            3 rollback_started RolledBack blame=Artifact first sign at 3: by hand: no
              0 % on Beside: taking users back (step: execute): by hand: no
        "#]],
    );
}
