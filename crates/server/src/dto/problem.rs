//! What every error looks like: `application/problem+json` (RFC 9457) with a stable code and a next step.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Problem {
    /// `urn:tidegate:error:` and the code.
    #[serde(rename = "type")]
    pub kind: String,
    /// What kind of problem, the same for each code.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// The stable code; `tidegate explain` prints its page.
    pub code: String,
    /// What happened and why.
    pub detail: String,
    /// What to do next.
    pub hint: String,
    /// What is wrong with the policy, where that is the problem.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<PolicyProblem>,
    /// How many more problems the policy has.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub omitted: u64,
}

/// One thing that is wrong with the policy.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PolicyProblem {
    /// The stable code.
    pub code: String,
    /// What happened.
    pub what: String,
    /// What was found and what would be right.
    pub why: String,
    /// What to do next.
    pub hint: Option<String>,
    /// Where in the policy, as a path of keys.
    pub path: String,
    /// The file.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u64>,
    /// The column, from 1, in characters.
    pub column: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_zero(n: &u64) -> bool {
    *n == 0
}
