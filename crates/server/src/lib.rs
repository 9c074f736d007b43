//! The HTTP API of Tidegate: releases, live streams, the journal, tokens, metrics.
//!
//! Nothing is decided here. The server says who speaks (every call but two needs a token, and every route a scope), hands
//! the word to [`control::Control`], and shows what it answers. What crosses the wire is in [`dto`]; every error is
//! `application/problem+json` with a stable code and a next step ([`dto::Problem`]).
//!
//! It keeps nothing that the journal does not have: tokens are a stream of the journal, folded into memory.

mod app;
mod auth;
mod bootstrap;
mod code;
mod context;
pub mod dto;
mod extract;
mod failure;
mod flag_clock;
mod flagd_port;
mod openapi;
mod pace;
mod pages;
mod routes;
mod serve;
mod stream;
mod text;
mod tokens;
mod traffic;
mod view;

pub use app::{App, PolicySource, PolicyUnreadable};
pub use bootstrap::{NoBootstrap, bootstrap};
pub use flagd_port::FlagdPort;
pub use openapi::openapi;
pub use pages::{Pages, with_pages};
pub use routes::router;
pub use serve::serve;
