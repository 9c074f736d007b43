//! What holds for any timeline: any inputs, in any order, at any moments, also backwards.

use crate::plan::{opened, plan};
use engine::{
    Command, Ending, Exit, Fact, Gap, Input, Measurement, OnUndecided, Opened, Presence, Probe, Record, Share, Stage,
    Stamp, State, Timestamp, desired, step,
};
use proptest::prelude::*;

/// Something that is told at a moment.
#[derive(Clone, Debug)]
struct Told {
    at: i64,
    what: What,
}

/// What is told. Chance alone would rarely get beyond the first phase.
#[derive(Clone, Debug)]
enum What {
    Input(Input),
    /// The world does what is desired of it, and says so.
    Done,
    /// An interval in which both arms are well, at the share that is asked for.
    Good,
}

impl Told {
    fn input(&self, state: &State) -> Input {
        let want = desired(state);
        match &self.what {
            What::Input(input) => input.clone(),
            What::Good => Input::Measured(Box::new(good(self.at, want.share))),
            What::Done => match &state.stage {
                Stage::Opened => Input::WayCleared { live: Some("1.0".to_string()) },
                Stage::Deploying => Input::Deployed,
                Stage::Promoting => Input::Promoted,
                Stage::RollingBack(rollback) if rollback.withdrawn.is_some() => {
                    Input::StableProbed { well: true, detail: "well".to_string() }
                }
                Stage::RollingBack(rollback) if rollback.users_back.is_some() => Input::Withdrawn,
                _ => Input::ShareConfirmed { share: want.share },
            },
        }
    }
}

fn good(at: i64, share: Share) -> Measurement {
    let canary = 20_000 * u64::from(share.ppm()) / 1_000_000;
    let arm = |requests: u64| {
        let mut latency = judge::Histogram::new();
        latency.add(500, requests);
        Some(judge::Arm { requests, errors: requests / 1_000, latency, ..judge::Arm::default() })
    };
    Measurement {
        cursor: "1".to_string(),
        from: Timestamp(at - 15_000),
        to: Timestamp(at),
        received_at: Timestamp(at),
        share: Some(share),
        stable: arm(20_000 - canary),
        canary: arm(canary),
        gap: None,
        probes: Vec::new(),
        exits: Vec::new(),
    }
}

fn inputs() -> impl Strategy<Value = Input> {
    let reason = || "why".to_string();
    let share = prop_oneof![Just(0u32), Just(10), Just(50), Just(100), 0..101u32].prop_map(Share::percent);
    prop_oneof![
        3 => Just(Input::Deployed),
        1 => Just(Input::DeployFailed { reason: reason() }),
        8 => share.prop_map(|share| Input::ShareConfirmed { share }),
        20 => measurements().prop_map(|m| Input::Measured(Box::new(m))),
        2 => Just(Input::Promoted),
        2 => Just(Input::Withdrawn),
        2 => any::<bool>().prop_map(|well| Input::StableProbed { well, detail: "seen".to_string() }),
        1 => Just(Input::IntegrityAlarm { detail: reason() }),
        1 => Just(Input::CriticalReport { detail: reason() }),
        1 => Just(Input::WayCleared { live: Some("1.0".to_string()) }),
        2 => Just(Input::Tick),
        2 => (0..3usize, any::<bool>()).prop_map(|(phase, well)| Input::HookFinished {
            phase,
            hook: "smoke".to_string(),
            outcome: if well { Ok(()) } else { Err("no".to_string()) },
        }),
        2 => Just(Input::Command(Command::Pause { reason: reason() })),
        3 => Just(Input::Command(Command::Resume)),
        3 => Just(Input::Command(Command::Advance { reason: reason(), phase: None })),
        1 => Just(Input::Command(Command::Abort { reason: reason() })),
        1 => Just(Input::Command(Command::RollBack { reason: reason() })),
        1 => Just(Input::Command(Command::Supersede { by: "r2".to_string() })),
    ]
}

fn measurements() -> impl Strategy<Value = Measurement> {
    let arm = || {
        prop::option::weighted(0.9, (0..5_000u64, 0..60u64)).prop_map(|arm| {
            arm.map(|(requests, errors)| {
                let mut latency = judge::Histogram::new();
                latency.add(500, requests);
                judge::Arm { requests, errors, latency, ..judge::Arm::default() }
            })
        })
    };
    let share = prop::option::of(prop_oneof![Just(10u32), Just(50), Just(100)].prop_map(Share::percent));
    let probe = prop::collection::vec((any::<bool>(), prop::option::of(any::<bool>())), 0..3);
    (arm(), arm(), share, probe, -5_000..40_000i64, 0..60_000i64, prop::bool::weighted(0.03)).prop_map(
        |(stable, canary, share, probes, span, late, exited)| {
            let (from, to) = (Timestamp(1_000_000), Timestamp(1_000_000 + span));
            Measurement {
                cursor: "1".to_string(),
                from,
                to,
                received_at: Timestamp(to.0 + late),
                share,
                gap: stable.is_none().then_some(Gap::NoData),
                stable,
                canary,
                probes: probes.into_iter().map(|(canary, stable)| Probe { at: to, canary, stable }).collect(),
                exits: if exited {
                    vec![Exit { version: "1.1".to_string(), at: to, how: "signal 9".to_string() }]
                } else {
                    vec![]
                },
            }
        },
    )
}

