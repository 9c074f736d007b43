//! The forecasts of a whole policy: for every service, channel and rollout that a release may take there.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::forecast::{PhaseForecast, Standing, TOO_LITTLE, Traffic, TrafficSource, forecast, lines, origin, unplanned};
use crate::out::Out;
use crate::visible::visible;
use policy::{Policy, RolloutBy};
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
        for (channel, into) in policy.channels() {
            let mut rollouts: Vec<(String, engine::Plan)> = Vec::new();
            for (kind, release_type) in policy.types() {
                let name = match &into.rollout {
                    RolloutBy::Name(name) => name,
                    RolloutBy::Type => &release_type.rollout,
                };
                if rollouts.iter().all(|(known, _)| known != name) {
                    let plan = policy.compile(service, channel, kind).map_err(Failure::from)?.plan;
                    if plan.phases.iter().any(|phase| phase.share != engine::Share::ALL) {
                        rollouts.push((name.clone(), plan));
                    }
                }
            }
            // Where everybody is moved at once there is nothing to compare.
            if rollouts.is_empty() {
                continue;
            }
            let (service, channel) = (service.to_owned(), channel.clone());
            planned.push(match source.of(policy, &service, &channel) {
                None => Planned::Unknown { missing: source.missing(&service, &channel), service, channel },
                Some(traffic) => {
                    let forecasts = rollouts.into_iter().map(|(name, plan)| Ok((name, forecast(&plan, &traffic)?)));
                    let rollouts = forecasts.collect::<Result<_, engine::PlanError>>().map_err(|error| {
                        Failure::new(Exit::Failed, "TG-1041", "a rollout cannot be followed").because(error.to_string())
                    })?;
                    Planned::Forecast { service, channel, traffic, rollouts }
                }
            });
        }
    }
    Ok(planned)
}

/// For people, after the summary.
pub(super) fn print(planned: &[Planned], out: &Out) -> Result<(), Failure> {
    let paint = out.paint();
    let mut told: Vec<&str> = Vec::new();
    for planned in planned {
        match planned {
            // The same key would tell for all channels.
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
