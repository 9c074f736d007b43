//! flagd's protocols over files of flag definitions: what conformance suites and the providers that exist are tried against.
//!
//! ```text
//! serve [--sync 127.0.0.1:8015] [--evaluation 127.0.0.1:8013] [--bucketing v2|v3] [--context NAME=TEXT]... [--token TOKEN | --nobody] FILE...
//! ```
//! A file is read again when it changes. Each is a source under the path that was given, and a flag set if its metadata names
//! one; without a selector a client gets the flags of all of them. Without `--token` everybody is let in, and with `--nobody`
//! nobody: this is no server to be used.
#![expect(clippy::print_stderr, reason = "an example talks to the terminal")]

mod files;
mod options;

use files::Files;
use flagd::{Protocol, serve};
use options::Options;
use std::error::Error;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// How soon a change of a file is seen.
const LOOK: Duration = Duration::from_millis(20);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::read(std::env::args().skip(1))?;
    let (sync, evaluation) = (TcpListener::bind(options.sync).await?, TcpListener::bind(options.evaluation).await?);
    eprintln!("sync on {}, evaluation on {}", sync.local_addr()?, evaluation.local_addr()?);
    let files = Arc::new(Files::read(options)?);
    let watched = files.clone();
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(LOOK).await;
            if let Err(problem) = watched.refresh() {
                eprintln!("kept what was there: {problem}");
            }
        }
    });
    let stop = || async {
        // Without signals it runs until it is killed.
        let _ = tokio::signal::ctrl_c().await;
    };
    tokio::try_join!(
        serve(Protocol::Sync, sync, files.clone(), stop()),
        serve(Protocol::Evaluation, evaluation, files, stop()),
    )?;
    Ok(())
}
