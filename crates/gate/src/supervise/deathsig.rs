//! Children die with the gate, even if it is killed: a process that nobody watches must not go on serving.

use rustix::process::{Signal, getppid, set_parent_process_death_signal};
use tokio::process::Command;

/// Has the system kill the child when the thread that starts it ends. The thread that supervises ends only with the gate.
#[expect(unsafe_code, reason = "there is no safe way to run code between fork and exec")]
pub(super) fn die_with_parent(command: &mut Command) {
    let parent = rustix::process::getpid();
    let prepare = move || {
        set_parent_process_death_signal(Some(Signal::KILL))?;
        // The parent may have died before the call above took effect.
        if getppid() == Some(parent) { Ok(()) } else { Err(rustix::io::Errno::SRCH.into()) }
    };
    // SAFETY: between fork and exec only async-signal-safe calls are allowed, and no allocation. `prepare` makes two plain system
    // calls and compares two numbers; the errors it makes hold a number as well.
    unsafe {
        command.pre_exec(prepare);
    }
}
