//! What the journal promises, checked from outside: one contract for every store, and what only a file can suffer.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod samples_of_work;
#[cfg(test)]
mod scratch;
#[cfg(test)]
mod sqlite;
