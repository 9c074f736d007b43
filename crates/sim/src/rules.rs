//! Policies for simulated releases. They are written as text and read by the same reader as everybody's, so that a
//! rollout in here follows a plan that a policy file could have asked for.

use policy::{Policy, Problems};
use std::fmt::Write as _;
use std::sync::Arc;

/// The service that is released.
pub const SERVICE: &str = "shop";
/// The channel that it goes to.
pub const CHANNEL: &str = "production";
/// The version that users have before the first release.
pub const OLD: &str = "1.0";

/// What is different from the built-in policy.
#[derive(Clone, Debug, PartialEq)]
pub struct Rules {
    /// Share in percent and soak in seconds, before the last phase with everybody.
    pub phases: Vec<(u32, u64)>,
    /// As in a policy: `hold`, `extend 3x`, `advance`, `roll back`.
    pub on_undecided: String,
    /// Run in every phase.
    pub hooks: Vec<String>,
    /// How long the old version stays warm, in seconds.
    pub watch_s: u64,
    /// How often is measured, in seconds.
    pub interval_s: u64,
    /// What counts as stale, in seconds.
    pub stale_after_s: u64,
    /// A version must be up within this time, in seconds.
    pub deploy_within_s: u64,
    /// After a change of share nothing is judged for so many seconds.
    pub warm_up_s: u64,
    /// Allowed rise of errors, in percentage points.
    pub error_points: f64,
    /// The chance of a false alarm, in percent.
    pub false_alarms_percent: f64,
    /// Whether anything counts requests.
    pub measured: bool,
    /// Whether users have a version before the first release.
    pub installed: bool,
    /// After so many seconds without a word from control the lever takes users back by itself; nothing for a lever that cannot.
    pub dead_man_s: Option<u64>,
}

impl Rules {
    /// A rollout of about a minute: two phases of a few seconds and a short watch.
    #[must_use]
    pub fn quick() -> Self {
        Self {
            phases: vec![(25, 12), (50, 12)],
            on_undecided: "extend 20x".to_string(),
            hooks: Vec::new(),
            watch_s: 5,
            interval_s: 1,
            stale_after_s: 4,
            deploy_within_s: 60,
            warm_up_s: 2,
            error_points: 2.0,
            // Thousands of seeds are run, and none may alarm by chance.
            false_alarms_percent: 0.000_001,
            measured: true,
            installed: true,
            dead_man_s: None,
        }
    }

    /// The policy that says so.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn policy(&self) -> Result<Arc<Policy>, Problems> {
        policy::read(&self.text(), "tidegate.yaml").map(Arc::new)
    }

    fn text(&self) -> String {
        let mut phases = String::new();
        for (percent, soak_s) in &self.phases {
            // Writing to a string cannot fail.
            let _ = writeln!(
                phases,
                "      - {{ share: {percent} %, soak: {soak_s} s, on_undecided: {} }}",
                self.on_undecided
            );
        }
        let hooks = self.hooks.iter().fold(String::from("hooks:\n"), |text, hook| {
            text + &format!("  {hook}: {{ command: {{ run: ./{hook} }} }}\n")
        });
        format!(
            "{head}{hooks}rollouts:
  quick:
    extends: canary
    phases:
{phases}      - {{ share: 100 % }}
    watch: {watch} s
    interval: {interval} s
    stale_after: {stale} s
    deploy_within: {deploy} s
    margins:
      error_rate: {points} points
      response_time: 30 %
      quantiles: [p50]
      harm: {{ error_rate: {points} points, response_time: 30 % }}
    judge: {{ false_alarms: {alarms} %, warm_up: {warm_up} s, horizon: 2 min, incident: 1 s }}
    triggers:
      error_rate: {{ above: 10 %, for: 6 s, window: 2 s, min_samples: 20 }}
      response_time: {{ worse_by: 100 %, quantile: p95, for: 10 s, window: 2 s, min_samples: 20 }}
types:
  feature: {{ rollout: quick }}
",
            head = service(self.measured, self.installed, &self.hooks, self.dead_man_s),
            hooks = if self.hooks.is_empty() { "" } else { &hooks },
            watch = self.watch_s,
            interval = self.interval_s,
            stale = self.stale_after_s,
            deploy = self.deploy_within_s,
            warm_up = self.warm_up_s,
            points = self.error_points,
            alarms = self.false_alarms_percent,
        )
    }
}

/// The built-in policy, as it is.
///
/// # Errors
/// What is wrong with it.
pub fn standard() -> Result<Arc<Policy>, Problems> {
    policy::read(&service(true, true, &[], None), "tidegate.yaml").map(Arc::new)
}

/// Commands and a gate that nobody runs: the ports of the simulated world stand behind every wiring. Of the levers, only the gate
/// has a dead man's switch.
fn service(measured: bool, installed: bool, hooks: &[String], dead_man_s: Option<u64>) -> String {
    let signals = if measured { "[counts]" } else { "[]" };
    let live = if installed { format!("    live: \"{OLD}\"\n") } else { String::new() };
    let hooks = hooks.join(", ");
    let (machines, router) = match dead_man_s {
        None => (
            "command: { deploy: ./up, promote: ./promote, withdraw: ./down }".to_string(),
            "command: { shift: ./shift, observe: ./observe }".to_string(),
        ),
        Some(seconds) => (
            "process: { command: ./serve }".to_string(),
            format!("gate: {{ listen: '127.0.0.1:8080', dead_man: {seconds} s }}"),
        ),
    };
    format!(
        "extends: standard
services:
  {SERVICE}:
    target: machines
    lever: router
    signals: {signals}
    hooks: [{hooks}]
{live}targets:
  machines: {{ {machines} }}
levers:
  router: {{ {router} }}
signals:
  counts: {{ push: {{}} }}
"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_compile() {
        for policy in [standard().unwrap(), Rules::quick().policy().unwrap()] {
            let compiled = policy.compile(SERVICE, CHANNEL, "feature").unwrap();
            assert_eq!(compiled.plan.check(), Ok(()));
            assert!(compiled.plan.measured);
        }
        let switched = Rules { dead_man_s: Some(30), ..Rules::quick() };
        let compiled = switched.policy().unwrap().compile(SERVICE, CHANNEL, "feature").unwrap();
        assert!(matches!(compiled.wiring.lever, policy::Lever::Gate(gate) if gate.dead_man.is_some()));
        let hooked = Rules { hooks: vec!["smoke".to_string()], ..Rules::quick() };
        let compiled = hooked.policy().unwrap().compile(SERVICE, CHANNEL, "feature").unwrap();
        assert!(compiled.plan.phases.iter().all(|phase| phase.hooks == ["smoke"]));
    }
}
