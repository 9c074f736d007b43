//! Plain HTTP requests to services: probes of both versions, and user journeys as hooks.
//!
//! Redirects are not followed: a probe that ends up at a login page would call a broken version well. TLS is not part of
//! this build; such URLs are refused and never asked in the clear.

mod form;
mod get;
mod prober;
mod url;

pub(crate) use form::{Form, NoAnswer};
pub(crate) use get::get;
pub(crate) use prober::HttpProber;
pub(crate) use url::Url;
