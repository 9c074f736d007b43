//! The release process as a YAML contract: text in, a checked [`Policy`] or all of its [`Problems`] out. A policy is
//! compiled, for one service, channel and type, to the plan that the engine follows and the [`Wiring`] that control
//! acts with.
//!
//! The crate is pure. It reads no file and no environment; secrets stay references.

mod compile;
mod definition;
mod effective;
mod findings;
mod hidden;
mod links;
mod merge;
mod near;
mod policy;
mod problem;
mod read;
mod reference;
mod scenario;
mod schema;
pub mod selector;
mod shape;
mod source;
mod standard;
mod starter;
mod wiring;
mod yaml;

pub use compile::Compiled;
pub use definition::{
    Bucketing, Channel, ErrorTrigger, HarmMargins, Judge, Latency, LatencyTrigger, Margins, Phase, PhaseMargins,
    ReleaseType, Rollout, RolloutBy, Service, ServiceInChannel, Traffic, Triggers, UnavailableTrigger,
};
pub use hidden::hidden;
pub use policy::Policy;
pub use problem::{Code, Place, Problem, Problems};
pub use reference::{reference, scenario_reference};
pub use scenario::{
    Arm, Baseline, Clusters, Expectation, ExpectedCause, ExpectedVerdict, Fault, FaultKind, Noise, PortFault, Scenario,
    Step, Visitors, Within, read_scenario,
};
pub use schema::{scenario_schema, schema};
pub use standard::standard;
pub use starter::starter;
pub use wiring::{
    ArmQueries, BasicAuth, ByLabel, ByQuery, CommandHook, CommandLever, CommandTarget, EnvValue, FlagLever, GateLever,
    Hook, HttpHook, LatencySource, Lever, Port, Probe, ProcessTarget, PrometheusArms, PrometheusAuth, PrometheusSignal,
    Protocol, Signal, StickyBy, Target, Tls, Wiring,
};

use findings::Findings;
use shape::{POLICY, ROLLOUT, Shape};
use source::{Origin, Source};
use yaml::Node;

/// Reads a policy. `file` is its name in problems.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(text: &str, file: &str) -> Result<Policy, Problems> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut findings = Findings::new(Source::new(file, text), Source::new(standard::FILE, standard()));
    let defined = settled(text, &mut findings).map(|root| {
        let understood = read::policy(&root, &mut findings);
        links::check(&understood, &mut findings);
        (understood.definitions, effective::effective(&root))
    });
    match defined {
        Some((definitions, effective)) if findings.is_empty() => {
            Policy::new(definitions, effective).map_err(|problem| Problems { list: vec![problem], omitted: 0 })
        }
        Some(_) | None => Err(findings.into_problems()),
    }
}

/// The tree of the whole policy, with everything that it extends.
fn settled(text: &str, findings: &mut Findings<'_>) -> Option<Node> {
    let standard = yaml::parse(standard(), Origin::Standard, findings)?;
    let own = yaml::parse(text, Origin::User, findings)?;
    // a misspelled name is told later; until then it is taken for the only one there is, to tell no more than that
    let mut root =
        if own.get("extends").is_some() { merge::merged(&standard, own, &Shape::Record(&POLICY)) } else { own };
    let stand_in = standard.get("rollouts").and_then(|rollouts| rollouts.value.get("canary"));
    if let Some(stand_in) = stand_in {
        merge::settle_rollouts(&mut root, &ROLLOUT, &stand_in.value, findings);
    }
    Some(root)
}
