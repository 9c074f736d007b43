//! Numbers of services and their names.

/// The prefix of all names.
const PREFIX: &str = "service-";

pub(crate) fn name(number: usize) -> String {
    format!("{PREFIX}{number:05}")
}

pub(crate) fn number(name: &str) -> Option<usize> {
    name.strip_prefix(PREFIX)?.parse().ok()
}
