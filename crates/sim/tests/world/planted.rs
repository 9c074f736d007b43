//! The checks bite: what is put into a world on purpose is found, and shrunk to what can be read.

use crate::told::{quick, under};
use engine::Millis;
use sim::campaign::{Campaign, events, examine, uncover};
use sim::{Act, During, Planted, Port, PortTrouble, Rules, Scenario, Trouble};

fn campaign() -> Campaign {
    Campaign::new().unwrap_or_else(|problems| panic!("{}", problems.render(false)))
}

#[test]
fn what_shows_in_many_worlds_is_found_in_the_first_few() {
    let often = [
        Planted::LeverOvershoots,
        Planted::LeverRemembers,
        Planted::UsersLeftBehind,
        Planted::PassedUnseen,
        Planted::SoakCountedTwice,
        Planted::StampMoved,
        Planted::WithdrawalForgotten,
        Planted::Illegible,
        Planted::LetterChanged,
        Planted::OldPolicy,
    ];
    for bug in often {
        let found = uncover(&campaign(), bug, 100).unwrap().unwrap_or_else(|| panic!("{bug:?} was not found"));
        let size = events(&found.world) + found.entries;
        assert!(size < 40, "{bug:?} is shown by {size} events: {:?}", found.world);
    }
}

fn shows(bug: Planted, scenario: Scenario) {
    let without = examine(&scenario).unwrap().1;
    assert!(without.is_empty(), "{bug:?}: {without:?}");
    let broken = examine(&Scenario { planted: Some(bug), ..scenario }).unwrap().1;
    assert!(broken.iter().any(|broken| broken.invariant == bug.breaks()), "{bug:?}: {broken:?}");
}

#[test]
fn what_shows_rarely_is_shown_by_the_world_that_it_needs() {
    let report = Act::Critical("because".to_string());
    let full = quick(1).with(During::seconds(6, 15), Trouble::DiskFull);
    shows(Planted::WaitsForDisk, full.then(Millis::seconds(7), report.clone()));
    let silent = Trouble::Port { port: Port::Probe, how: PortTrouble::Fails };
    shows(Planted::SilenceIsIllness, quick(1).with(During::seconds(5, 20), silent));
    shows(Planted::RollbackForgotten, quick(1).then(Millis::seconds(7), report));
    shows(
        Planted::WordForgotten,
        quick(1).then(Millis::seconds(7), Act::Say(engine::Command::Pause { reason: "because".to_string() })),
    );
    shows(Planted::PromotionHangs, quick(1));
    let switched = under(1, &Rules { dead_man_s: Some(30), ..Rules::quick() });
    shows(Planted::SwitchForgotten, switched.with(During::seconds(6, 66), Trouble::Frozen { replica: 0 }));
}
