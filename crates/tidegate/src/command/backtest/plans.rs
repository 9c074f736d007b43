//! Which rollouts of a policy there are to replay.

use crate::exit::Exit;
use crate::failure::Failure;
use backtest::to_compare;
use engine::Plan;
use policy::{Compiled, Policy, PrometheusSignal, Signal};

/// A rollout, compiled for a service.
#[derive(Clone, Debug)]
pub(super) struct Planned {
    pub(super) plan: Plan,
    pub(super) prometheus: Option<PrometheusSignal>,
}

/// The service that was named, or the only one.
pub(super) fn service(policy: &Policy, named: Option<&str>) -> Result<String, Failure> {
    let names: Vec<&str> = policy.service_names().collect();
    match (named, names.as_slice()) {
        (Some(name), names) if names.contains(&name) => Ok(name.to_owned()),
        (None, [only]) => Ok((*only).to_owned()),
        (Some(name), _) => Err(unclear(format!("the policy has no service `{name}`"), &names)),
        (None, _) => Err(unclear("the policy has several services".to_owned(), &names)),
    }
}

/// The rollouts that compare two versions, each once, in the order of their names.
pub(super) fn of(policy: &Policy, service: &str, named: Option<&str>) -> Result<Vec<Planned>, Failure> {
    let mut plans: Vec<Planned> = Vec::new();
    for channel in policy.channels().keys() {
        for kind in policy.types().keys() {
            let Compiled { plan, wiring } = policy.compile(service, channel, kind)?;
            if to_compare(&plan) && plans.iter().all(|known| known.plan.name != plan.name) {
                let prometheus = wiring.signals.into_iter().find_map(|signal| match signal {
                    Signal::Prometheus(signal) => Some(*signal),
                    Signal::Gate | Signal::Push => None,
                });
                plans.push(Planned { plan, prometheus });
            }
        }
    }
    plans.sort_by(|a, b| a.plan.name.cmp(&b.plan.name));
    let names: Vec<String> = plans.iter().map(|planned| planned.plan.name.clone()).collect();
    if let Some(name) = named {
        plans.retain(|planned| planned.plan.name == name);
    }
    if plans.is_empty() {
        let what = match named {
            Some(name) => format!("no rollout `{name}` of {service} compares two versions"),
            None => format!("no rollout of {service} compares two versions"),
        };
        let there = if names.is_empty() { "none does".to_owned() } else { format!("these do: {}", names.join(", ")) };
        return Err(Failure::new(Exit::Usage, "TG-7061", what)
            .because(there)
            .hint("name another with --rollout, or give the policy a rollout with a phase below 100 %"));
    }
    Ok(plans)
}

fn unclear(what: String, names: &[&str]) -> Failure {
    Failure::new(Exit::Usage, "TG-7060", what)
        .because(format!("its services are {}", names.join(", ")))
        .hint("name one of them with --service")
}
