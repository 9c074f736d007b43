//! The two kinds of failure that control tells apart.

use control::ports::PortError;

/// Trying again changes nothing: somebody has to do what `hint` says.
pub(crate) fn lasting(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> PortError {
    PortError { code, message: message.into(), hint: hint.into(), retry: false }
}

/// It may have passed by the next try.
pub(crate) fn passing(code: &'static str, message: impl Into<String>, hint: impl Into<String>) -> PortError {
    PortError { retry: true, ..lasting(code, message, hint) }
}
