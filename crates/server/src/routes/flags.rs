//! Managing flags. Who may do what is not a matter of the route here but of the flag: each call is asked about with the roles
//! of its token, and what it may not see does not exist for it.

pub(crate) mod change;
pub(crate) mod clients;
pub(crate) mod exchange;
pub(crate) mod look;
pub(crate) mod manifest;
pub(crate) mod segments;
mod show;
