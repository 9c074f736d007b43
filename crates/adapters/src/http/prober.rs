//! Asks both versions at the URLs that the policy names.

use super::{Url, get};
use control::ports::{BoxFuture, Order, PortResult, Prober, Seen};
use engine::Millis;
use policy::Probe;

/// Two URLs as a prober. It asks as often as control looks.
#[derive(Debug)]
pub(crate) struct HttpProber {
    canary: Url,
    stable: Url,
    timeout: Millis,
}

impl HttpProber {
    /// A prober of the URLs in `probe`.
    ///
    /// # Errors
    /// `TG-5030`, `TG-5031`: a URL that cannot be asked.
    pub(crate) fn new(probe: &Probe) -> PortResult<Self> {
        Ok(Self { canary: Url::read(&probe.canary)?, stable: Url::read(&probe.stable)?, timeout: probe.timeout })
    }

    async fn well(&self, url: &Url) -> Result<(), String> {
        let answer = get(url, self.timeout).await.map_err(|error| format!("{}: {}", error.code, error.message))?;
        // The gate's own rule for health paths.
        if answer.status.as_u16() < 400 { Ok(()) } else { Err(format!("{url} answered {}", answer.status)) }
    }
}

impl Prober for HttpProber {
    fn probe<'a>(&'a self, order: &'a Order) -> BoxFuture<'a, Option<Seen>> {
        Box::pin(async move {
            // Side by side, so that trouble of the moment meets both.
            let (canary, stable) = tokio::join!(self.well(&self.canary), async {
                match order.stable {
                    Some(_) => Some(self.well(&self.stable).await),
                    None => None,
                }
            });
            Some(Seen { canary, stable })
        })
    }
}
