//! The data plane of a host.
//!
//! A process of its own, so that traffic flows and applications run while the control plane is restarted, upgraded or dead. It does
//! what its last order says: listens, splits users between two versions, keeps local processes alive, counts what happened to whom.
//! It decides nothing. [`wire`] is the protocol in which it is told and answers.

pub mod wire;
