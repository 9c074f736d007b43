//! The demo's policy: the process's own plan with its times divided, and with the margins that the demo's traffic can
//! really exclude in that time. What had to give is said, in the file and on the screen.
//!
//! Excluding a rise of `d` in a service that never fails takes about `L/d` canary requests, with
//! `L = ln(1/alpha) + ln 4 = 4.4` for a pass at 5 % whose capital is split twice (see the judge's pass test). For slow-downs
//! see [`SLOWDOWNS`].

use crate::exit::Exit;
use crate::failure::Failure;
use engine::{Millis, Share};
use policy::Rollout;
use std::fmt::Write as _;
use std::path::Path;

/// The requests per second that people send: a tenth of what two cores can bear.
pub(crate) const RATE: u32 = 1_200;
/// The service's name.
pub(crate) const SERVICE: &str = "shop";

/// Shorter intervals would hold too few requests to look at.
const SHORTEST_INTERVAL: Millis = Millis(250);
/// Four intervals: fewer could be over before anything was seen.
const SHORTEST_SOAK: Millis = Millis(1_000);
/// A control plane that is killed must not look like a signal that is gone.
const SHORTEST_STALE: Millis = Millis(3_000);
/// Programs do not start faster because a plan is compressed.
const SHORTEST_DEPLOY: Millis = Millis(30_000);
/// Users, gate and both versions share the cores of one machine, perhaps with a compiler: what is slower by less than this
/// may be the machine's doing. The application's own times are longer.
const MACHINE_NOISE: Millis = Millis(40);
/// Log-wealth that a pass needs, with a third more against bad luck.
const PASS_COST: f64 = 4.4 * 1.35;
/// Slow-downs, and how many canary requests beyond the quantile it takes to exclude them. A slow-down of 10 % moves about a
/// fifth of these across the shifted level, one of 50 % more than half; twice what a pass needs, as on a busy machine times
/// have longer tails.
const SLOWDOWNS: [(f64, f64); 6] = [(0.1, 650.0), (0.15, 400.0), (0.25, 200.0), (0.5, 60.0), (1.0, 30.0), (2.0, 10.0)];
/// A quantile with fewer requests beyond it is not asked for.
const FEWEST_BEYOND: f64 = 50.0;

/// The process's plan in the demo's time.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    standard: Rollout,
    speed: f64,
    phases: Vec<Phase>,
}

/// A phase in the demo's time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Phase {
    /// Its share of users.
    pub(crate) share: Share,
    /// Its time.
    pub(crate) soak: Millis,
    /// The rise of the error rate that it can exclude, as a fraction; `None` where nothing is left to compare with.
    pub(crate) errors: Option<f64>,
    /// The slow-down that it can exclude.
    pub(crate) slower: Option<f64>,
    /// The canary requests that it will see.
    pub(crate) requests: f64,
    quantiles: Vec<u8>,
}

impl Plan {
    /// The plan at this speed.
    ///
    /// # Errors
    /// The built-in process cannot be read: a defect.
    pub(crate) fn new(speed: f64) -> Result<Self, Failure> {
        let policy = policy::read(&policy::starter(SERVICE)?, "the starter")?;
        let Some(standard) = policy.rollouts().get("canary").cloned() else {
            return Err(Failure::new(Exit::Failed, "TG-7029", "the built-in process has no canary rollout"));
        };
        let warm_up = shortened(standard.judge.warm_up, speed);
        let phases = standard
            .phases
            .iter()
            .map(|phase| {
                let soak = phase.soak.map_or(Millis::ZERO, |soak| at_least(shortened(soak, speed), SHORTEST_SOAK));
                let quantiles = phase.margins.as_ref().and_then(|margins| margins.quantiles.clone());
                let quantiles = quantiles.unwrap_or_else(|| standard.margins.quantiles.clone());
                in_demo_time(phase.share, soak, warm_up, quantiles)
            })
            .collect();
        Ok(Self { standard, speed, phases })
    }

    /// How often arms are measured.
    #[must_use]
    pub(crate) fn interval(&self) -> Millis {
        at_least(shortened(self.standard.interval, self.speed), SHORTEST_INTERVAL)
    }

    /// How long the old version is kept warm.
    #[must_use]
    pub(crate) fn watch(&self) -> Millis {
        at_least(shortened(self.standard.watch, self.speed), SHORTEST_SOAK)
    }

    /// The time from the first phase to the end of the watch, if nothing stops it.
    #[must_use]
    pub(crate) fn length(&self) -> Millis {
        self.phases.iter().fold(self.watch(), |sum, phase| sum + phase.soak)
    }

