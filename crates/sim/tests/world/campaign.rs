//! Random worlds: a few of them every time, and those that once found something for ever.

use crate::told::story;
use engine::Millis;
use sim::campaign::{Campaign, examine, shrink};
use sim::{CHANNEL, During, Illness, SERVICE, Scenario, Trouble};

/// Seeds that broke an invariant when they were first run, each with what it found.
const FOUND: [(u64, &str); 8] = [
    (16, "a look without counts claimed time from before its share was in force"),
    (503, "a hook that hung held its phase for ever"),
    (600, "an end whose answer was lost was never written"),
    (1_361, "a clock that was stepped back kept looks without counts away"),
    (1_833, "a clock that was stepped back had the same time counted again and again"),
    (2_114, "an end was shown before it was written"),
    (4_019, "after a clock was stepped back what was seen still counted as unseen"),
    (12_768, "a release whose opening was not answered had another one opened beside it"),
];

/// Hostile worlds that broke an invariant when they were first lived.
const FOUND_HOSTILE: [(u64, &str); 5] = [
    (146, "an interval without counts, from a clock that was ahead, kept out what was pushed"),
    (567, "a clock that is off for a while is noted twice where nothing counts requests"),
    (905, "counts that were all too late held a release without a word"),
    (1_600, "what was said to be brought up, and was not, is shown as a trouble of the lever"),
    (3_452, "the next silence was noted before what was pushed after the last one was over"),
];

fn lives(world: Option<Scenario>, seed: u64, about: &str) {
    let (outcome, broken) = examine(&world.unwrap()).unwrap();
    assert!(broken.is_empty(), "seed {seed} ({about})\n{}", story(&outcome));
}

#[test]
fn what_was_found_once_stays_mended() {
    let campaign = Campaign::new().unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    FOUND.into_iter().for_each(|(seed, about)| lives(campaign.plain(seed), seed, about));
    FOUND_HOSTILE.into_iter().for_each(|(seed, about)| {
        let world = campaign.scenario(seed).unwrap();
        // They were found before levers had a switch, and must be the worlds that they were.
        assert!(!switched(&world), "seed {seed}");
        lives(Some(world), seed, about);
    });
    assert!((0..250).filter_map(|seed| campaign.scenario(seed)).any(|world| switched(&world)));
}

fn switched(world: &Scenario) -> bool {
    let compiled = world.policy.compile(SERVICE, CHANNEL, "feature").unwrap();
    matches!(compiled.wiring.lever, policy::Lever::Gate(_))
}

#[test]
fn random_worlds_break_nothing() {
    let campaign = Campaign::new().unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    (0..250).for_each(|seed| lives(campaign.scenario(seed), seed, "random"));
}

#[test]
fn a_failing_world_is_shrunk_to_what_it_needs() {
    let campaign = Campaign::new().unwrap_or_else(|problems| panic!("{}", problems.render(false)));
    let busy = (0..500).find_map(|seed| campaign.scenario(seed).filter(|s| s.faults.len() > 2 && s.crashes.len() > 2));
    let mut scenario = busy.unwrap();
    let sick = Trouble::version("1.1", Illness::Dies);
    scenario.faults.insert(1, sim::Fault { during: During::from_second(8), what: sick.clone() });
    let needed = |world: &Scenario| world.until >= Millis::minutes(2) && world.faults.iter().any(|f| f.what == sick);
    let shrunk = shrink(&scenario, |world| Ok(needed(world))).unwrap();
    assert_eq!(shrunk.faults.iter().map(|fault| &fault.what).collect::<Vec<_>>(), [&sick]);
    assert_eq!((shrunk.people.len(), shrunk.crashes.len(), shrunk.replicas, shrunk.port_ms), (1, 0, 1, 0));
    assert_eq!(examine(&shrunk).unwrap().0.word(), "rolled_back");
}
