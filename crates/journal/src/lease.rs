//! Who may lead. The decisions are pure and shared by every store; a store only keeps [`Holding`] and swaps it atomically.

use crate::{Fence, LeaseError};

/// Leave to lead, until a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The token to write under.
    pub fence: Fence,
    /// Who holds it.
    pub holder: String,
    /// When it runs out, in milliseconds since 1970-01-01 UTC. At that moment it has.
    pub until_ms: i64,
}

/// What a store remembers of the lease: the newest fence ever given out, and who holds it if anybody does.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    pub(crate) fence: u64,
    pub(crate) holder: Option<String>,
    pub(crate) until_ms: i64,
}

impl Holding {
    pub(crate) fn acquire(&self, holder: &str, now_ms: i64, ttl_ms: i64) -> Result<(Self, Lease), LeaseError> {
        match &self.holder {
            Some(by) if by != holder && now_ms < self.until_ms => {
                Err(LeaseError::Held { by: by.clone(), until_ms: self.until_ms })
            }
            Some(_) | None => Ok(Self::grant(self.fence.saturating_add(1), holder, now_ms, ttl_ms)),
        }
    }

    pub(crate) fn renew(&self, lease: &Lease, now_ms: i64, ttl_ms: i64) -> Result<(Self, Lease), LeaseError> {
        self.still(lease)?;
        Ok(Self::grant(self.fence, &lease.holder, now_ms, ttl_ms))
    }

    /// Spends the fence, so that a leader that stepped down cannot write by mistake.
    pub(crate) fn release(&self, lease: &Lease) -> Result<Self, LeaseError> {
        self.still(lease)?;
        Ok(Self { fence: self.fence.saturating_add(1), holder: None, until_ms: 0 })
    }

    fn still(&self, lease: &Lease) -> Result<(), LeaseError> {
        if lease.fence.0 == self.fence && self.holder.as_deref() == Some(lease.holder.as_str()) {
            Ok(())
        } else {
            Err(LeaseError::Lost { presented: lease.fence, current: Fence(self.fence) })
        }
    }

    fn grant(fence: u64, holder: &str, now_ms: i64, ttl_ms: i64) -> (Self, Lease) {
        let until_ms = now_ms.saturating_add(ttl_ms);
        let holding = Self { fence, holder: Some(holder.to_owned()), until_ms };
        (holding, Lease { fence: Fence(fence), holder: holder.to_owned(), until_ms })
    }
}
