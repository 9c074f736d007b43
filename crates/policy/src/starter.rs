//! The first policy of a team: short enough to read in a minute, complete enough to release with.

use crate::problem::Problem;
use crate::read::check_name;

/// What `tidegate init` writes: a policy for one service behind the gate, which [`crate::read`] accepts.
///
/// # Errors
/// `TG-1016`: this is no name for a service.
pub fn starter(service: &str) -> Result<String, Problem> {
    check_name(service).map_err(|finding| finding.without_place("services"))?;
    Ok(include_str!("starter.yaml").replace("SERVICE", service))
}
