//! Two quantiles of which the higher one must be the longer.

use super::Links;
use crate::definition::{Definitions, Traffic};
use crate::findings::Finding;
use crate::problem::Code;

impl Links<'_, '_, '_> {
    pub(super) fn traffic(&mut self, definitions: &Definitions) {
        for (name, service) in &definitions.services {
            self.latency(&format!("services.{name}"), service.traffic.as_ref());
            for (channel, own) in &service.channels {
                self.latency(&format!("services.{name}.channels.{channel}"), own.traffic.as_ref());
            }
        }
    }

    fn latency(&mut self, path: &str, traffic: Option<&Traffic>) {
        let Some(latency) = traffic.and_then(|traffic| traffic.latency).filter(|latency| latency.p95 <= latency.p50)
        else {
            return;
        };
        let why = format!("half of the requests are faster than {}, and 95 of 100 than {}", latency.p50, latency.p95);
        let finding = Finding::new(Code::Clocks, "the 95th percentile is not above the median", why)
            .hint("make `p95` longer than `p50`");
        self.tell(&format!("{path}.traffic.latency.p95"), finding);
    }
}
