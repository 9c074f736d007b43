//! Ports that fail, hang, lie and answer late.

use crate::told::{at_ms, count, kinds, line, live, quick, story, under};
use engine::{Millis, Share};
use sim::{Act, During, Illness, Port, PortTrouble, Rules, Trouble};

fn port(port: Port, how: PortTrouble) -> Trouble {
    Trouble::Port { port, how }
}

#[test]
fn a_deployment_is_tried_again_while_that_can_help() {
    let outcome = live(&quick(1).with(During::seconds(0, 20), port(Port::Deploy, PortTrouble::Fails)));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert!(at_ms(&outcome, "deployed") > 20_000);
}

#[test]
fn a_deployment_that_cannot_succeed_ends_the_release_without_blame() {
    let again = quick(1)
        .with(During::seconds(0, 20), port(Port::Deploy, PortTrouble::Refuses))
        .then(Millis::seconds(60), Act::open("1.1"));
    let outcome = live(&again);
    assert_eq!(outcome.words(), ["aborted", "completed"], "{}", story(&outcome));
    assert_eq!(outcome.shares.first().unwrap().1, Share::percent(25));
}

#[test]
fn a_deployment_that_hangs_ends_in_its_time() {
    let outcome = live(&quick(1).with(During::seconds(0, 300), port(Port::Deploy, PortTrouble::Hangs)));
    assert_eq!(outcome.word(), "aborted", "{}", story(&outcome));
    assert!(line(&outcome, "rollback_started").contains("not up and healthy within 60 s"));
    assert!((60_000..62_000).contains(&at_ms(&outcome, "rollback_started")), "{}", story(&outcome));
}

#[test]
fn a_deployment_that_fails_again_and_again_ends_in_its_time() {
    let outcome = live(&quick(1).with(During::seconds(0, 3_000), port(Port::Deploy, PortTrouble::Fails)));
    assert_eq!(outcome.word(), "aborted", "{}", story(&outcome));
    let told = line(&outcome, "rollback_started");
    assert!(
        told.contains("not up and healthy within 60 s; the last try: the simulated world does not do it"),
        "{told}"
    );
    assert!((55_000..72_000).contains(&at_ms(&outcome, "rollback_started")), "{}", story(&outcome));
}

#[test]
fn a_control_that_restarts_gives_a_deployment_no_more_time() {
    for how in [PortTrouble::Fails, PortTrouble::Hangs] {
        let mut scenario = quick(1).with(During::seconds(0, 3_000), port(Port::Deploy, how));
        scenario.crashes = (1..60).map(|life| life * 25).collect();
        let outcome = live(&scenario);
        assert_eq!(outcome.word(), "aborted", "{}", story(&outcome));
        assert!((55_000..100_000).contains(&at_ms(&outcome, "rollback_started")), "{how:?}\n{}", story(&outcome));
    }
}

#[test]
fn a_version_that_came_up_while_nobody_drove_it_is_not_late() {
    let mut during_deployment = 0;
    for crash in 4..24 {
        let mut scenario = quick(1);
        scenario.crashes = vec![crash];
        scenario.restart_after = Millis::minutes(5);
        let outcome = live(&scenario);
        assert_eq!(outcome.word(), "completed", "{crash}\n{}", story(&outcome));
        let started_before = at_ms(&outcome, "deploy_started") < 1_000;
        during_deployment += usize::from(started_before && at_ms(&outcome, "deployed") > 300_000);
    }
    assert!(during_deployment > 0);
}

#[test]
fn a_deployment_that_hangs_can_be_aborted_at_once() {
    let abort = Act::Say(engine::Command::Abort { reason: "no time".to_string() });
    let scenario =
        quick(1).with(During::seconds(0, 300), port(Port::Deploy, PortTrouble::Hangs)).then(Millis::seconds(9), abort);
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "aborted", "{}", story(&outcome));
    assert!(at_ms(&outcome, "ended") < 10_000, "{}", story(&outcome));
}

