//! How fast the journal is on the disk at hand: `cargo run --release -p journal --example rates -- DIRECTORY`.
//!
//! Every figure stands beside the disk's own: a plain write of one page and a sync, which no durable append can beat alone.

#![expect(clippy::print_stdout, reason = "it is a program that reports")]

use std::error::Error;
use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use journal::{Draft, Fence, Journal, Sqlite};

const SPAN: Duration = Duration::from_secs(3);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let directory = std::env::args().nth(1).ok_or("usage: rates DIRECTORY")?;
    let path = Path::new(&directory).join("rates.db");
    if path.exists() {
        return Err(format!("{} exists; remove it first", path.display()).into());
    }
    println!("{:>10.0} syncs of a written page a second: the disk itself", syncs(Path::new(&directory))?);
    let journal: Arc<dyn Journal> = Arc::new(Sqlite::open(&path)?);
    for (callers, batch) in [(1, 1), (1, 10), (8, 1), (64, 1), (256, 1)] {
        let (appends, slowest) = appends(&journal, callers, batch).await?;
        println!(
            "{appends:>10.0} appends a second, {callers} at a time, {batch} entries each; the slowest took {slowest:?}"
        );
    }
    let (entries, took) = read(&*journal).await?;
    println!("{:>10.0} entries read and checked a second ({entries} in {took:?})", rate(entries, took));
    let begun = Instant::now();
    let report = journal.verify().await?;
    println!("{:>10.0} entries verified a second", rate(report.entries, begun.elapsed()));
    drop(journal);
    println!("{:>10} bytes of file per entry", path.metadata()?.len() / report.entries.max(1));
    std::fs::remove_file(&path)?;
    Ok(())
}

/// Over the same page again and again: a file that grows would pay for its length as well.
fn syncs(directory: &Path) -> Result<f64, std::io::Error> {
    let path = directory.join("rates.sync");
    let file = File::create(&path)?;
    file.write_all_at(&[7; 4096], 0)?;
    file.sync_all()?;
    let (begun, mut number) = (Instant::now(), 0);
    while begun.elapsed() < SPAN {
        file.write_all_at(&[7; 4096], 0)?;
        file.sync_data()?;
        number += 1;
    }
    std::fs::remove_file(&path)?;
    Ok(rate(number, begun.elapsed()))
}

async fn appends(
    journal: &Arc<dyn Journal>,
    callers: u64,
    batch: usize,
) -> Result<(f64, Duration), Box<dyn Error + Send + Sync>> {
    let begun = Instant::now();
    let callers: Vec<_> = (0..callers)
        .map(|caller| {
            let (journal, stream) = (journal.clone(), format!("rates/{callers}-{batch}/{caller}"));
            tokio::spawn(async move {
                let (mut number, mut seq, mut slowest) = (0, 0, Duration::ZERO);
                while begun.elapsed() < SPAN {
                    let called = Instant::now();
                    journal.append(&stream, seq, Fence(0), vec![draft(); batch]).await?;
                    slowest = slowest.max(called.elapsed());
                    (number, seq) = (number + 1, seq + batch as u64);
                }
                Ok::<_, journal::AppendError>((number, slowest))
            })
        })
        .collect();
    let (mut number, mut slowest) = (0, Duration::ZERO);
    for caller in callers {
        let (appended, longest) = caller.await??;
        (number, slowest) = (number + appended, slowest.max(longest));
    }
    Ok((rate(number, begun.elapsed()), slowest))
}

async fn read(journal: &dyn Journal) -> Result<(u64, Duration), Box<dyn Error + Send + Sync>> {
    let (begun, mut position) = (Instant::now(), 0);
    loop {
        let page = journal.read_all(position, 1_000).await?;
        match page.last() {
            Some(last) => position = last.position,
            None => return Ok((position, begun.elapsed())),
        }
    }
}

fn draft() -> Draft {
    let body = format!(r#"{{"share":25,"reason":"{}"}}"#, "the phase before it passed ".repeat(6));
    Draft { kind: "PhaseEntered".to_owned(), at_ms: 1_700_000_000_000, actor: "control".to_owned(), body }
}

fn rate(number: u64, took: Duration) -> f64 {
    number as f64 / took.as_secs_f64()
}
