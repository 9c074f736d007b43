//! The adapters against the world they are for: a real gate with real processes behind it, real shells, real sockets.

#[cfg(test)]
mod command;
#[cfg(test)]
mod command_end;
#[cfg(test)]
mod first_release;
#[cfg(test)]
mod gate_release;
#[cfg(test)]
mod gate_trouble;
#[cfg(test)]
mod guide;
#[cfg(test)]
mod hooks;
#[cfg(test)]
mod house;
#[cfg(test)]
mod http;
#[cfg(test)]
mod orders;
#[cfg(test)]
mod prometheus;
#[cfg(test)]
mod signal;
#[cfg(test)]
mod wiring;