    /// How long a drifting version takes until it is twice as slow: it should look well at first.
    #[must_use]
    pub(crate) fn drift(&self) -> Millis {
        Millis(self.phases.iter().map(|phase| phase.soak.0).sum::<u64>() / 2)
    }

    /// What is different from the process, for people.
    #[must_use]
    pub(crate) fn honestly(&self) -> Vec<String> {
        let asked = self.standard.margins.error_rate;
        let mut lines = vec![format!(
            "The process's times are divided by {}. Excluding a rise of {} needs about {} canary requests;",
            self.speed,
            points(asked),
            thousands(PASS_COST / asked),
        )];
        for (i, phase) in self.phases.iter().enumerate() {
            if let (Some(errors), Some(slower)) = (phase.errors, phase.slower) {
                lines.push(format!(
                    "  phase {} ({} for {}) sees about {}: it can exclude {} of errors and {} more time at {}",
                    i + 1,
                    phase.share,
                    seconds(phase.soak),
                    thousands(phase.requests),
                    points(errors),
                    percent(slower),
                    phase.names().join(", "),
                ));
            }
        }
        lines
    }

    /// The policy file.
    #[must_use]
    pub(crate) fn policy(&self, site: &Site<'_>) -> String {
        let triggers = &self.standard.triggers;
        let window = self.interval();
        let streak = |standard: Millis, of: Millis| Millis(window.0 * (standard.0 / of.0.max(1)).max(1));
        let mut text = format!(
            "# The release process of the demo: the built-in one, {speed} times as fast.\n\
             extends: standard\n\
             \n\
             services:\n  {SERVICE}:\n    target: local\n    lever: edge\n    signals: [edge, alarms]\n\
             \n\
             targets:\n  local:\n    process:\n      # Each version finds its name in TIDEGATE_VERSION and its port in PORT.\n      \
             command: {command}\n      health: /healthz\n      health_every: 500 ms\n      start_within: 30 s\n      stop_grace: 3 s\n\
             \n\
             levers:\n  edge:\n    gate:\n      listen: 127.0.0.1:{port}\n      sticky: [{{ cookie: uid }}]\n\
             \n\
             signals:\n  edge:\n    gate: {{}}\n  alarms:\n    push: {{}}\n\
             \n\
             types:\n  feature:\n    rollout: compressed\n\
             \n\
             rollouts:\n  compressed:\n    extends: canary\n    phases:\n",
            speed = self.speed,
            command = quoted(site.command),
            port = site.port,
        );
        for phase in &self.phases {
            text.push_str(&phase.yaml());
        }
        let errors = triggers.error_rate.as_ref().map(|t| streak(t.lasting, t.window)).unwrap_or(window);
        let slower = triggers.response_time.as_ref().map(|t| streak(t.lasting, t.window)).unwrap_or(window);
        let standard = &self.standard;
        let _infallible = write!(
            text,
            "    watch: {watch}\n    interval: {interval}\n    stale_after: {stale}\n    deploy_within: {deploy}\n    \
             judge:\n      warm_up: {warm_up}\n      horizon: {horizon}\n      incident: {incident}\n      \
             # Users, gate and both versions share the cores of one machine; differences below this are its own.\n      \
             latency_floor: {noise}\n    \
             triggers:\n      error_rate:\n        for: {errors}\n        window: {window}\n        min_samples: 10\n      \
             response_time:\n        for: {slower}\n        window: {window}\n        min_samples: 10\n",
            watch = span(self.watch()),
            interval = span(self.interval()),
            stale = span(at_least(shortened(standard.stale_after, self.speed), SHORTEST_STALE)),
            deploy = span(at_least(shortened(standard.deploy_within, self.speed), SHORTEST_DEPLOY)),
            warm_up = span(shortened(standard.judge.warm_up, self.speed)),
            horizon = span(at_least(shortened(standard.judge.horizon, self.speed), Millis(1_000))),
            incident = span(at_least(shortened(standard.judge.incident, self.speed), self.interval())),
            noise = span(MACHINE_NOISE),
            errors = span(errors),
            slower = span(slower),
            window = span(window),
        );
        text
    }
}

/// Where the demo's application runs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Site<'a> {
    /// How a version is started.
    pub(crate) command: &'a str,
    /// Where people connect.
    pub(crate) port: u16,
}

impl Phase {
    fn names(&self) -> Vec<String> {
        self.quantiles.iter().map(|quantile| format!("p{quantile}")).collect()
    }

