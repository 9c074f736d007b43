//! What people may say, and when.

use crate::plan::{opened, plan};
use crate::story::{check, check_opened};
use engine::Opened;
use expect_test::expect;

#[test]
fn a_pause_stops_the_soak() {
    check(
        "1 deployed
         1 confirmed 10
         10 good
         11 pause: lunch
         12 pause
         20..60 good
         61 resume
         62 resume
         70..80 good",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
              11 paused: lunch
              12 TG-2002 cannot pause while the release is paused; now accepted: resume, advance, abort, roll back, supersede
              61 resumed
              62 TG-2002 cannot resume while the release is ramping; now accepted: pause, advance, abort, roll back, supersede
              80 phase_passed 1 by Judge on 8 measurements
              80 phase_entered 2 at 50 %
                 50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
}

#[test]
fn an_advance_needs_a_reason_and_names_the_person() {
    check(
        "1 advance
         2 deployed
         2 confirmed 10
         3 advance: -
         4 advance: the fix is urgent",
        &expect![[r#"
               0 deploy_started
               1 TG-2002 cannot advance while the release is deploying; now accepted: abort, supersede
               2 deployed
               2 phase_entered 1 at 10 %
               2 share_confirmed 10 %
               3 TG-2003 advance needs a reason; say why with --reason; the journal keeps it
               4 phase_passed 1 by Person { reason: "the fix is urgent" } on 0 measurements
               4 phase_entered 2 at 50 %
                 50 % on Beside: phase 2 of 3, 50 % on 1.1, soak 0 ms of 30 s; the lever has not confirmed the share yet
        "#]],
    );
}

#[test]
fn before_anybody_is_moved_a_release_can_only_be_aborted() {
    let waiting = Opened { waits_for: Some("r0".to_string()), ..opened(plan()) };
    check_opened(
        waiting,
        "1 rollback
         2 pause
         3 abort: wrong branch
         4 abort",
        &expect![[r#"
               1 TG-2002 cannot roll back while the release is opened; now accepted: abort, supersede
               2 TG-2002 cannot pause while the release is opened; now accepted: abort, supersede
               3 rollback_started Aborted blame=None first sign at 3: by hand: wrong branch
               3 rollback_step_done execute: users were back after 0 ms, the new version is withdrawn
               3 rollback_step_done verify: nothing had been deployed
               3 rollback_step_done communicate: shop 1.1: users have 1.0; by hand: wrong branch
               3 ended Aborted
               4 TG-2001 cannot abort: the release is aborted; open a new release
                 0 % on Untouched: users have 1.0: by hand: wrong branch
        "#]],
    );
    check(
        "1 rollback
         2 pause
         3 abort: wrong branch
         4 abort
         5 confirmed 0
         6 withdrawn
         7 stable-well
         8 abort",
        &expect![[r#"
               0 deploy_started
               1 TG-2002 cannot roll back while the release is deploying; now accepted: abort, supersede
               2 TG-2002 cannot pause while the release is deploying; now accepted: abort, supersede
               3 rollback_started Aborted blame=None first sign at 3: by hand: wrong branch
               4 TG-2002 cannot abort while the release is rolling_back; wait; nothing can be commanded now
               5 share_confirmed 0 %
               6 withdrawn
               6 rollback_step_done execute: users were back after 2 s, the new version is withdrawn
               7 rollback_step_done verify: stable answers
               7 rollback_step_done communicate: shop 1.1: users have 1.0; by hand: wrong branch
               7 ended Aborted
               8 TG-2001 cannot abort: the release is aborted; open a new release
                 0 % on Absent: users have 1.0: by hand: wrong branch
        "#]],
    );
}

#[test]
fn a_newer_release_takes_the_place() {
    check(
        "1 deployed
         1 confirmed 10
         2 supersede
         3 supersede
         3 confirmed 0
         4 withdrawn
         5 stable-well",
        &expect![[r#"
               0 deploy_started
               1 deployed
               1 phase_entered 1 at 10 %
               1 share_confirmed 10 %
               2 rollback_started Superseded blame=None first sign at 2: superseded by r2
               3 TG-2002 cannot supersede while the release is rolling_back; wait; nothing can be commanded now
               3 share_confirmed 0 %
               4 withdrawn
               4 rollback_step_done execute: users were back after 1 s, the new version is withdrawn
               5 rollback_step_done verify: stable answers
               5 rollback_step_done communicate: shop 1.1: users have 1.0; superseded by r2
               5 ended Superseded
                 0 % on Absent: users have 1.0: superseded by r2
        "#]],
    );
}

#[test]
fn in_the_watch_a_newer_release_starts_from_this_one() {
    check(
        "1 deployed
         1 confirmed 10
         2 advance
         2 confirmed 50
         3 advance
         3 confirmed 100
         4 supersede
         5 rollback
         6 promoted",
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
               4 promotion_started
               5 rollback_started RolledBack blame=Artifact first sign at 5: by hand: why not
                 0 % on Beside: taking users back (step: execute): by hand: why not
        "#]],
    );
}

#[test]
fn the_watch_can_be_paused_and_cut_short() {
    check(
        "1 deployed
         1 confirmed 10
         2 advance
         2 confirmed 50
         3 advance
         3 confirmed 100
         4 pause
         10..80 good
         81 resume
         90 good
         91 advance: all is well",
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
               4 paused: why not
              81 resumed
              91 promotion_started
                 100 % on Promoted: 1.1 is being made the stable version
        "#]],
    );
}

#[test]
fn a_release_that_waited_for_hours_is_not_late_when_it_is_aborted() {
    let waiting = Opened { waits_for: Some("r0".to_string()), ..opened(plan()) };
    check_opened(
        waiting,
        "9000 abort: not needed any more",
        &expect![[r#"
            9000 rollback_started Aborted blame=None first sign at 9000: by hand: not needed any more
            9000 rollback_step_done execute: users were back after 0 ms, the new version is withdrawn
            9000 rollback_step_done verify: nothing had been deployed
            9000 rollback_step_done communicate: shop 1.1: users have 1.0; by hand: not needed any more
            9000 ended Aborted
                 0 % on Untouched: users have 1.0: by hand: not needed any more
        "#]],
    );
}

#[test]
fn an_advance_that_names_its_phase_is_followed_once() {
    check(
        "1 advance 1: too early
         2 deployed
         2 confirmed 10
         3 advance 1: the fix is urgent
         4 advance 1: the fix is urgent
         5 confirmed 50
         6 advance
         7 advance 3: all is well
         7 advance
         8 confirmed 100
         9 advance 3: all is well
         10 rollback
         11 confirmed 0
         12 advance 3: all is well",
        &expect![[r#"
             0 deploy_started
             1 TG-2002 cannot advance while the release is deploying; now accepted: abort, supersede
             2 deployed
             2 phase_entered 1 at 10 %
             2 share_confirmed 10 %
             3 phase_passed 1 by Person { reason: "the fix is urgent" } on 0 measurements
             3 phase_entered 2 at 50 %
             4 TG-2005 cannot advance phase 1: the release is in phase 2; nothing was changed; look at the release, and say it again if you still mean it
             5 share_confirmed 50 %
             6 phase_passed 2 by Person { reason: "why not" } on 0 measurements
             6 phase_entered 3 at 100 %
             7 phase_passed 3 by Person { reason: "all is well" } on 0 measurements
             7 TG-2002 cannot advance while the release is ramping; now accepted: pause, abort, roll back, supersede
             8 share_confirmed 100 %
             8 watch_started
             9 TG-2005 cannot advance phase 3: the release is watching; nothing was changed; look at the release, and say it again if you still mean it
            10 rollback_started RolledBack blame=Artifact first sign at 10: by hand: why not
            11 share_confirmed 0 %
            12 TG-2005 cannot advance phase 3: the release is rolling_back; nothing was changed; look at the release, and say it again if you still mean it
               0 % on Absent: taking users back (step: execute): by hand: why not
        "#]],
    );
}
