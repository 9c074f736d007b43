//! The policy on disk. It is read when the server starts, so that a wrong one is met by the person who starts it, and anew
//! at each opening of a release, so that an edit needs no restart.

use crate::exit::Exit;
use crate::failure::Failure;
use policy::{Lever, Policy};
use server::{PolicySource, PolicyUnreadable};
use std::path::{Path, PathBuf};

/// More than any policy or scenario; their reader has its own, exact limit.
const LARGEST: u64 = 8 << 20;

/// Reads a policy.
///
/// # Errors
/// The file cannot be read, or all that is wrong with it.
pub(crate) fn read_policy(path: &Path) -> Result<Policy, Failure> {
    let text = text_of(path).map_err(|why| {
        Failure::new(Exit::Failed, "TG-7007", format!("the policy {} cannot be read", path.display()))
            .because(why)
            .hint("`tidegate init` writes a first one; name another file if it is elsewhere")
    })?;
    Ok(policy::read(&text, &path.display().to_string())?)
}

/// Whether some service of this policy is served by the gate.
#[must_use]
pub(crate) fn needs_gate(policy: &Policy) -> bool {
    let gated = |service: &str, channel: &str, kind: &str| {
        policy.compile(service, channel, kind).is_ok_and(|compiled| matches!(compiled.wiring.lever, Lever::Gate(_)))
    };
    let kinds = || policy.types().keys();
    let anywhere =
        |service: &str| policy.channels().keys().any(|channel| kinds().any(|kind| gated(service, channel, kind)));
    policy.service_names().any(anywhere)
}

/// The text of the file, or in words why there is none.
pub(crate) fn text_of(path: &Path) -> Result<String, String> {
    let meta = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !meta.is_file() {
        return Err("it is not a file".into());
    }
    if meta.len() > LARGEST {
        return Err(format!("it has {} bytes, which no such file has", meta.len()));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// A policy file, with the folder that its relative paths begin at.
#[derive(Clone, Debug)]
pub(crate) struct PolicyFile {
    path: PathBuf,
    base: PathBuf,
}

impl PolicyFile {
    /// The policy file at `path`; it is not read yet.
    #[must_use]
    pub(crate) fn at(path: &Path) -> Self {
        let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
        let base = whole.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned);
        Self { path: path.to_owned(), base }
    }

    /// The policy as it is now.
    ///
    /// # Errors
    /// As [`read_policy`].
    pub(crate) fn policy(&self) -> Result<Policy, Failure> {
        read_policy(&self.path)
    }
}

impl PolicySource for PolicyFile {
    fn read(&self) -> Result<(Policy, PathBuf), PolicyUnreadable> {
        let file = self.path.display().to_string();
        let text = match text_of(&self.path) {
            Ok(text) => text,
            Err(why) => return Err(PolicyUnreadable::File { file, why }),
        };
        let policy = policy::read(&text, &file).map_err(PolicyUnreadable::Wrong)?;
        Ok((policy, self.base.clone()))
    }
}
