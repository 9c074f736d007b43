//! Control in simulated worlds: what becomes of releases when nothing goes wrong, and when everything does.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod blind;
mod campaign;
mod clocks;
mod crashes;
mod disk;
mod doors;
mod hands;
mod hostile;
mod leaders;
mod outages;
mod people;
mod planted;
mod ports;
mod pushed;
mod rollouts;
mod silence;
mod told;
mod unreadable;
