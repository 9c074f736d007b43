//! A process with everything that it starts, ended together: a shell that is killed alone leaves its `kubectl` behind, which
//! would go on moving users.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, kill_process_group};
use std::process::ExitStatus;
use std::time::Duration;
use tokio::process::Child;
use tokio::time::timeout;

/// Between the polite and the impolite signal.
const GRACE: Duration = Duration::from_secs(5);

/// A process that leads a group of its own. When it is dropped before it has ended, the group is killed.
pub(super) struct Group {
    child: Child,
    /// None once the leader was waited for: its number may be somebody else's then.
    leader: Option<Pid>,
}

impl Group {
    /// `child` must have been started as the leader of a new group.
    pub(super) fn of(child: Child) -> Self {
        let leader = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
        Self { child, leader }
    }

    /// Returns when the leader has ended. What it left in the background is left alone: starting something may be its task.
    pub(super) async fn ended(&mut self) -> std::io::Result<ExitStatus> {
        let status = self.child.wait().await?;
        self.leader = None;
        Ok(status)
    }

    /// Asks the group to end, and ends it after a while. Returns when the leader is gone.
    pub(super) async fn end(&mut self) {
        self.signal(Signal::TERM);
        let polite = timeout(GRACE, self.child.wait()).await.is_ok();
        // Also after a polite end of the leader: others may have ignored the signal, and as long as one of them is there the
        // group's number is nobody else's.
        self.signal(Signal::KILL);
        if !polite && let Err(error) = self.child.wait().await {
            tracing::warn!(%error, "a command that was killed could not be waited for");
        }
        self.leader = None;
    }

    fn signal(&self, signal: Signal) {
        let Some(leader) = self.leader else { return };
        match kill_process_group(leader, signal) {
            Ok(()) | Err(Errno::SRCH) => {}
            Err(error) => tracing::warn!(?signal, %error, "a command's processes could not be signalled"),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.signal(Signal::KILL);
    }
}
