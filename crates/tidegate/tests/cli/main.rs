//! The command line as people meet it: the real binary, an empty environment, a folder of its own, and what is printed
//! compared word for word.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage must fail")]

mod adversity;
mod backtest;
mod backtest_store;
mod dead_man;
mod environment;
mod flags;
mod flags_crash;
mod offline;
mod prometheus;
mod rehearse;
mod releases;
mod serving;
mod token;
mod unreachable;
