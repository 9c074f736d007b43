//! From a scenario and a policy to a world of the simulator.

use engine::{Millis, OnUndecided, Plan};
use policy::{Clusters, Fault, FaultKind, Policy, PortFault, Scenario, Step, Within};
use sim::{Act, Aim, Behaviour, Chance, Counts, During, Illness, Port, PortTrouble, Traffic, Trouble, Unrest};
use std::sync::Arc;

/// What is rehearsed: a service's releases of one type to one channel, under a policy.
#[derive(Clone, Debug)]
pub(crate) struct Stage {
    pub(crate) policy: Arc<Policy>,
    pub(crate) aim: Aim,
    pub(crate) plan: Plan,
}

/// What the new version is called.
pub(crate) const NEW: &str = "new";
/// What the old one is called when the policy does not say it.
pub(crate) const OLD: &str = "old";

/// How long versions take to come up.
const START: Millis = Millis(800);
/// A process that ends before it runs would not be noticed.
const RUNS: Millis = Millis::seconds(2);
/// Who is killed and started at once is away for about as long.
const AT_ONCE: Millis = Millis(700);
/// How long is waited for an end beyond the time that everything should take.
const PATIENCE: Millis = Millis::minutes(60);
/// 95 % of normal draws are below this many deviations.
const P95: f64 = 1.644_853_626_951_472_2;
/// The purpose of the chance that chooses the moments of bursts.
const BURSTS: u64 = 0x0062_7572_7374;

/// The world of a scenario under a policy, with the chance of a seed.
#[must_use]
pub(crate) fn world(scenario: &Scenario, stage: &Stage, seed: u64) -> sim::Scenario {
    let mut world = sim::Scenario::good(seed, Arc::clone(&stage.policy));
    let until = until(scenario, &stage.plan);
    world.aim = stage.aim.clone();
    world.traffic = Traffic {
        per_second: scenario.traffic.requests,
        daily_swing: scenario.traffic.daily_swing,
        by_user: false,
        pushed: false,
    };
    world.healthy = behaviour(scenario);
    world.unrest = unrest(scenario);
    world.start = START;
    world.people = vec![(Millis::ZERO, Act::open(NEW))];
    world.until = until;
    for (i, fault) in scenario.faults.iter().enumerate() {
        let mut chance = Chance::of(seed ^ BURSTS, i as u64);
        for (during, what) in troubles(fault, until, &mut chance) {
            world = world.with(during, what);
        }
    }
    world
}

fn behaviour(scenario: &Scenario) -> Behaviour {
    let baseline = &scenario.baseline;
    let clustered = baseline.clusters.map_or(0.0, |clusters| clusters.part);
    let (median_us, p95_us) = (us(baseline.median), us(baseline.p95));
    Behaviour { error_rate: baseline.error_rate * (1.0 - clustered), median_us, sigma: (p95_us / median_us).ln() / P95 }
}

#[expect(clippy::cast_precision_loss, reason = "at most a day")]
fn us(ms: Millis) -> f64 {
    ms.0 as f64 * 1_000.0
}

fn unrest(scenario: &Scenario) -> Unrest {
    let (baseline, noise) = (&scenario.baseline, &scenario.baseline.noise);
    let clusters = baseline.clusters.map(|Clusters { part, size, within }| sim::Clusters {
        more: baseline.error_rate * part,
        size,
        by_user: within == Within::Users,
    });
    Unrest {
        traffic: noise.traffic,
        errors: noise.error_rate,
        latency: noise.latency,
        each_version: noise.each_version,
        clusters,
        users: scenario.traffic.users,
    }
}

/// When even a rollout that was extended wherever it may be should be over.
fn until(scenario: &Scenario, plan: &Plan) -> Millis {
    let soaks = plan.phases.iter().map(|phase| match phase.on_undecided {
        OnUndecided::Extend { times } => phase.soak.times(u64::from(times)),
        OnUndecided::Hold | OnUndecided::RollBack | OnUndecided::Advance => phase.soak,
    });
    let ramp = soaks.fold(Millis::ZERO, |sum, soak| sum + soak);
    // While something is wrong with what measures, the clock of a phase stands still.
    let faults = scenario.faults.iter().filter_map(|fault| fault.lasting).fold(Millis::ZERO, |sum, one| sum + one);
    ramp + plan.deploy_within + plan.watch + plan.rollback.total + faults + PATIENCE
}

