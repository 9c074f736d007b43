//! What the routes share.

use crate::flag_clock::FlagClock;
use crate::pace::Pace;
use crate::tokens::Registry;
use crate::traffic::Traffic;
use control::Control;
use flags::Bucketing;
use policy::{Policy, Problems};
use registry::Channels;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::sync::watch;
use tokio::task::AbortHandle;

/// Where the policy comes from. It is read anew for each release that is opened: an edit needs no restart.
pub trait PolicySource: Send + Sync {
    /// The policy as it is now, and the folder that its relative paths start from.
    ///
    /// # Errors
    /// It cannot be read, or it is wrong.
    fn read(&self) -> Result<(Policy, PathBuf), PolicyUnreadable>;
}

/// Why there is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PolicyUnreadable {
    /// The file cannot be read.
    File {
        /// Its name, as people gave it.
        file: String,
        /// What the operating system said.
        why: String,
    },
    /// It can, and is wrong.
    Wrong(Problems),
}

/// The server's state. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    control: Control,
    policy: Arc<dyn PolicySource>,
    tokens: Arc<Registry>,
    traffic: Traffic,
    flags: Arc<registry::Registry>,
    pace: Pace,
    stopping: watch::Sender<bool>,
    following: [AbortHandle; 2],
}

impl App {
    /// A server over `control`. It begins at once to read the tokens from the journal; until it has, every call that needs
    /// one is refused. The channels that flags can be on in are those of the policy now; a policy that cannot be read has none.
    /// Needs a tokio runtime.
    #[must_use]
    pub fn new(control: Control, policy: Arc<dyn PolicySource>) -> Self {
        let tokens = Arc::new(Registry::new(control.journal()));
        let clock = Arc::new(FlagClock(control.clone()));
        let flags = registry::Registry::new(control.journal(), clock, channels(policy.as_ref()));
        let following = [
            tokio::spawn(Arc::clone(&tokens).follow()).abort_handle(),
            tokio::spawn(Arc::clone(&flags).follow()).abort_handle(),
        ];
        let inner = Inner {
            flags,
            pace: Pace::default(),
            control,
            policy,
            tokens,
            traffic: Traffic::default(),
            stopping: watch::Sender::new(false),
            following,
        };
        Self { inner: Arc::new(inner) }
    }

    pub(crate) fn control(&self) -> &Control {
        &self.inner.control
    }

    pub(crate) fn policy(&self) -> Arc<dyn PolicySource> {
        Arc::clone(&self.inner.policy)
    }

    pub(crate) fn tokens(&self) -> &Arc<Registry> {
        &self.inner.tokens
    }

    /// The flags.
    #[must_use]
    pub fn flags(&self) -> &Arc<registry::Registry> {
        &self.inner.flags
    }

    pub(crate) fn pace(&self) -> &Pace {
        &self.inner.pace
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.inner.traffic
    }

    /// Ends all streams.
    pub(crate) fn stop(&self) {
        self.inner.stopping.send_replace(true);
    }

    /// Waits until the server stops.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.inner.stopping.subscribe();
        // The sender lives in `self`; an error would mean that the server is gone, which is to have stopped.
        let _ = stopping.wait_for(|stopping| *stopping).await;
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.following.iter().for_each(AbortHandle::abort);
    }
}

fn channels(policy: &dyn PolicySource) -> Channels {
    let Ok((policy, _)) = policy.read() else {
        tracing::warn!(
            code = "TG-6020",
            "the policy cannot be read: flags have no channels until the server is started again"
        );
        return Channels::new();
    };
    let bucketing = |channel: &policy::Channel| match channel.bucketing {
        policy::Bucketing::V2 => Bucketing::V2,
        policy::Bucketing::V3 => Bucketing::V3,
    };
    policy.channels().iter().map(|(name, channel)| (name.clone(), bucketing(channel))).collect()
}
