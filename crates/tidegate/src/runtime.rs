//! Where asynchronous work runs: one thread for a question to the server, several for the server itself.

use crate::exit::Exit;
use crate::failure::Failure;
use tokio::runtime::{Builder, Runtime};
use tokio::signal::unix::{SignalKind, signal};

/// Runs a short piece of work on this thread.
///
/// # Errors
/// What the work answers, or that the system has no room for it.
pub(crate) fn here<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = Builder::new_current_thread().enable_all().build().map_err(|error| no_room(&error))?;
    runtime.block_on(work)
}

/// Threads for a server.
///
/// # Errors
/// The system has no room for them.
pub(crate) fn threads() -> Result<Runtime, Failure> {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(|error| no_room(&error))
}

/// Ends with SIGTERM or SIGINT. Listening begins with the call, so that a signal during the start is not lost.
///
/// # Errors
/// The system has no room for a signal handler.
pub(crate) fn told_to_stop() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| {
        signal(kind).map_err(|error| {
            Failure::new(Exit::Failed, "TG-7009", "the system has no room for another signal handler")
                .because(error.to_string())
        })
    };
    let (mut terminate, mut interrupt) = (listen(SignalKind::terminate())?, listen(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

fn no_room(error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, "TG-7009", "the system has no room for another thread or event queue")
        .because(error.to_string())
        .hint("raise the limits of the user (`ulimit -u`, `ulimit -n`)")
}
