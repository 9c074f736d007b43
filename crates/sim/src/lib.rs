//! A seeded world that drives the real control, engine, judge and journal in virtual time.
//!
//! Control promises that a crash loses nothing, that blindness passes nothing and that a bad release is taken back
//! whatever else is broken. Nobody can wait for the world to try all of that. Here a [`Scenario`] describes traffic,
//! faults, people and crashes; [`run`] lives it in milliseconds, the same way each time; and the observers of
//! [`mod@observe`] hold every step against the invariants of the architecture.

pub mod campaign;
mod chance;
mod faulty;
mod latency;
mod life;
pub mod observe;
mod outcome;
mod people;
mod planted;
mod ports;
mod post;
mod rehearsal;
mod replica;
mod rules;
mod run;
mod scenario;
mod weather;
mod world;

pub use chance::Chance;
pub use outcome::Outcome;
pub use planted::Planted;
pub use rehearsal::{Rehearsal, Told, rehearse};
pub use rules::{CHANNEL, OLD, Rules, SERVICE, standard};
pub use run::run;
pub use scenario::{
    Act, Aim, Behaviour, Clusters, Counts, During, Fault, Illness, Opening, Port, PortTrouble, PostTrouble, Scenario,
    SignalTrouble, Traffic, Trouble, Unrest,
};
pub use world::{Answer, BEGINNING, Event, Seen, Toll};
