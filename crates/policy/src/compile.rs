//! From the policy to what one release follows: which plan, with what. Everything that can be inherited (margins,
//! hooks, a channel's own wiring) is settled here, so that plan and wiring need nothing else to be understood.

use crate::definition::{Margins, Phase, Rollout, RolloutBy, Service, Traffic, Triggers};
use crate::findings::Finding;
use crate::policy::{Policy, named};
use crate::problem::{Code, Problem};
use crate::wiring::{Hook, Lever, Signal, Wiring};
use engine::{ErrorStreak, JudgePlan, LatencyStreak, Millis, Plan, Unavailable};

/// What a release follows and what it acts with.
#[derive(Clone, Debug, PartialEq)]
pub struct Compiled {
    /// Phases, margins, triggers, clocks.
    pub plan: Plan,
    /// Target, lever, signals, probe, hooks.
    pub wiring: Wiring,
}

impl Policy {
    /// The plan and the wiring for a release of `service` to `channel` under `release_type`.
    ///
    /// # Errors
    /// One of the three names is not in the policy (`TG-1040`), or the plan cannot be judged (`TG-1041`).
    pub fn compile(&self, service: &str, channel: &str, release_type: &str) -> Result<Compiled, Problem> {
        let defined = named(self.services(), "service", service)?;
        let into = named(self.channels(), "channel", channel)?;
        let kind = named(self.types(), "type", release_type)?;
        let rollout_name = match &into.rollout {
            RolloutBy::Type => &kind.rollout,
            RolloutBy::Name(name) => name,
        };
        let rollout = named(self.rollouts(), "rollout", rollout_name)?;
        let local = defined.local_to(channel);
        let signals = self.signals_of(&local)?;
        let plan = plan(rollout_name, rollout, &local.hooks, !signals.is_empty());
        plan.check().map_err(|error| {
            Finding::new(
                Code::Unjudgeable,
                format!("the rollout `{rollout_name}` cannot be followed"),
                error.to_string(),
            )
            .hint(format!("change `rollouts.{rollout_name}` in the policy"))
            .without_place(&format!("rollouts.{rollout_name}"))
        })?;
        let wiring = Wiring {
            service: service.to_owned(),
            channel: channel.to_owned(),
            target: named(&self.definitions.targets, "target", &local.target)?.clone(),
            lever: named(&self.definitions.levers, "lever", &local.lever)?.clone(),
            signals,
            probe: local.probe.clone(),
            hooks: self.hooks_of(&plan)?,
            live: local.live.clone(),
        };
        Ok(Compiled { plan, wiring })
    }

    fn signals_of(&self, service: &Service) -> Result<Vec<Signal>, Problem> {
        let Some(names) = &service.signals else {
            return Ok(match named(&self.definitions.levers, "lever", &service.lever)? {
                Lever::Gate(_) => vec![Signal::Gate],
                Lever::Command(_) | Lever::Flag(_) => Vec::new(),
            });
        };
        let mut signals = Vec::new();
        for name in names {
            let signal = Signal::of(named(&self.definitions.signals, "signal", name)?);
            if !signals.contains(&signal) {
                signals.push(signal);
            }
        }
        Ok(signals)
    }

    fn hooks_of(&self, plan: &Plan) -> Result<Vec<(String, Hook)>, Problem> {
        let mut hooks: Vec<(String, Hook)> = Vec::new();
        for name in plan.phases.iter().flat_map(|phase| &phase.hooks) {
            if hooks.iter().all(|(known, _)| known != name) {
                hooks.push((name.clone(), named(self.hooks(), "hook", name)?.clone()));
            }
        }
        Ok(hooks)
    }
}

impl Service {
    /// The service as it is in this channel.
    pub(crate) fn local_to(&self, channel: &str) -> Self {
        let mut local = self.clone();
        let Some(own) = self.channels.get(channel).cloned() else {
            return local;
        };
        if let Some(lever) = own.lever {
            local.lever = lever;
        }
        local.target = own.target.unwrap_or(local.target);
        local.signals = own.signals.or(local.signals);
        local.probe = own.probe.or(local.probe);
        local.hooks = own.hooks.unwrap_or(local.hooks);
        local.live = own.live.or(local.live);
        local.traffic = own.traffic.or(local.traffic);
        local
    }

    /// What the service has to do in this channel.
    #[must_use]
    pub fn traffic_in(&self, channel: &str) -> Option<&Traffic> {
        let own = self.channels.get(channel).and_then(|own| own.traffic.as_ref());
        own.or(self.traffic.as_ref())
    }
}

fn plan(name: &str, rollout: &Rollout, hooks: &[String], measured: bool) -> Plan {
    let margins = &rollout.margins;
    let harm = match &margins.harm {
        None => (margins.error_rate, margins.response_time),
        Some(harm) => (harm.error_rate, harm.response_time),
    };
    Plan {
        name: name.to_owned(),
        phases: rollout.phases.iter().map(|phase| plan_phase(phase, margins, hooks)).collect(),
        watch: rollout.watch,
        interval: rollout.interval,
        stale_after: rollout.stale_after,
        deploy_within: rollout.deploy_within,
        measured,
        judge: JudgePlan {
            alpha_harm: rollout.judge.false_alarms,
            alpha_pass: rollout.judge.wrong_passes,
            warm_up: rollout.judge.warm_up,
            horizon: rollout.judge.horizon,
            incident: rollout.judge.incident,
            latency_floor_us: rollout.judge.latency_floor.times(1_000).0,
            harm: engine::Margins { error_rate: harm.0, latency: harm.1, quantiles: margins.quantiles.clone() },
        },
        triggers: triggers(&rollout.triggers),
        rollback: rollout.rollback,
    }
}

fn plan_phase(phase: &Phase, margins: &Margins, hooks: &[String]) -> engine::Phase {
    let own = phase.margins.as_ref();
    engine::Phase {
        share: phase.share,
        soak: phase.soak.unwrap_or(Millis::ZERO),
        margins: engine::Margins {
            error_rate: own.and_then(|m| m.error_rate).unwrap_or(margins.error_rate),
            latency: own.and_then(|m| m.response_time).unwrap_or(margins.response_time),
            quantiles: own.and_then(|m| m.quantiles.as_ref()).unwrap_or(&margins.quantiles).clone(),
        },
        on_undecided: phase.on_undecided,
        hooks: phase.hooks.as_deref().unwrap_or(hooks).to_vec(),
    }
}

fn triggers(triggers: &Triggers) -> engine::Triggers {
    engine::Triggers {
        error_rate: triggers.error_rate.as_ref().map(|t| ErrorStreak {
            above: t.above,
            windows: windows(t.lasting, t.window),
            window: t.window,
            min_samples: t.min_samples,
        }),
        response_time: triggers.response_time.as_ref().map(|t| LatencyStreak {
            worse_by: t.worse_by,
            quantile: t.quantile,
            windows: windows(t.lasting, t.window),
            window: t.window,
            min_samples: t.min_samples,
        }),
        unavailable: triggers
            .unavailable
            .as_ref()
            .map(|t| Unavailable { alpha: t.false_alarms, process_exit: t.process_exit }),
        integrity: triggers.integrity,
        critical_report: triggers.critical_report,
    }
}

/// How many windows there are in a time; the checks have seen to it that it is a whole number.
fn windows(lasting: Millis, window: Millis) -> u32 {
    u32::try_from(lasting.0 / window.0.max(1)).unwrap_or(u32::MAX)
}
