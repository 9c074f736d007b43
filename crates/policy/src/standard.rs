//! The built-in policy. It is a policy file like any other, read by the same reader, so that nothing in it can be
//! said that a user could not say.

/// The text of the policy `standard`, with the section of the process that each number comes from.
#[must_use]
pub const fn standard() -> &'static str {
    include_str!("standard.yaml")
}

/// Its name in the places of problems.
pub(crate) const FILE: &str = "standard";
