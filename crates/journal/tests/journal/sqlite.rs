//! What only a file can suffer: restarts, kills, full disks, other processes, damage and forgery.

mod damage;
mod forgery;
mod full;
mod kill;
mod opening;
mod processes;
mod read_only;
mod role;
