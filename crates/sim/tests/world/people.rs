//! People, at any time.

use crate::told::{at_ms, count, kinds, line, live, quick, story};
use engine::{Command, Millis, Share};
use sim::{Act, Chance, During, Illness, Opening, Port, PortTrouble, Trouble};

fn say(command: Command) -> Act {
    Act::Say(command)
}

fn why() -> String {
    "because".to_string()
}

fn pause() -> Act {
    say(Command::Pause { reason: why() })
}

fn supersede(version: &str) -> Act {
    Act::Open(Opening { version: version.to_string(), supersede: true, ..Opening::default() })
}

#[test]
fn a_pause_stops_the_soak_and_keeps_the_share() {
    let scenario = quick(1).then(Millis::seconds(8), pause()).then(Millis::seconds(60), say(Command::Resume));
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(outcome.shares.len(), 3);
    // 12 s of soak, of which 52 s of pause are no part.
    let passed = at_ms(&outcome, "phase_passed");
    assert!((64_000..67_000).contains(&passed), "{passed}\n{}", story(&outcome));
}

#[test]
fn an_advance_names_the_person_and_the_risk() {
    let outcome = live(&quick(1).then(Millis::seconds(4), say(Command::Advance { reason: why(), phase: None })));
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert!(line(&outcome, "phase_passed").contains("1 by Person"), "{}", story(&outcome));
    assert!(at_ms(&outcome, "phase_passed") < 4_100);
}

#[test]
fn abort_and_rollback_take_users_back_at_any_time() {
    for at in [0, 900, 1_250, 5_000, 13_300, 26_000, 29_900] {
        for (command, word) in
            [(Command::Abort { reason: why() }, "aborted"), (Command::RollBack { reason: why() }, "rolled_back")]
        {
            let outcome = live(&quick(2).then(Millis(at), say(command)));
            let told = outcome.told().pop().unwrap();
            // Nothing can be rolled back that nobody has yet; aborting is always possible.
            let deploying = word == "rolled_back" && at < 1_200;
            let end = if deploying { "completed" } else { word };
            assert_eq!(outcome.word(), end, "{at} {told}\n{}", story(&outcome));
            if !deploying {
                assert_eq!(outcome.share(), Share::NONE);
            }
        }
    }
}

#[test]
fn an_alarm_takes_users_back() {
    for act in [Act::Integrity("orders lost".to_string()), Act::Critical("cannot pay".to_string())] {
        let outcome = live(&quick(2).then(Millis::seconds(6), act));
        assert_eq!((outcome.word(), outcome.share()), ("rolled_back", Share::NONE), "{}", story(&outcome));
        assert!(at_ms(&outcome, "rollback_started") < 6_100);
    }
}

#[test]
fn a_release_under_way_stands_in_the_way_of_another() {
    let outcome = live(&quick(3).then(Millis::seconds(5), Act::open("1.2")));
    assert_eq!(outcome.told(), ["open: accepted", "open: TG-2102"]);
    assert_eq!(outcome.words(), ["completed"], "{}", story(&outcome));
}

#[test]
fn a_newer_release_supersedes_at_any_time() {
    for at in [0, 700, 1_250, 9_000, 13_250, 20_000, 26_500] {
        let outcome = live(&quick(3).then(Millis(at), supersede("1.2")));
        let watching = at > 26_000;
        let first = if watching { "completed" } else { "superseded" };
        assert_eq!(outcome.words(), [first, "completed"], "{at}\n{}", story(&outcome));
        let second = outcome.releases.values().next_back().unwrap();
        assert_eq!(second.opened.live.as_deref(), Some(if watching { "1.1" } else { "1.0" }));
    }
}

#[test]
fn a_queue_of_newer_releases_leaves_the_newest() {
    let scenario = quick(3)
        .then(Millis::seconds(5), supersede("1.2"))
        .then(Millis::seconds(6), supersede("1.3"))
        .then(Millis::seconds(7), supersede("1.4"));
    let outcome = live(&scenario);
    assert_eq!(outcome.words(), ["superseded", "superseded", "superseded", "completed"], "{}", story(&outcome));
}

#[test]
fn an_artifact_that_was_taken_back_is_in_quarantine_until_a_person_lifts_it() {
    let lifted = Act::Open(Opening {
        version: "1.1".to_string(),
        lift_quarantine: Some("the fault was ours".to_string()),
        ..Opening::default()
    });
    let scenario = quick(4)
        .with(During::seconds(8, 60), Trouble::version("1.1", Illness::Errors { more: 0.3 }))
        .then(Millis::seconds(90), Act::open("1.1"))
        .then(Millis::seconds(91), lifted);
    let outcome = live(&scenario);
    assert_eq!(outcome.told(), ["open: accepted", "open: TG-2103", "open: accepted"]);
    assert_eq!(outcome.words(), ["rolled_back", "completed"], "{}", story(&outcome));
}

#[test]
fn what_makes_no_sense_is_refused_with_a_code() {
    let refused = [
        (Millis::seconds(5), say(Command::Resume), "resume: TG-2002"),
        (Millis::seconds(5), say(Command::Advance { reason: "  ".to_string(), phase: None }), "advance: TG-2003"),
        (Millis::seconds(90), say(Command::Abort { reason: why() }), "abort: TG-2001"),
        (Millis::seconds(90), Act::open("1.1"), "open: TG-2104"),
        (Millis::seconds(90), Act::open("../etc"), "open: TG-2109"),
    ];
    for (at, act, told) in refused {
        let outcome = live(&quick(5).then(at, act));
        assert_eq!(outcome.told(), ["open: accepted", told]);
        assert_eq!(outcome.words(), ["completed"], "{}", story(&outcome));
    }
}

#[test]
fn impatient_people_break_nothing() {
    for seed in 0..60 {
        let mut chance = Chance::of(seed, 0x9e0);
        let mut scenario = quick(seed);
        for _ in 0..chance.between(1, 8) {
            let commands = [
                pause(),
                say(Command::Resume),
                say(Command::Resume),
                say(Command::Advance { reason: why(), phase: None }),
                say(Command::Abort { reason: why() }),
                say(Command::RollBack { reason: why() }),
                supersede(&format!("2.{}", chance.below(100))),
                Act::Critical(why()),
            ];
            let act = chance.one_of(&commands).unwrap().clone();
            scenario = scenario.then(Millis(chance.below(40_000)), act);
        }
        scenario.until = Millis::minutes(20);
        let outcome = live(&scenario);
        let settled = ["completed", "rolled_back", "aborted", "superseded", "paused", "held"];
        assert!(outcome.words().iter().all(|word| settled.contains(word)), "seed {seed}\n{}", story(&outcome));
    }
}

#[test]
fn a_pause_lasts_through_a_blind_time() {
    let scenario = quick(6)
        .with(During::seconds(7, 30), Trouble::Port { port: Port::Read, how: PortTrouble::Fails })
        .then(Millis::seconds(6), pause())
        .then(Millis::seconds(40), say(Command::Resume));
    let outcome = live(&scenario);
    assert_eq!(outcome.word(), "completed", "{}", story(&outcome));
    assert_eq!(count(&outcome, "sight_lost"), 2, "{:?}", kinds(&outcome));
}
