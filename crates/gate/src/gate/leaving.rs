//! Leaving everything to a program that takes the gate's place: listeners and processes go on, requests finish here.

use std::path::PathBuf;
use std::time::Duration;

use super::{End, Gate, Hosted};
use crate::error::GateError;
use crate::handover::Left;
use crate::service::Versions;

impl Gate {
    /// Asks the gate to make way for another program.
    pub(crate) fn upgrade(
        self: &std::rc::Rc<Self>,
        drain: Duration,
        program: Option<PathBuf>,
    ) -> Result<(), GateError> {
        if self.is_stopping() {
            return Err(GateError::Stopping);
        }
        if self.guest {
            return Err(GateError::NotUpgraded {
                reason: "it is a guest in the process of another program".to_owned(),
            });
        }
        // The next one serves what is on disk.
        self.saved.set(false);
        self.save()?;
        self.end_by(End::Upgrade { drain, program });
        Ok(())
    }

    /// Lets requests finish for at most `drain`, ends the workers, and says what is left to the next program. Who connects meanwhile
    /// waits. The versions must be kept until that program is there: to drop them is to stop them.
    pub(crate) async fn leave(&self, drain: Duration) -> (Left, Vec<Versions>) {
        let (mut left, mut doors, mut versions) = (Left::default(), Vec::new(), Vec::new());
        for (name, Hosted { service, ticker, .. }) in std::mem::take(&mut *self.hosted.borrow_mut()) {
            ticker.abort();
            match service.listener() {
                Some(Ok(listener)) => {
                    left.doors.insert(name, listener);
                }
                Some(Err(error)) => {
                    tracing::error!(service = name, %error, "a listener cannot be handed over; it is opened anew");
                }
                None => {}
            }
            let ended = service.end();
            doors.extend(ended.door);
            versions.push(ended.versions);
        }
        self.close(doors, drain).await;
        // Only now: a process may have ended and been started again meanwhile.
        left.processes = versions.iter().flat_map(Versions::handed).collect();
        (left, versions)
    }
}
