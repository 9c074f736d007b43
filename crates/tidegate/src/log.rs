//! The log of the processes that stay: human text or JSON lines on standard error.

mod sink;

use clap::ValueEnum;
use jiff::Timestamp;
use serde_json::json;
use sink::Sink;
use std::io::{self, IsTerminal};
use tracing_subscriber::EnvFilter;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// Begins to log. TIDEGATE_LOG filters as in `warn,gate=debug`; without it everything from `info` on is told.
pub(crate) fn begin(format: Format) {
    let filter = EnvFilter::try_from_env("TIDEGATE_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // What the library does with a line that cannot be written is to print another one, and to panic when that fails.
    let log = tracing_subscriber::fmt().with_env_filter(filter).log_internal_errors(false);
    // A second beginning in one process would be refused; the first one stays.
    let _already_begun = match format {
        Format::Text => {
            let log = log.with_writer(Sink::new(io::stderr(), lost_in_text));
            log.with_target(false).with_ansi(io::stderr().is_terminal()).try_init()
        }
        Format::Json => log.with_writer(Sink::new(io::stderr(), lost_in_json)).json().flatten_event(true).try_init(),
    };
}

const LOST: &str = "lines of this log could not be written";

fn lost_in_text(lost: u64) -> String {
    format!("{:.6}  WARN {LOST} lost={lost}", Timestamp::now())
}

fn lost_in_json(lost: u64) -> String {
    let timestamp = format!("{:.6}", Timestamp::now());
    json!({ "timestamp": timestamp, "level": "WARN", "message": LOST, "lost": lost, "target": "tidegate::log" })
        .to_string()
}
