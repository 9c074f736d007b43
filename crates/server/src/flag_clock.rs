//! Control's time and its right to write, for the registry of flags.

use control::{Control, ControlError};
use journal::Fence;
use registry::{Clock, FlagError};

pub(crate) struct FlagClock(pub(crate) Control);

impl Clock for FlagClock {
    fn now_ms(&self) -> i64 {
        self.0.now().0
    }

    fn fence(&self) -> Result<Fence, FlagError> {
        self.0.fence().map_err(|error: ControlError| FlagError::Journal {
            code: error.code(),
            why: error.to_string(),
            hint: error.hint(),
        })
    }
}
