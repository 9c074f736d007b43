//! Certificates on disk, looked at for as long as the gate runs.

use std::rc::Rc;
use std::time::Duration;

use tokio::time::sleep;

use super::{Gate, Hosted};

const LOOK_EVERY: Duration = Duration::from_secs(2);

impl Gate {
    /// Puts renewed certificates in force. Connections that are open keep the one that they began with.
    pub(crate) async fn watch_certificates(self: Rc<Self>) {
        while !self.is_stopping() {
            sleep(LOOK_EVERY).await;
            for (name, Hosted { service, certificate, .. }) in self.hosted.borrow_mut().iter_mut() {
                match certificate.look() {
                    Ok(false) => {}
                    Ok(true) => {
                        service.lane().secure(certificate.security());
                        tracing::info!(service = name, "another certificate is in use");
                    }
                    Err(error) => {
                        tracing::warn!(service = name, code = error.code(), %error, "the certificate before it stays in use");
                    }
                }
            }
        }
    }

    /// For every service whether the certificate on disk is in use, if there is to be one.
    pub(crate) fn certificates(&self) -> Vec<(String, bool)> {
        let hosted = self.hosted.borrow();
        hosted.iter().filter_map(|(name, hosted)| Some((name.clone(), hosted.certificate.is_current()?))).collect()
    }
}
