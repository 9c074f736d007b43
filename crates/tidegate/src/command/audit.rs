//! `tidegate audit`: the journal, read from its file. No server is asked, since the server may be what is doubted; one that
//! runs meanwhile is not disturbed.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::serve::JOURNAL;
use crate::visible::visible;
use clap::Subcommand;
use journal::{Entry, Head, Journal, Sample, Sqlite, Unavailable};
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// How many entries are read at once.
const BATCH: usize = 500;

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Prove that no entry was changed, removed or reordered
    Verify(Verify),
    /// Write every entry and every measurement as JSON lines
    Export(Export),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Verify {
    /// The server's data directory
    #[arg(long, value_name = "DIR", default_value = ".tidegate")]
    data: PathBuf,
    /// An anchor that an earlier verification printed and that was kept elsewhere
    #[arg(long, value_name = "POSITION:HASH")]
    anchor: Option<String>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Export {
    /// The server's data directory
    #[arg(long, value_name = "DIR", default_value = ".tidegate")]
    data: PathBuf,
    /// Where to write; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

pub(crate) async fn run(verb: Verb, out: &Out) -> Result<Exit, Failure> {
    match verb {
        Verb::Verify(args) => verify(&args, out).await,
        Verb::Export(args) => export(&args, out).await,
    }
}

/// Opens the journal of a data directory for reading alone.
///
/// # Errors
/// There is none, or it cannot be read.
pub(crate) fn open(data: &Path) -> Result<Sqlite, Failure> {
    Sqlite::open_read_only(data.join(JOURNAL))
        .map_err(|error| Failure::new(Exit::Failed, error.code(), error.to_string()).hint(error.hint()))
}

async fn verify(args: &Verify, out: &Out) -> Result<Exit, Failure> {
    let anchor = match &args.anchor {
        None => Head::EMPTY,
        Some(text) => text.parse::<Head>().map_err(|error| {
            Failure::new(Exit::Usage, error.code(), format!("`{text}` is {error}")).hint(error.hint())
        })?,
    };
    let journal = open(&args.data)?;
    let report = control::verify(&journal, anchor)
        .await
        .map_err(|damage| Failure::new(Exit::Failed, damage.code(), damage.to_string()).hint(damage.hint()))?;
    if out.json() {
        out.value(&json!({
            "intact": true,
            "entries": report.entries,
            "samples": report.samples,
            "streams": report.streams,
            "anchor": report.head.to_string(),
        }))?;
        return Ok(Exit::Done);
    }
    let (entries, samples, streams) = (report.entries, report.samples, report.streams);
    let ok = out.paint().green("intact");
    out.line(&format!("{ok}: {entries} entries and {samples} measurements in {streams} streams"))?;
    out.line(&format!("anchor: {}", report.head))?;
    out.line("Keep the anchor elsewhere; `--anchor` proves later that everything up to it is unchanged.")?;
    Ok(Exit::Done)
}

async fn export(args: &Export, out: &Out) -> Result<Exit, Failure> {
    let journal = open(&args.data)?;
    let Some(path) = &args.out else {
        return match copy(&journal, &mut io::stdout().lock()).await? {
            Ok(_) => Ok(Exit::Done),
            Err(error) => Err(error.into()),
        };
    };
    let unwritable = |error: io::Error| {
        Failure::new(Exit::Failed, "TG-7019", format!("{} cannot be written", path.display()))
            .because(error.to_string())
            .hint("name another file with --out")
    };
    let mut file = BufWriter::new(File::create_new(path).map_err(unwritable)?);
    let lines = copy(&journal, &mut file).await?.map_err(unwritable)?;
    file.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).map_err(unwritable)?;
    if out.json() {
        out.value(&json!({ "file": path, "lines": lines }))?;
    } else {
        out.line(&visible(&format!("wrote {lines} lines to {}", path.display())))?;
    }
    Ok(Exit::Done)
}

/// All entries in their order, then all measurements by stream. The inner error is of the writing.
async fn copy(journal: &Sqlite, to: &mut impl Write) -> Result<io::Result<u64>, Failure> {
    let mut lines = 0;
    let mut position = 0;
    loop {
        let entries = journal.read_all(position, BATCH).await.map_err(unreadable)?;
        let Some(last) = entries.last() else { break };
        position = last.position;
        for entry in &entries {
            if let Err(error) = writeln!(to, "{}", entry_json(entry)) {
                return Ok(Err(error));
            }
            lines += 1;
        }
    }
    for head in journal.streams("").await.map_err(unreadable)? {
        let mut n = 0;
        loop {
            let samples = journal.read_samples(&head.stream, n, BATCH).await.map_err(unreadable)?;
            let Some(last) = samples.last() else { break };
            n = last.n;
            for sample in &samples {
                if let Err(error) = writeln!(to, "{}", sample_json(sample)) {
                    return Ok(Err(error));
                }
                lines += 1;
            }
        }
    }
    Ok(to.flush().map(|()| lines))
}

/// What the journal says of why it cannot be read.
pub(crate) fn unreadable(error: Unavailable) -> Failure {
    Failure::new(Exit::Failed, error.code(), error.to_string()).because(error.detail.clone()).hint(error.hint())
}

/// Bodies stay text: the hash is over these very bytes.
fn entry_json(entry: &Entry) -> Value {
    json!({
        "position": entry.position,
        "stream": entry.stream,
        "seq": entry.seq,
        "at_ms": entry.at_ms,
        "actor": entry.actor,
        "kind": entry.kind,
        "body": entry.body,
        "hash": entry.hash.to_string(),
    })
}

fn sample_json(sample: &Sample) -> Value {
    json!({
        "stream": sample.stream,
        "n": sample.n,
        "after_seq": sample.after_seq,
        "body": sample.body,
        "hash": sample.hash.to_string(),
    })
}
