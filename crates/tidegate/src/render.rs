//! How things look to people. Everything here turns a value into lines; nothing here asks or prints.

pub(crate) mod block;
pub(crate) mod change;
pub(crate) mod line;
pub(crate) mod number;
#[cfg(test)]
mod screens;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod waiting;
