//! The first token. Without one nobody could issue another; it is given out exactly when no admin token is good.

use crate::dto::{IssueToken, Scope};
use crate::failure::Failure;
use crate::tokens::{Registry, crowded};
use control::Control;
use std::fmt;

/// The name of the first token.
const NAME: &str = "bootstrap";

/// How often an append is tried when others write tokens at the same time.
const TRIES: usize = 16;

/// Issues an admin token when there is none that is good, and answers whether it did. `keep` puts the secret where its
/// holder will find it, and is called before the token is good: whoever is killed in between leaves a secret that opens
/// nothing, and the next start begins anew. The other way round nobody would ever get in. Call it once this replica leads.
///
/// # Errors
/// What `keep` says, or: the journal cannot be read or written, or another replica leads.
pub async fn bootstrap<E: From<NoBootstrap>>(
    control: &Control,
    mut keep: impl FnMut(&str) -> Result<(), E>,
) -> Result<bool, E> {
    let tokens = Registry::new(control.journal());
    let ask = IssueToken { name: NAME.to_string(), scopes: vec![Scope::Admin], flags: Vec::new(), expires_at_ms: None };
    for _ in 0..TRIES {
        tokens.refresh().await.map_err(NoBootstrap::from)?;
        if tokens.has_admin(control.now().0) {
            return Ok(false);
        }
        let token = tokens.prepare(&ask).map_err(NoBootstrap::from)?;
        keep(&token.secret)?;
        if tokens.write(control, "tidegate", &token).await.map_err(NoBootstrap::from)? {
            return Ok(true);
        }
    }
    Err(NoBootstrap::from(crowded()).into())
}

/// Why there is no first token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoBootstrap {
    /// The stable code.
    pub code: String,
    /// What happened.
    pub message: String,
    /// What to do next.
    pub hint: String,
}

impl fmt::Display for NoBootstrap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no admin token could be issued: {}", self.message)
    }
}

impl std::error::Error for NoBootstrap {}

impl From<Failure> for NoBootstrap {
    fn from(failure: Failure) -> Self {
        let problem = failure.into_problem();
        Self { code: problem.code, message: problem.detail, hint: problem.hint }
    }
}