    fn yaml(&self) -> String {
        let mut text = format!("      - share: {}\n", self.share);
        if self.soak > Millis::ZERO {
            let _infallible = writeln!(text, "        soak: {}", span(self.soak));
        }
        if let (Some(errors), Some(slower)) = (self.errors, self.slower) {
            let _infallible = write!(
                text,
                "        on_undecided: extend 3x\n        # What about {} canary requests can exclude.\n        \
                 margins:\n          error_rate: {}\n          response_time: {}\n          quantiles: [{}]\n",
                thousands(self.requests),
                points(errors),
                percent(slower),
                self.names().join(", "),
            );
        }
        text
    }
}

fn in_demo_time(share: Share, soak: Millis, warm_up: Millis, quantiles: Vec<u8>) -> Phase {
    let requests = f64::from(RATE) * share.fraction() * seconds_f(soak - warm_up);
    let compared = share < Share::ALL;
    let beyond = |quantile: u8| requests * (1.0 - f64::from(quantile) / 100.0);
    let mut judged: Vec<u8> = quantiles.into_iter().filter(|q| beyond(*q) >= FEWEST_BEYOND).collect();
    if judged.is_empty() {
        judged.push(50);
    }
    let fewest = judged.iter().map(|q| beyond(*q)).fold(f64::INFINITY, f64::min);
    let slower = SLOWDOWNS.into_iter().find(|(_, needed)| fewest >= *needed).map_or(3.0, |(margin, _)| margin);
    // Whole tenths of a point, upwards.
    let errors = (PASS_COST / requests.max(1.0) * 1_000.0).ceil() / 1_000.0;
    Phase {
        share,
        soak,
        errors: compared.then_some(errors.min(0.5)),
        slower: compared.then_some(slower),
        requests,
        quantiles: judged,
    }
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "spans of hours in milliseconds, speeds above 0"
)]
fn shortened(time: Millis, speed: f64) -> Millis {
    // Whole hundredths of a second are easier to read.
    Millis(((time.0 as f64 / speed / 10.0).round() * 10.0) as u64)
}

fn at_least(time: Millis, least: Millis) -> Millis {
    time.max(least)
}

#[expect(clippy::cast_precision_loss, reason = "spans of minutes in milliseconds")]
fn seconds_f(time: Millis) -> f64 {
    time.0 as f64 / 1_000.0
}

/// As the policy writes it, exactly.
fn span(time: Millis) -> String {
    if time.0 >= 1_000 { format!("{} s", seconds_f(time)) } else { format!("{} ms", time.0) }
}

/// As people read it.
fn seconds(time: Millis) -> String {
    format!("{:.1} s", seconds_f(time))
}

fn points(fraction: f64) -> String {
    format!("{} points", (fraction * 1_000.0).round() / 10.0)
}

fn percent(fraction: f64) -> String {
    format!("{} %", (fraction * 100.0).round())
}

fn thousands(count: f64) -> String {
    let digits = format!("{:.0}", count.max(0.0));
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A text as a YAML scalar in single quotes.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// A path as one word of a shell.
#[must_use]
pub(crate) fn shell_word(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SITE: Site<'_> = Site { command: "exec '/opt/it''s/tidegate' demo-app", port: 8080 };

    #[test]
    fn the_policy_is_one_at_any_speed() {
        for speed in [1.0, 60.0, 300.0, 1_000.0, 5_000.0] {
            let plan = Plan::new(speed).unwrap();
            let text = plan.policy(&SITE);
            let policy = policy::read(&text, "demo.yaml").unwrap_or_else(|problems| panic!("{problems}\n{text}"));
            let compiled = policy.compile(SERVICE, "production", "feature").unwrap();
            compiled.plan.check().unwrap();
            assert_eq!(compiled.plan.phases.len(), 4);
            assert_eq!(compiled.plan.interval, plan.interval());
            assert_eq!(compiled.plan.judge.harm.error_rate.to_bits(), 0.001_f64.to_bits(), "harm is the process's");
        }
    }

    #[test]
    fn more_traffic_excludes_more() {
        let plan = Plan::new(300.0).unwrap();
        let errors: Vec<_> = plan.phases.iter().filter_map(|phase| phase.errors).collect();
        assert!(errors.is_sorted_by(|a, b| a > b), "{errors:?}");
        assert_eq!(errors.len(), 3, "with everybody moved there is nobody to compare with");
    }

    #[test]
    fn the_times_are_the_process_s_times() {
        let plan = Plan::new(300.0).unwrap();
        let soaks: Vec<_> = plan.phases.iter().map(|phase| phase.soak.0).collect();
        assert_eq!(soaks, [6_000, 12_000, 24_000, 0]);
        assert_eq!(plan.watch(), Millis(12_000));
    }
}
