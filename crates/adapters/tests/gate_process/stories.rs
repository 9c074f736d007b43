//! What happens to a gate and to those who look after it.

use adapters::GateProcess;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Tells all stories, one after the other; the first that goes wrong ends the program.
pub(crate) fn tell() {
    for (name, story) in STORIES {
        let dir = std::env::temp_dir().join(format!("tg-gate-process-{}-{name}", std::process::id()));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(story(dir.clone()));
        std::fs::remove_dir_all(dir).unwrap();
        println!("gate_process::{name} ... ok");
    }
}

type Story = fn(PathBuf) -> std::pin::Pin<Box<dyn Future<Output = ()>>>;

const STORIES: [(&str, Story); 4] = [
    ("started_found_and_stopped", |dir| Box::pin(started_found_and_stopped(dir))),
    ("started_again_when_it_died", |dir| Box::pin(started_again_when_it_died(dir))),
    ("one_that_cannot_start", |dir| Box::pin(one_that_cannot_start(dir))),
    ("two_lookers_make_one_gate", |dir| Box::pin(two_lookers_make_one_gate(dir))),
];

fn looking_after(dir: &std::path::Path) -> GateProcess {
    GateProcess::new(std::env::current_exe().unwrap(), dir)
}

fn runs(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z'))
}

async fn eventually(what: &str, is_true: impl Fn() -> bool) {
    let begun = Instant::now();
    while !is_true() {
        assert!(begun.elapsed() < Duration::from_secs(20), "never came true: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

async fn started_found_and_stopped(dir: PathBuf) {
    let (first, pid) = {
        let control = looking_after(&dir);
        let status = control.ensure().await.unwrap();
        assert_eq!(control.ensure().await.unwrap().boot_id, status.boot_id, "it is not started twice");
        assert_eq!(control.address().0, dir.join("gate.sock"));
        (status.boot_id, status.pid)
    };
    // Control is gone, the gate is not; its successor finds it.
    assert!(runs(pid));
    let successor = looking_after(&dir);
    assert_eq!(successor.ensure().await.unwrap().boot_id, first);
    assert!(dir.join("gate.log").exists());
    successor.shutdown(Duration::ZERO).await.unwrap();
    eventually("the gate is gone", || !runs(pid)).await;
    assert_eq!(successor.ensure().await.unwrap_err().code, "TG-5043", "stopped means stopped");
    successor.shutdown(Duration::ZERO).await.unwrap();
}

async fn started_again_when_it_died(dir: PathBuf) {
    let control = looking_after(&dir);
    let first = control.ensure().await.unwrap();
    std::process::Command::new("kill").args(["-9", &first.pid.to_string()]).status().unwrap();
    eventually("the gate is dead", || !runs(first.pid)).await;
    let begun = Instant::now();
    let second = loop {
        match control.ensure().await {
            Ok(status) => break status,
            Err(error) => {
                assert_eq!((error.code, error.retry), ("TG-5042", true));
                assert!(begun.elapsed() < Duration::from_secs(10), "{error}");
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        }
    };
    assert_ne!(second.boot_id, first.boot_id);
    control.shutdown(Duration::ZERO).await.unwrap();
}

async fn one_that_cannot_start(dir: PathBuf) {
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("broken"), "").unwrap();
    let control = looking_after(&dir);
    let error = control.ensure().await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5042", true));
    assert!(error.message.contains("TG-4002") && error.hint.contains("gate.log"), "{error}");
    let error = control.ensure().await.unwrap_err();
    assert!(error.message.contains("started again in"), "the next start waits: {error}");

    let missing = GateProcess::new("/no/such/program", &dir);
    let error = missing.ensure().await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5040", false));
    assert!(error.message.contains("/no/such/program"), "{error}");
}

async fn two_lookers_make_one_gate(dir: PathBuf) {
    let (one, other) = (Arc::new(looking_after(&dir)), Arc::new(looking_after(&dir)));
    let (first, second) = tokio::join!(one.ensure(), other.ensure());
    let boots: Vec<_> = [first, second].into_iter().flatten().map(|status| status.boot_id).collect();
    assert!(!boots.is_empty());
    let now = one.ensure().await.unwrap().boot_id;
    assert_eq!(other.ensure().await.unwrap().boot_id, now);
    one.shutdown(Duration::ZERO).await.unwrap();
}
