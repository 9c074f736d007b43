//! A Prometheus server must count two different things, once, and soon enough to matter.

use super::Links;
use crate::definition::{Definitions, Service, SignalKind};
use crate::findings::Finding;
use crate::problem::Code;
use crate::selector::VERSION;
use crate::wiring::{PrometheusArms, PrometheusSignal};

impl Links<'_, '_, '_> {
    pub(super) fn prometheus(&mut self, definitions: &Definitions) {
        for (name, signal) in &definitions.signals {
            let SignalKind::Prometheus(wired) = signal else { continue };
            let path = format!("signals.{name}.prometheus");
            self.arms(&format!("{path}.arms"), &wired.arms);
            self.lag(&path, wired, definitions);
        }
    }

    /// Counts of two sources would be two truths about the same requests.
    pub(super) fn one_counts(&mut self, path: &str, service: &Service, definitions: &Definitions) {
        let counts = |name: &&String| {
            matches!(definitions.signals.get(*name), Some(SignalKind::Gate {} | SignalKind::Prometheus(_)))
        };
        let Some(names) = &service.signals else { return };
        let Some(first) = names.iter().find(counts) else { return };
        for (i, name) in names.iter().enumerate() {
            if name == first || !counts(&name) {
                continue;
            }
            let why = format!("`{first}` counts the requests already, and `{name}` would count them again");
            let finding = Finding::new(Code::Mismatch, "two signals count the same requests", why)
                .hint("keep the one that is nearer to users; a `push` signal may stand beside it");
            self.tell(&format!("{path}.signals[{i}]"), finding);
        }
    }

    fn arms(&mut self, path: &str, arms: &PrometheusArms) {
        let (one, other, path) = match arms {
            PrometheusArms::Label(by) => (&by.canary, &by.stable, format!("{path}.label.stable")),
            PrometheusArms::Queries(by) => {
                (&by.canary.requests, &by.stable.requests, format!("{path}.queries.stable.requests"))
            }
        };
        if one == other && !one.contains(VERSION) {
            let why = format!("both arms are `{one}`, so that each version would be compared with itself");
            let finding = Finding::new(Code::Mismatch, "both arms count the same", why)
                .hint("write `$version` where the version stands, or another value for each arm");
            self.tell(&path, finding);
        }
        if let PrometheusArms::Queries(by) = arms
            && by.canary.latency.is_some() != by.stable.latency.is_some()
        {
            let why = "one arm has `latency`, the other has none, so that there is nothing to compare";
            let finding = Finding::new(Code::Mismatch, "only one arm has response times", why)
                .hint("write `latency` for both arms, or for none");
            self.tell(&path.replace(".stable.requests", ""), finding);
        }
    }

    fn lag(&mut self, path: &str, wired: &PrometheusSignal, definitions: &Definitions) {
        let Some((rollout, stale_after)) =
            definitions.rollouts.iter().map(|(name, r)| (name, r.stale_after)).min_by_key(|(_, after)| *after)
        else {
            return;
        };
        if wired.lag < stale_after {
            return;
        }
        let why = format!(
            "samples come {} late, and in the rollout `{rollout}` they are stale after {stale_after}",
            wired.lag
        );
        let finding = Finding::new(Code::Clocks, "no measurement would ever be fresh", why)
            .hint(format!("make `lag` shorter, or `stale_after` of that rollout longer than {}", wired.lag));
        self.tell(&format!("{path}.lag"), finding);
    }
}
