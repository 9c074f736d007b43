//! flagd's gRPC protocols, so that every OpenFeature provider that speaks to flagd speaks to us, unmodified.
//!
//! Two listeners: [`Protocol::Sync`] gives whole documents to clients that evaluate by themselves, [`Protocol::Evaluation`]
//! gives answers. Both push. What they serve and to whom is behind one port, [`Published`]; who is let in is decided there, and
//! nobody is let in by default. Browsers are served over OFREP, so the Connect protocol is not spoken here.
//!
//! The providers that exist fell into traps that other servers set; where a line here seems to do too little or too much, its
//! comment names the client that needs it.

mod caller;
mod context;
mod edition;
mod evaluation;
mod feed;
mod health;
mod listen;
mod published;
mod refusal;
mod selector;
mod stopping;
mod sync;
mod wire;

pub use caller::Caller;
pub use edition::{Edition, MOST_BYTES, TooLarge, context_of};
pub use listen::{EVALUATION, Protocol, SYNC, serve};
pub use published::{Client, Denied, Published, Subscription, Wants};
pub use selector::Selector;
