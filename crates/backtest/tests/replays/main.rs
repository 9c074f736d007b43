//! Recordings that were made up, so that what must be found in them is known.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage must fail")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small numbers of an invented service")]

mod alarms;
mod incidents;
mod world;
