//! The API as clients meet it: the whole router over the real control, a journal in memory, a world of a few lines, and
//! virtual time.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot set its stage must fail")]

mod ask;
mod console;
mod errors;
mod experiments;
mod flags;
mod fuzz;
mod journal;
mod metrics;
mod ofrep;
mod openapi;
mod outage;
mod push;
mod releases;
mod stop;
mod streams;
mod tokens;
mod world;
