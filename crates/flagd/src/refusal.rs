//! Refusals in gRPC's words. A client retries `UNKNOWN` and `UNAVAILABLE` three times, for seconds, so nothing that would come
//! out the same a second time is called that.

use crate::Denied;
use crate::caller::BadSelector;
use tonic::{Code, Status};

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        let code = match denied {
            Denied::Unauthenticated => Code::Unauthenticated,
            Denied::Forbidden => Code::PermissionDenied,
        };
        Self::new(code, "")
    }
}

impl From<BadSelector> for Status {
    fn from(_: BadSelector) -> Self {
        Self::invalid_argument("a selector is flagSetId=<channel>, source=<name> or a name")
    }
}
