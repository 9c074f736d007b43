//! The forecasts of a whole policy: for every service, channel and rollout that a release may take there.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::forecast::{
    PhaseForecast, Standing, TOO_LITTLE, Traffic, TrafficSource, forecast, lines, origin, unplanned,
};
use crate::out::Out;
use crate::visible::visible;
use engine::{Plan, PlanError, Share};
use policy::Policy;
use serde_json::{Value, json};

/// What is known of a service in a channel.
pub(super) enum Planned {
    /// Its traffic, and what its rollouts can decide.
    Forecast { service: String, channel: String, traffic: Traffic, rollouts: Vec<(String, Vec<PhaseForecast>)> },
    /// What to do to know it.
    Unknown { service: String, channel: String, missing: String },
}

/// Everything that releases by this policy may follow.
pub(super) fn planned(policy: &Policy, source: &TrafficSource) -> Result<Vec<Planned>, Failure> {
    let mut planned = Vec::new();
    for service in policy.service_names() {
        for channel in policy.channels().keys() {
            let plans = plans(policy, service, channel)?;
            // Where everybody is moved at once there is nothing to compare.
            if let Some((_, first)) = plans.first() {
                let measured = first.measured;
                planned.push(planned_for(policy, source, (service, channel), measured, plans)?);
            }
        }
    }
    Ok(planned)
}

fn planned_for(
    policy: &Policy,
    source: &TrafficSource,
    (service, channel): (&str, &str),
    measured: bool,
    plans: Vec<(String, Plan)>,
) -> Result<Planned, Failure> {
    let unknown = |missing: String| Planned::Unknown { service: service.into(), channel: channel.into(), missing };
    if !measured {
        return Ok(unknown(format!(
            "no signal counts the requests of {service} in {channel}, so that the judge passes no phase; name one under `services.{service}.signals`"
        )));
    }
    let Some(traffic) = source.of(policy, service, channel) else {
        return Ok(unknown(source.missing(service, channel)));
    };
    let forecasts = plans.into_iter().map(|(name, plan)| Ok((name, forecast(&plan, &traffic)?)));
    let rollouts = forecasts.collect::<Result<_, PlanError>>().map_err(|error| {
        Failure::new(Exit::Failed, "TG-1041", "a rollout cannot be followed").because(error.to_string())
    })?;
    Ok(Planned::Forecast { service: service.into(), channel: channel.into(), traffic, rollouts })
}

/// The plans that releases of a service to a channel may follow, each once, without those that compare nothing.
fn plans(policy: &Policy, service: &str, channel: &str) -> Result<Vec<(String, Plan)>, Failure> {
    let mut plans: Vec<(String, Plan)> = Vec::new();
    for release_type in policy.types().keys() {
        let plan = policy.compile(service, channel, release_type)?.plan;
        let compares = plan.phases.iter().any(|phase| phase.share != Share::ALL);
        if compares && plans.iter().all(|(known, _)| *known != plan.name) {
            plans.push((plan.name.clone(), plan));
        }
    }
    Ok(plans)
}

/// For people, after the summary.
pub(super) fn print(planned: &[Planned], out: &Out) -> Result<(), Failure> {
    let paint = out.paint();
    let mut told: Vec<&str> = Vec::new();
    for planned in planned {
        match planned {
            // One key tells for all channels.
            Planned::Unknown { missing, .. } if told.contains(&missing.as_str()) => {}
            Planned::Unknown { missing, .. } => {
                told.push(missing);
                out.line(&unplanned(&visible(missing), paint))?;
            }
            Planned::Forecast { service, channel, traffic, rollouts } => {
                for (rollout, phases) in rollouts {
                    let name = paint.bold(&visible(&format!("{service} in {channel}, {rollout}")));
                    out.line(&format!("{name} at {}", origin(traffic)))?;
                    for line in phases.iter().flat_map(|phase| lines(phase, traffic, paint)) {
                        out.line(&format!("  {line}"))?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// For programs: `forecasts`, `warnings` and what is not known.
pub(super) fn add_to(value: &mut Value, planned: &[Planned]) {
    let (mut forecasts, mut warnings, mut unknown) = (Vec::new(), Vec::new(), Vec::new());
    for planned in planned {
        match planned {
            Planned::Unknown { service, channel, missing } => {
                unknown.push(json!({ "service": service, "channel": channel, "hint": missing }));
            }
            Planned::Forecast { service, channel, traffic, rollouts } => {
                for (rollout, phases) in rollouts {
                    warnings.extend(too_little(service, channel, rollout, phases));
                    forecasts.push(json!({
                        "service": service,
                        "channel": channel,
                        "rollout": rollout,
                        "traffic": {
                            "requests_per_s": traffic.requests,
                            "error_rate": traffic.error_rate,
                            "dispersion": traffic.dispersion,
                            "latency_known": traffic.tail.is_some(),
                            "said_by": traffic.said_by,
                        },
                        "phases": phases,
                    }));
                }
            }
        }
    }
    if let Some(fields) = value.as_object_mut() {
        fields.insert("forecasts".into(), forecasts.into());
        fields.insert("warnings".into(), warnings.into());
        fields.insert("traffic_unknown".into(), unknown.into());
    }
}

fn too_little(service: &str, channel: &str, rollout: &str, phases: &[PhaseForecast]) -> Vec<Value> {
    let mut warnings = Vec::new();
    for phase in phases {
        for metric in phase.metrics.iter().filter(|metric| metric.standing == Standing::TooLittle) {
            warnings.push(json!({
                "code": TOO_LITTLE,
                "service": service,
                "channel": channel,
                "path": format!("rollouts.{rollout}.phases[{}]", phase.phase - 1),
                "metric": metric.metric,
            }));
        }
    }
    warnings
}
