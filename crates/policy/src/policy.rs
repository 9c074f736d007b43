//! A checked policy. What is not defined by it cannot be asked of it: every question by name answers with the
//! names that there are.

use crate::definition::{Channel, Definitions, ReleaseType, Rollout, Service};
use crate::findings::Finding;
use crate::near;
use crate::problem::{Code, Problem};
use crate::wiring::Hook;
use crate::yaml::quoted;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A policy without problems, with what it extends already merged in.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    pub(crate) definitions: Definitions,
    digest: String,
    effective: String,
}

impl Policy {
    pub(crate) fn new(definitions: Definitions, effective: String) -> Result<Self, Problem> {
        let digest = digest(&definitions)?;
        Ok(Self { definitions, digest, effective })
    }

    /// SHA-256 over the canonical form of everything that the policy defines, in hexadecimal. Comments, order
    /// and spelling (`60 min`, `1 h`) do not change it; any change of meaning does, also one in `standard`.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The policy as YAML with everything said that it takes from `standard`; reads back to the same digest.
    #[must_use]
    pub fn effective(&self) -> &str {
        &self.effective
    }

    /// The services by name; at least one.
    #[must_use]
    pub fn services(&self) -> &BTreeMap<String, Service> {
        &self.definitions.services
    }

    /// The names of the services, sorted.
    pub fn service_names(&self) -> impl Iterator<Item = &str> {
        self.definitions.services.keys().map(String::as_str)
    }

    /// The same policy, with a version that users have before the first release of a service: what a rehearsal needs to have
    /// something to compare with. A version that the policy names itself stays.
    #[must_use]
    pub fn with_live(mut self, service: &str, channel: &str, version: &str) -> Self {
        if let Some(service) = self.definitions.services.get_mut(service)
            && service.local_to(channel).live.is_none()
        {
            service.live = Some(version.to_owned());
        }
        self
    }

    /// The channels by name.
    #[must_use]
    pub fn channels(&self) -> &BTreeMap<String, Channel> {
        &self.definitions.channels
    }

    /// The release types by name.
    #[must_use]
    pub fn types(&self) -> &BTreeMap<String, ReleaseType> {
        &self.definitions.types
    }

    /// The rollouts by name.
    #[must_use]
    pub fn rollouts(&self) -> &BTreeMap<String, Rollout> {
        &self.definitions.rollouts
    }

    /// The hooks by name.
    #[must_use]
    pub fn hooks(&self) -> &BTreeMap<String, Hook> {
        &self.definitions.hooks
    }
}

/// The definition with this name, or a problem that says which names there are.
pub(crate) fn named<'a, T>(all: &'a BTreeMap<String, T>, kind: &str, name: &str) -> Result<&'a T, Problem> {
    let names = || all.keys().map(String::as_str);
    all.get(name).ok_or_else(|| {
        let what = format!("the policy has no {kind} {}", quoted(name));
        Finding::new(Code::NotInPolicy, what, near::known(kind, names()))
            .hint("name one of these, or define it in the policy")
            .or_better(near::did_you_mean(name, names()))
            .without_place("")
    })
}

fn digest(definitions: &Definitions) -> Result<String, Problem> {
    let canonical = serde_json::to_vec(definitions).map_err(|error| {
        Finding::new(Code::Defect, "the policy has no canonical form", error.to_string())
            .hint("report this with the policy; nothing was started")
            .without_place("")
    })?;
    let hash = Sha256::new().chain_update(b"tidegate policy 1\n").chain_update(canonical).finalize();
    Ok(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}