fn timelines() -> impl Strategy<Value = Vec<Told>> {
    let what = prop_oneof![
        3 => inputs().prop_map(What::Input),
        3 => Just(What::Done),
        4 => Just(What::Good),
    ];
    // Mostly forward, now and then back.
    let told = (prop_oneof![9 => 0..12_000i64, 1 => -300_000..0i64], what);
    prop::collection::vec(told, 0..90).prop_map(|all| {
        let mut now = 1_000_000;
        let mut all: Vec<Told> = all
            .into_iter()
            .map(|(on, what)| {
                now += on;
                Told { at: now, what }
            })
            .collect();
        all.insert(0, Told { at: 1_000_000, what: What::Input(Input::Tick) });
        all
    })
}

fn openings() -> impl Strategy<Value = Opened> {
    let rule = prop_oneof![
        Just(OnUndecided::Extend { times: 2 }),
        Just(OnUndecided::Hold),
        Just(OnUndecided::RollBack),
        Just(OnUndecided::Advance)
    ];
    (any::<bool>(), any::<bool>(), prop::bool::weighted(0.8), any::<bool>(), rule).prop_map(
        |(waits, first, measured, hooked, rule)| {
            let mut plan = plan();
            plan.measured = measured;
            for phase in &mut plan.phases {
                phase.on_undecided = rule;
                phase.hooks = if hooked { vec!["smoke".to_string()] } else { vec![] };
            }
            let live = (!first).then(|| "1.0".to_string());
            Opened { waits_for: waits.then(|| "r0".to_string()), live, ..opened(plan) }
        },
    )
}

/// Tells a timeline, and looks after every step; what became true is given with the stamp it would be stored under.
fn tell(
    opened: &Opened,
    timeline: &[Told],
    mut look: impl FnMut(&State, &State, &[Fact]) -> Result<(), TestCaseError>,
) -> Result<(State, Vec<(Stamp, Fact)>), TestCaseError> {
    let mut state = State::open(&stamp(1_000_000), opened.clone()).unwrap();
    let mut stored = Vec::new();
    for told in timeline {
        let before = state.clone();
        let input = told.input(&state);
        // A measurement is told under the moment when control had it, live and in a replay.
        let at = if let Input::Measured(m) = &input { m.received_at.0 } else { told.at };
        let stamp = state.stamped(&stamp(at));
        match step(&mut state, &stamp, input) {
            Ok(facts) => {
                look(&before, &state, &facts)?;
                stored.extend(facts.into_iter().map(|fact| (stamp.clone(), fact)));
            }
            Err(_) => prop_assert_eq!(&before, &state, "a refusal changes nothing"),
        }
    }
    Ok((state, stored))
}

fn stamp(at: i64) -> Stamp {
    Stamp { at: Timestamp(at), actor: "ann".to_string() }
}

