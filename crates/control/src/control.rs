//! The facade: who leads, which releases there are, and the door through which people and programs speak to them.

use crate::ReleaseId;
use crate::board::{self, LiveVersion, ServiceKey};
use crate::driver::Message;
use crate::error::ControlError;
use crate::live::Live;
use crate::newcomers::Newcomers;
use crate::ports::{Clock, Connect};
use crate::roster::Roster;
use crate::run::{Run, Start};
use crate::unreadable::Unreadable;
use engine::{Input, Measurement, Stamp};
use journal::{Fence, Journal};
use policy::Policy;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// Under this name control itself acts.
pub(crate) const SELF: &str = "tidegate";

/// What is asked for when a release is opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenRelease {
    /// The service.
    pub service: String,
    /// The channel.
    pub channel: String,
    /// The release type.
    pub release_type: String,
    /// The new version.
    pub version: String,
    /// Its digest; without one the version's name stands for it.
    pub digest: Option<String>,
    /// Take the place of a release that is under way.
    pub supersede: bool,
    /// A person's word that lifts a quarantine.
    pub lift_quarantine: Option<String>,
    /// What people should read about it.
    pub note: Option<String>,
}

/// Whether this replica leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Leadership {
    /// Not known yet.
    Unknown,
    /// Another one does.
    Follows {
        /// Its name.
        leader: String,
    },
    /// This one does, under this fencing token.
    Leads {
        /// The token.
        fence: u64,
    },
    /// The journal does not let anybody lead.
    Stuck {
        /// The journal's code.
        code: &'static str,
        /// Why.
        why: String,
        /// What to do.
        hint: String,
    },
}

/// Control. Cheap to clone; all clones are one.
#[derive(Clone)]
pub struct Control {
    inner: Arc<Inner>,
}

/// What the facade and the running part share.
pub(crate) struct Inner {
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) connect: Arc<dyn Connect>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) holder: String,
    pub(crate) leadership: watch::Sender<Leadership>,
    pub(crate) roster: Roster,
    pub(crate) newcomers: Newcomers,
    pub(crate) unreadable: Unreadable,
    /// One release is opened at a time, so that two cannot both find a service free.
    pub(crate) opening: tokio::sync::Mutex<()>,
    pub(crate) starts: mpsc::UnboundedSender<Start>,
}

impl Control {
    /// A control plane that does nothing until it is run.
    #[must_use]
    pub fn new(
        journal: Arc<dyn Journal>,
        connect: Arc<dyn Connect>,
        clock: Arc<dyn Clock>,
        holder: &str,
    ) -> (Self, Run) {
        let (starts, started) = mpsc::unbounded_channel();
        let inner = Arc::new(Inner {
            journal,
            connect,
            clock,
            holder: holder.to_string(),
            leadership: watch::Sender::new(Leadership::Unknown),
            roster: Roster::default(),
            newcomers: Newcomers::default(),
            unreadable: Unreadable::default(),
            opening: tokio::sync::Mutex::new(()),
            starts,
        });
        (Self { inner: Arc::clone(&inner) }, Run::new(inner, started))
    }

    /// Whether this replica leads, and changes of that.
    #[must_use]
    pub fn leadership(&self) -> watch::Receiver<Leadership> {
        self.inner.leadership.subscribe()
    }

    /// The journal, for readers.
    #[must_use]
    pub fn journal(&self) -> Arc<dyn Journal> {
        Arc::clone(&self.inner.journal)
    }

    /// The fence under which this replica may write.
    ///
    /// # Errors
    /// It does not lead.
    pub fn fence(&self) -> Result<Fence, ControlError> {
        match &*self.inner.leadership.borrow() {
            Leadership::Leads { fence } => Ok(Fence(*fence)),
            Leadership::Follows { leader } => Err(ControlError::NotLeader { leader: Some(leader.clone()) }),
            Leadership::Unknown => Err(ControlError::NotLeader { leader: None }),
            Leadership::Stuck { code, why, hint } => {
                Err(ControlError::Journal { code, message: why.clone(), hint: hint.clone() })
            }
        }
    }