#[test]
fn a_hook_that_fails_takes_users_back() {
    let rules = Rules { hooks: vec!["smoke".to_string(), "journey".to_string()], ..Rules::quick() };
    let outcome = live(&under(1, &rules));
    assert_eq!((outcome.word(), count(&outcome, "hook_finished")), ("completed", 6), "{}", story(&outcome));
    let fails = Trouble::HookFails { hook: "journey".to_string() };
    let outcome = live(&under(1, &rules).with(During::from_second(12), fails));
    assert_eq!(outcome.word(), "rolled_back", "{}", story(&outcome));
    assert!(line(&outcome, "rollback_started").contains("hook journey failed"));
}

#[test]
fn a_hook_that_hangs_fails_in_its_time() {
    let rules = Rules { hooks: vec!["smoke".to_string()], ..Rules::quick() };
    let outcome = live(&under(1, &rules).with(During::from_second(0), port(Port::Hook, PortTrouble::Hangs)));
    assert_eq!(outcome.word(), "rolled_back", "{}", story(&outcome));
    assert!(line(&outcome, "rollback_started").contains("hook smoke failed: no end within"), "{}", story(&outcome));
}

#[test]
fn a_lever_that_does_not_confirm_holds_the_phase() {
    for how in [PortTrouble::Fails, PortTrouble::Refuses] {
        let outcome = live(&quick(1).with(During::seconds(0, 30), port(Port::Shift, how)));
        assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
        assert!(at_ms(&outcome, "share_confirmed") >= 30_000, "{}", story(&outcome));
    }
}

#[test]
fn a_lever_whose_answers_are_lost_is_asked_again() {
    let outcome = live(&quick(1).with(During::seconds(0, 30), port(Port::Shift, PortTrouble::LosesAnswer)));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(outcome.shares.len(), 3);
}

#[test]
fn a_rollback_is_tried_until_the_lever_confirms_and_shouts_meanwhile() {
    for how in [PortTrouble::Fails, PortTrouble::Refuses] {
        let scenario = quick(1)
            .with(During::from_second(8), Trouble::version("1.1", Illness::Dies))
            .with(During::seconds(8, 3_000), port(Port::Shift, how));
        let outcome = live(&scenario);
        assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
        assert_eq!(count(&outcome, "rollback_late"), 2, "{}", story(&outcome));
        let (_, back) = outcome.rollback.unwrap();
        assert!(back.is_some_and(|back| back <= Millis(3_001_100)), "{back:?}");
    }
}

#[test]
fn a_lever_that_hangs_does_not_hold_a_rollback_for_ever() {
    let scenario = quick(1)
        .with(During::from_second(8), Trouble::version("1.1", Illness::Dies))
        .with(During::seconds(8, 30), port(Port::Shift, PortTrouble::Hangs));
    let outcome = live(&scenario);
    assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
    assert!(at_ms(&outcome, "ended") < 120_000, "{}", story(&outcome));
}

#[test]
fn a_promotion_and_a_withdrawal_that_fail_are_tried_again() {
    for how in [PortTrouble::Fails, PortTrouble::LosesAnswer] {
        let outcome = live(&quick(1).with(During::seconds(0, 60), port(Port::Promote, how)));
        assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
        assert!(at_ms(&outcome, "completed") >= 60_000);
        let scenario = quick(1)
            .with(During::from_second(8), Trouble::version("1.1", Illness::Dies))
            .with(During::seconds(0, 60), port(Port::Withdraw, how));
        let outcome = live(&scenario);
        assert_eq!(outcome.word(), "rolled_back", "{}", story(&outcome));
        let kinds = kinds(&outcome);
        let place = |kind: &str| kinds.iter().position(|one| one == kind).unwrap();
        assert!(place("withdrawn") > place("share_confirmed"));
    }
}

#[test]
fn probes_and_levers_that_cannot_be_asked_blame_nobody() {
    for dark in [Port::Probe, Port::Observe] {
        for how in [PortTrouble::Fails, PortTrouble::Hangs, PortTrouble::Slow(800)] {
            let outcome = live(&quick(4).with(During::seconds(5, 40), port(dark, how)));
            assert_eq!(outcome.word(), "completed", "{dark:?} {how:?}\n{}", story(&outcome));
        }
    }
}