fn records(facts: &[Fact]) -> impl Iterator<Item = &Record> {
    facts.iter().filter_map(|fact| match fact {
        Fact::Record(record) => Some(record),
        Fact::Measured(_) => None,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// The fold of what is stored, through its JSON, is the state that was live.
    #[test]
    fn replay_equals_live(opened in openings(), timeline in timelines()) {
        let (live, stored) = tell(&opened, &timeline, |_, _, _| Ok(()))?;
        let mut folded = State::open(&stamp(1_000_000), opened).unwrap();
        for (stamp, fact) in &stored {
            let read = match fact {
                Fact::Record(record) => {
                    Fact::Record(serde_json::from_str(&serde_json::to_string(record).unwrap()).unwrap())
                }
                Fact::Measured(m) => {
                    Fact::Measured(Box::new(serde_json::from_str(&serde_json::to_string(m).unwrap()).unwrap()))
                }
            };
            let stamp = match &read {
                Fact::Measured(m) => Stamp { at: m.received_at, ..stamp.clone() },
                Fact::Record(_) => stamp.clone(),
            };
            folded.absorb(&stamp, &read);
        }
        prop_assert!(folded == live, "{} differs from {}", folded.headline().line, live.headline().line);
    }

    /// The share is one of the plan's, rises only when a phase passed, and is nobody from the start of a rollback on.
    #[test]
    fn the_weight_obeys_the_plan(opened in openings(), timeline in timelines()) {
        let mut going_back = false;
        tell(&opened, &timeline, |before, after, facts| {
            let (was, is) = (desired(before).share, desired(after).share);
            let planned = after.plan().phases.iter().any(|phase| phase.share == is);
            prop_assert!(planned || is == Share::NONE, "{} is not in the plan", is);
            let passed = records(facts).any(|r| matches!(r, Record::PhasePassed { .. } | Record::Deployed));
            prop_assert!(is <= was || passed, "rose from {} to {} on {:?}", was, is, facts);
            going_back |= records(facts).any(|record| matches!(record, Record::RollbackStarted { .. }));
            prop_assert!(!going_back || is == Share::NONE, "{} while users are taken back", is);
            Ok(())
        })?;
    }

    /// A phase passes by the judge only when the judge says so, with the whole soak, confirmed, hooks done, in full sight.
    #[test]
    fn a_pass_has_its_evidence(opened in openings(), timeline in timelines()) {
        tell(&opened, &timeline, |before, _, facts| {
            let mut state = before.clone();
            for fact in facts {
                if let (Fact::Record(Record::PhasePassed { by, phase, .. }), Stage::Ramping(ramp)) = (fact, &state.stage)
                    && !matches!(by, engine::PassedBy::Person { .. })
                {
                    let planned = &state.plan().phases[*phase];
                    prop_assert!(ramp.soak >= planned.soak && ramp.confirmed.is_some() && !state.blind);
                    prop_assert!(ramp.paused.is_none() && ramp.hold.is_none() && !state.degradation_shared);
                    prop_assert!(planned.hooks.iter().all(|hook| ramp.hooks_passed.contains(hook)));
                    let judged = state.judge.outcome() == judge::Outcome::Pass;
                    prop_assert!(judged || !matches!(by, engine::PassedBy::Judge));
                }
                state.absorb(&state.stamped(&stamp(0)), fact);
            }
            Ok(())
        })?;
    }

    /// Whatever happened before: an abort that was accepted ends at nobody, and what is over stays over.
    #[test]
    fn abort_absorbs(opened in openings(), timeline in timelines(), after in timelines()) {
        let (mut state, _) = tell(&opened, &timeline, |_, _, _| Ok(()))?;
        let abort = Input::Command(Command::Abort { reason: "enough".to_string() });
        if step(&mut state, &stamp(2_000_000), abort).is_err() {
            let going = matches!(state.stage, Stage::Promoting | Stage::RollingBack(_));
            prop_assert!(going || state.is_over(), "an abort was refused while {}", state.stage_word());
            return Ok(());
        }
        for told in &after {
            // Nothing that is said now can raise anything.
            let input = told.input(&state);
            let _ = step(&mut state, &stamp(2_000_000 + told.at), input);
            prop_assert_eq!(desired(&state).share, Share::NONE);
        }
        for input in [
            Input::ShareConfirmed { share: Share::NONE },
            Input::Withdrawn,
            Input::StableProbed { well: true, detail: "well".to_string() },
        ] {
            step(&mut state, &stamp(9_000_000), input).unwrap();
        }
        let aborted = matches!(&state.stage, Stage::Ended(rollback) if rollback.ending == Ending::Aborted);
        prop_assert!(aborted, "{:?}", state.stage);
        for told in after {
            let before = state.clone();
            let input = told.input(&state);
            let facts = step(&mut state, &stamp(told.at), input).unwrap_or_default();
            prop_assert!(facts.is_empty() && state == before);
        }
    }

    /// The canary is withdrawn only after the lever confirmed that nobody is on it.
    #[test]
    fn users_go_first(opened in openings(), timeline in timelines()) {
        tell(&opened, &timeline, |_, after, _| {
            if desired(after).canary == Presence::Absent {
                let nobody = after.confirmed_share.is_none_or(|(share, _)| share == Share::NONE);
                prop_assert!(nobody, "{:?}", after.confirmed_share);
            }
            Ok(())
        })?;
    }

    /// With everything that could pass a phase, and no counts, nothing passes by itself.
    #[test]
    fn the_blind_pass_nothing(timeline in timelines()) {
        let silent: Vec<Told> = timeline
            .into_iter()
            .filter(|told| !matches!(told.what, What::Input(Input::Command(_))))
            .map(|mut told| {
                match &mut told.what {
                    What::Input(Input::Measured(m)) => (m.stable, m.canary) = (None, None),
                    What::Good => told.what = What::Input(Input::Tick),
                    What::Input(_) | What::Done => {}
                }
                told
            })
            .collect();
        tell(&opened(plan()), &silent, |_, _, facts| {
            prop_assert!(records(facts).all(|record| !matches!(record, Record::PhasePassed { .. })), "{:?}", facts);
            Ok(())
        })?;
    }
}

/// The timelines above are worth something: they reach every stage.
#[test]
fn timelines_reach_every_stage() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;
    let mut runner = TestRunner::deterministic();
    let mut reached = std::collections::BTreeSet::new();
    for _ in 0..600 {
        let (opened, timeline) = (openings(), timelines()).new_tree(&mut runner).unwrap().current();
        tell(&opened, &timeline, |_, after, _| {
            reached.insert(after.stage_word());
            Ok(())
        })
        .unwrap();
    }
    let all = [
        "aborted",
        "completed",
        "deploying",
        "held",
        "opened",
        "paused",
        "promoting",
        "ramping",
        "rolled_back",
        "rolling_back",
        "superseded",
        "watching",
    ];
    assert_eq!(reached.into_iter().collect::<Vec<_>>(), all);
}
