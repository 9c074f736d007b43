//! The program `tidegate`. What it does is in the library of this crate, which the crash harness drives as well.

use std::process::ExitCode;

/// Many small objects that come and go, on few threads: what the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tidegate::main()
}
