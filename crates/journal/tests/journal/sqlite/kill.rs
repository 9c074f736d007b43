//! SIGKILL at any moment: what was acknowledged is there. (A power cut is another matter; see `synchronous` in the store.)

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use journal::{Journal, Sqlite};

use super::role;
use crate::samples_of_work::{NOBODY, append};
use crate::scratch::Scratch;

const ROUNDS: usize = 12;

#[test]
fn every_acknowledged_append_survives_a_kill() {
    if let Some(directory) = role::assigned() {
        role::block_on(append_for_ever(&directory));
        return;
    }
    let scratch = Scratch::new();
    let mut acknowledged = Vec::new();
    for round in 0..ROUNDS {
        let mut child = role::child("sqlite::kill::every_acknowledged_append_survives_a_kill", scratch.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut acks = lines.filter_map(|line| line.strip_prefix("acknowledged ").map(str::to_owned));
        // Another moment each round: between two syncs, inside a group, during a checkpoint.
        acknowledged.extend(acks.by_ref().take(1 + round * 97));
        child.kill().unwrap();
        acknowledged.extend(acks);
        child.wait().unwrap();
    }
    assert!(acknowledged.len() > ROUNDS * 97, "the children did not get to work: {}", acknowledged.len());

    let report = role::block_on(async {
        let journal = Sqlite::open(scratch.journal()).unwrap();
        let stored = journal.read_all(0, usize::MAX).await.unwrap();
        for ack in &acknowledged {
            // The last line of a killed child may be torn: then it was not acknowledged.
            let Some((position, hash)) = ack.split_once(' ').filter(|(_, hash)| hash.len() == 64) else { continue };
            let position: usize = position.parse().unwrap();
            assert_eq!(stored[position - 1].hash.to_string(), hash, "entry {position}");
        }
        journal.verify().await.unwrap()
    });
    assert!(report.samples > 0);
}

/// Four streams at once, three entries at a time, with measurements in between.
async fn append_for_ever(directory: &Path) {
    let journal: Arc<dyn Journal> = Arc::new(Sqlite::open(directory.join("journal.db")).unwrap());
    let writers: Vec<_> = (0..4)
        .map(|n| {
            let (journal, stream) = (journal.clone(), format!("release/{n}"));
            tokio::spawn(async move {
                let stored = journal.read_stream(&stream, 0, usize::MAX).await.unwrap().len() as u64;
                let mut measured = journal.read_samples(&stream, 0, usize::MAX).await.unwrap().len() as u64;
                for seq in (stored..).step_by(3) {
                    for entry in append(&*journal, &stream, seq, 3).await.unwrap() {
                        println!("acknowledged {} {}", entry.position, entry.hash);
                    }
                    journal.append_sample(&stream, measured, seq + 3, NOBODY, "[5]".to_owned()).await.unwrap();
                    measured += 1;
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
}
