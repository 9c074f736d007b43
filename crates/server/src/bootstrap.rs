//! The first token. Without one nobody could issue another; it is given out exactly when no admin token is good.

use crate::dto::{IssueToken, Scope};
use crate::failure::Failure;
use crate::tokens::Registry;
use control::Control;
use std::fmt;

/// The name of the first token.
const NAME: &str = "bootstrap";

/// Issues an admin token when there is none that is good, and answers with its secret. Call it once this replica leads.
///
/// # Errors
/// The journal cannot be read or written, or another replica leads.
pub async fn bootstrap(control: &Control) -> Result<Option<String>, NoBootstrap> {
    let tokens = Registry::new(control.journal());
    tokens.refresh().await?;
    if tokens.has_admin(control.now().0) {
        return Ok(None);
    }
    let ask = IssueToken { name: NAME.to_string(), scopes: vec![Scope::Admin], expires_at_ms: None };
    let issued = tokens.issue(control, "tidegate", ask).await?;
    Ok(Some(issued.secret))
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