    /// Now, by control's clock.
    #[must_use]
    pub fn now(&self) -> engine::Timestamp {
        self.inner.clock.now()
    }

    /// All releases, oldest first.
    #[must_use]
    pub fn list(&self) -> Vec<Arc<Live>> {
        self.inner.roster.lives()
    }

    /// Releases that cannot be read, and why. While there is one, no release is opened.
    #[must_use]
    pub fn unreadable(&self) -> Vec<(ReleaseId, ControlError)> {
        self.inner.unreadable.all()
    }

    /// One release.
    ///
    /// # Errors
    /// There is none with this id, or it cannot be read.
    pub fn show(&self, id: ReleaseId) -> Result<Arc<Live>, ControlError> {
        self.watch(id).map(|watch| watch.borrow().clone())
    }

    /// One release and its changes.
    ///
    /// # Errors
    /// There is none with this id, or it cannot be read.
    pub fn watch(&self, id: ReleaseId) -> Result<watch::Receiver<Arc<Live>>, ControlError> {
        self.inner.roster.watch(id).ok_or_else(|| self.inner.unreadable.of(id).unwrap_or_else(|| unknown(id)))
    }

    /// The version that users of a service have, if a release brought it.
    #[must_use]
    pub fn live_version(&self, key: &ServiceKey) -> Option<LiveVersion> {
        board::live_version(&self.inner.roster.lives_at(key))
    }

    /// Opens a release under `policy`, whose relative folders are below `base`.
    ///
    /// # Errors
    /// The policy, the quarantine, a release under way or the journal stand against it.
    pub async fn open(
        &self,
        actor: &str,
        ask: OpenRelease,
        policy: &Policy,
        base: &Path,
    ) -> Result<Arc<Live>, ControlError> {
        let fence = self.fence()?;
        let (inner, actor) = (Arc::clone(&self.inner), actor.to_string());
        let (policy, base) = (policy.clone(), base.to_path_buf());
        // It runs to its end even if whoever asked goes away meanwhile: half an opening is a release that nobody drives,
        // or one that nobody asked to go.
        let opening = tokio::spawn(async move {
            let _one_at_a_time = inner.opening.lock().await;
            crate::open::open(&inner, fence, &actor, ask, (&policy, &base)).await
        });
        opening.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a release could not be opened to the end");
            Err(ControlError::NotLeader { leader: None })
        })
    }

    /// Tells a release something.
    ///
    /// # Errors
    /// The engine refuses it, or it cannot be written.
    pub async fn say(&self, actor: &str, id: ReleaseId, input: Input) -> Result<Arc<Live>, ControlError> {
        let (reply, answer) = oneshot::channel();
        let stamp = Stamp { at: self.inner.clock.now(), actor: actor.to_string() };
        self.tell(id, Message::Say { stamp, input, reply }).await?;
        // The driver was stopped before it could answer: another leader has it now, or control ends.
        answer.await.map_err(|_| ControlError::NotLeader { leader: None })?
    }

    /// Hands counts to a release.
    ///
    /// # Errors
    /// There is no such release under way.
    pub async fn push(&self, id: ReleaseId, measurement: Measurement) -> Result<(), ControlError> {
        self.tell(id, Message::Pushed(Box::new(measurement))).await
    }

    async fn tell(&self, id: ReleaseId, message: Message) -> Result<(), ControlError> {
        self.fence()?;
        self.not_over(id)?;
        let sent = match self.inner.roster.inbox(id) {
            Some(inbox) => inbox.send(message).await.is_ok(),
            None => false,
        };
        if sent {
            return Ok(());
        }
        // It may have ended while the door was looked for. If not, nobody drives it this instant: it is being folded
        // anew, or cannot be driven at all and says why.
        self.not_over(id)?;
        Err(ControlError::NotLeader { leader: None })
    }

    fn not_over(&self, id: ReleaseId) -> Result<(), ControlError> {
        let live = self.show(id)?;
        if live.in_flight() {
            return Ok(());
        }
        Err(engine::Refusal::Over { asked: "do that", stage: live.state.stage_word() }.into())
    }
}

fn unknown(id: ReleaseId) -> ControlError {
    ControlError::Unknown { asked: id.to_string() }
}