/// What a fault is in the simulator's words.
fn troubles(fault: &Fault, until: Millis, chance: &mut Chance) -> Vec<(During, Trouble)> {
    let to = fault.lasting.map_or(Millis(u64::MAX), |lasting| fault.at + lasting);
    let during = During { from: fault.at, to };
    let ill = |how: Illness| vec![(during, Trouble::version(NEW, how))];
    match &fault.kind {
        FaultKind::Errors { more } => ill(Illness::Errors { more: *more }),
        FaultKind::ErrorClusters { more, size, within } => {
            ill(Illness::Clusters(sim::Clusters { more: *more, size: *size, by_user: *within == Within::Users }))
        }
        FaultKind::Slower { by } => ill(Illness::Slow { factor: 1.0 + by }),
        FaultKind::SlowTail { part, by } => ill(Illness::SlowTail { part: *part, factor: 1.0 + by }),
        FaultKind::Drift { over, errors, slower } => {
            ill(Illness::Leaks { over: *over, more: *errors, factor: 1.0 + slower })
        }
        FaultKind::Hang { part, counted } => ill(Illness::Swallows { part: *part, counted: *counted }),
        FaultKind::ColdStart { slower, errors, lasts, fades } => {
            ill(Illness::Cold { more: *errors, factor: 1.0 + slower, lasts: *lasts, fades: *fades })
        }
        FaultKind::Crash => {
            let during = During { from: during.from.max(START + RUNS), ..during };
            vec![(during, Trouble::version(NEW, Illness::Dies))]
        }
        FaultKind::SharedOutage { errors, slower, probes_fail } => vec![(
            during,
            Trouble::Dependency { more_errors: *errors, slower: 1.0 + slower, probes_fail: *probes_fail },
        )],
        FaultKind::Bursts { errors, slower, every, lasts } => bursts(during, until, *every, chance)
            .into_iter()
            .map(|from| {
                let burst = Trouble::Dependency { more_errors: *errors, slower: 1.0 + slower, probes_fail: false };
                (During { from, to: from + *lasts }, burst)
            })
            .collect(),
        FaultKind::NoMetrics { of, part } => vec![(during, Trouble::Uncounted { of: counts(*of), part: *part })],
        FaultKind::CounterReset { of } => vec![(during, Trouble::CountersReset { of: counts(*of) })],
        FaultKind::Target { step, how } => {
            let port = match step {
                Step::Deploy => Port::Deploy,
                Step::Promote => Port::Promote,
                Step::Withdraw => Port::Withdraw,
            };
            vec![(during, Trouble::Port { port, how: port_trouble(*how) })]
        }
        FaultKind::Lever { how } => [Port::Shift, Port::Observe]
            .into_iter()
            .map(|port| (during, Trouble::Port { port, how: port_trouble(*how) }))
            .collect(),
        FaultKind::Hook { fails } => vec![(during, Trouble::HookFails { hook: fails.clone() })],
        FaultKind::ControlCrash => {
            let back = fault.at + fault.lasting.unwrap_or(AT_ONCE).max(AT_ONCE);
            vec![(During { from: fault.at, to: back }, Trouble::ControlKilled)]
        }
        FaultKind::FullDisk => vec![(during, Trouble::DiskFull)],
    }
}

/// Moments that have nothing to do with each other, so far apart on average.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "milliseconds of a few days, positive"
)]
fn bursts(during: During, until: Millis, every: Millis, chance: &mut Chance) -> Vec<Millis> {
    let end = during.to.min(until);
    let mut moments = Vec::new();
    let mut at = during.from;
    loop {
        at = at + Millis((-(1.0 - chance.unit()).ln() * every.0 as f64) as u64 + 1);
        if at >= end {
            return moments;
        }
        moments.push(at);
    }
}

fn counts(of: policy::Arm) -> Counts {
    match of {
        policy::Arm::Both => Counts::Both,
        policy::Arm::Stable => Counts::Stable,
        policy::Arm::Canary => Counts::Canary,
    }
}

fn port_trouble(how: PortFault) -> PortTrouble {
    match how {
        PortFault::Hangs => PortTrouble::Hangs,
        PortFault::Fails => PortTrouble::Fails,
        PortFault::Refuses => PortTrouble::Refuses,
        PortFault::LosesAnswer => PortTrouble::LosesAnswer,
        PortFault::Lies => PortTrouble::Lies,
    }
}
