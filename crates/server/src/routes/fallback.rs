//! What answers where no route does.

use crate::code::Code;
use crate::failure::Failure;

pub(super) async fn no_route() -> Failure {
    Failure::of(Code::NoRoute, "no route has this path", "GET /openapi.json lists all routes")
}

pub(super) async fn wrong_method() -> Failure {
    Failure::of(Code::WrongMethod, "this route has other methods", "the header Allow lists them")
}
