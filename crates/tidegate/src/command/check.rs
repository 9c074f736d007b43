//! `tidegate check`: what is wrong with a policy, or what it means, and what its phases can decide with the traffic there is.

mod planning;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::forecast::{History, TrafficSource};
use crate::out::Out;
use crate::runtime;
use crate::serve::read_policy;
use crate::visible::{visible, visible_lines};
use policy::{Policy, RolloutBy};
use serde_json::json;
use std::path::PathBuf;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The policy
    #[arg(default_value = "tidegate.yaml")]
    file: PathBuf,
    /// Print the whole policy with everything that it takes from `standard`
    #[arg(long, conflicts_with = "from_history")]
    effective: bool,
    /// Take the traffic from what the server measured during releases, not from the policy
    #[arg(long)]
    from_history: bool,
    /// The server's data directory, for --from-history
    #[arg(long, value_name = "DIR", default_value = ".tidegate", requires = "from_history")]
    data: PathBuf,
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    let policy = match read_policy(&args.file) {
        Ok(policy) => policy,
        // Problems are the answer of this command, so they go where answers go.
        Err(Failure::Policy(problems)) => {
            if out.json() {
                out.value(&problems.to_json())?;
            } else {
                out.text(&problems.render(out.paint().on()))?;
            }
            return Ok(Exit::Failed);
        }
        Err(other) => return Err(other),
    };
    if args.effective {
        out.text(&visible_lines(policy.effective()))?;
        return Ok(Exit::Done);
    }
    let source = if args.from_history {
        TrafficSource::History(runtime::here(History::read(&args.data))?)
    } else {
        TrafficSource::Policy
    };
    let planned = planning::planned(&policy, &source)?;
    if out.json() {
        let services: Vec<_> = policy.service_names().collect();
        let mut value = json!({ "problems": [], "omitted": 0, "digest": policy.digest(), "services": services });
        planning::add_to(&mut value, &planned);
        out.value(&value)?;
    } else {
        summary(&policy, args, out)?;
        planning::print(&planned, out)?;
    }
    Ok(Exit::Done)
}

fn summary(policy: &Policy, args: &Args, out: &Out) -> Result<(), Failure> {
    let paint = out.paint();
    out.line(&format!(
        "{} {} (digest {})",
        paint.green("ok"),
        visible(&args.file.display().to_string()),
        short(policy.digest())
    ))?;
    let names: Vec<_> = policy.service_names().collect();
    out.line(&format!("services: {}", visible(&names.join(", "))))?;
    for (name, channel) in policy.channels() {
        let rollouts = match &channel.rollout {
            RolloutBy::Name(rollout) => vec![format!("always {}", described(policy, rollout))],
            RolloutBy::Type => policy
                .types()
                .iter()
                .map(|(name, kind)| format!("{name}: {}", described(policy, &kind.rollout)))
                .collect(),
        };
        out.line(&format!("{} (branch {})", paint.bold(&visible(name)), visible(&channel.branch)))?;
        for rollout in rollouts {
            out.line(&format!("  {}", visible(&rollout)))?;
        }
    }
    Ok(())
}

/// `canary (5 % 30 min, 25 % 1 h, 50 % 2 h, 100 %; watched 1 h)`
fn described(policy: &Policy, rollout: &str) -> String {
    let Some(plan) = policy.rollouts().get(rollout) else { return rollout.to_owned() };
    let phases: Vec<_> = plan
        .phases
        .iter()
        .map(|phase| match phase.soak {
            None => phase.share.to_string(),
            Some(soak) => format!("{} {soak}", phase.share),
        })
        .collect();
    format!("{rollout} ({}; watched {})", phases.join(", "), plan.watch)
}

fn short(digest: &str) -> &str {
    digest.get(..12).unwrap_or(digest)
}
