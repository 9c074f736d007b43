//! OFREP: how programs and browsers ask what a flag says. The protocol's own words and shapes, also for errors; version 0.3.

pub(crate) mod answer;
pub(crate) mod bulk;
pub(crate) mod door;
pub(crate) mod events;
pub(crate) mod single;
