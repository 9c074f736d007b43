//! What an append does, and what it refuses.

use std::sync::Arc;

use journal::{AppendError, Draft, Journal};

use crate::samples_of_work::{NOBODY, append, draft, drafts, everything};

pub(crate) async fn numbers_run_by_stream_and_by_journal(journal: Box<dyn Journal>) {
    append(&*journal, "release/a", 0, 2).await.unwrap();
    append(&*journal, "release/b", 0, 1).await.unwrap();
    append(&*journal, "release/a", 2, 1).await.unwrap();
    let places: Vec<_> = everything(&*journal).await.into_iter().map(|e| (e.position, e.stream, e.seq)).collect();
    let a = || "release/a".to_owned();
    assert_eq!(places, [(1, a(), 1), (2, a(), 2), (3, "release/b".to_owned(), 1), (4, a(), 3)]);
}

pub(crate) async fn what_is_answered_is_what_is_read(journal: Box<dyn Journal>) {
    let mut answered = append(&*journal, "release/a", 0, 3).await.unwrap();
    assert_eq!(journal.read_stream("release/a", 0, 10).await.unwrap(), answered);
    answered.extend(append(&*journal, "release/b", 0, 2).await.unwrap());
    assert_eq!(everything(&*journal).await, answered);
}

pub(crate) async fn a_body_is_kept_to_the_byte(journal: Box<dyn Journal>) {
    for (seq, body) in (0..).zip(["{\"b\":1,\n \"a\" : 2.50}", "\"žluťoučký 🐎\"", "null", r#""\u0000""#]) {
        let written =
            Draft { body: body.to_owned(), at_ms: -1, actor: "żaneta 🦀".to_owned(), kind: "k".to_owned() };
        journal.append("s", seq, NOBODY, vec![written.clone()]).await.unwrap();
        let read = journal.read_stream("s", seq, 1).await.unwrap().remove(0);
        assert_eq!(Draft { kind: read.kind, at_ms: read.at_ms, actor: read.actor, body: read.body }, written);
    }
}

pub(crate) async fn one_bad_draft_refuses_all(journal: Box<dyn Journal>) {
    let mut batch = drafts(3);
    batch[1].body = "{".to_owned();
    let refused = journal.append("release/a", 0, NOBODY, batch).await;
    assert!(matches!(refused, Err(AppendError::Malformed { field: "body", .. })), "{refused:?}");
    assert_eq!(everything(&*journal).await, []);
}

pub(crate) async fn a_conflict_names_both_ends(journal: Box<dyn Journal>) {
    append(&*journal, "release/a", 0, 2).await.unwrap();
    for expected in [0, 1, 3, u64::MAX] {
        let refused = append(&*journal, "release/a", expected, 1).await;
        assert_eq!(refused, Err(AppendError::Conflict { expected, actual: 2 }));
    }
    assert_eq!(append(&*journal, "release/b", 1, 1).await, Err(AppendError::Conflict { expected: 1, actual: 0 }));
    assert_eq!(everything(&*journal).await.len(), 2);
}

pub(crate) async fn nothing_to_append_is_still_checked(journal: Box<dyn Journal>) {
    assert_eq!(append(&*journal, "release/a", 0, 0).await, Ok(vec![]));
    assert_eq!(append(&*journal, "release/a", 4, 0).await, Err(AppendError::Conflict { expected: 4, actual: 0 }));
    assert_eq!(journal.streams("").await.unwrap(), []);
}

pub(crate) async fn what_could_never_be_read_is_refused(journal: Box<dyn Journal>) {
    let with_body = |body: &str| Draft { body: body.to_owned(), ..draft("k") };
    let long = "x".repeat(201);
    let huge = format!("\"{}\"", "x".repeat(8 << 20));
    let cases = [
        ("stream", "", draft("k")),
        ("stream", "a\nb", draft("k")),
        ("stream", &long, draft("k")),
        ("kind", "s", draft("")),
        ("actor", "s", Draft { actor: "a\0b".to_owned(), ..draft("k") }),
        ("body", "s", with_body("")),
        ("body", "s", with_body("{} {}")),
        ("body", "s", with_body("1e999")),
        ("body", "s", with_body(r#""\ud800""#)),
        ("body", "s", with_body(&"[".repeat(100_000))),
        ("body", "s", with_body(&huge)),
    ];
    for (expected, stream, draft) in cases {
        match journal.append(stream, 0, NOBODY, vec![draft]).await {
            Err(AppendError::Malformed { field, .. }) => assert_eq!(field, expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
    assert_eq!(everything(&*journal).await, []);
}

pub(crate) async fn of_racing_appends_to_a_stream_one_wins(journal: Box<dyn Journal>) {
    let journal: Arc<dyn Journal> = Arc::from(journal);
    let racers: Vec<_> = (0..16)
        .map(|_| {
            let journal = journal.clone();
            tokio::spawn(async move { append(&*journal, "release/a", 0, 3).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(_) => won += 1,
            Err(error) => assert_eq!(error, AppendError::Conflict { expected: 0, actual: 3 }),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(everything(&*journal).await.len(), 3);
}

pub(crate) async fn racing_appends_to_many_streams_all_land(journal: Box<dyn Journal>) {
    let journal: Arc<dyn Journal> = Arc::from(journal);
    let racers: Vec<_> = (0..8)
        .map(|n| {
            let journal = journal.clone();
            tokio::spawn(async move {
                for seq in 0..25 {
                    append(&*journal, &format!("release/{n}"), seq, 1).await.unwrap();
                }
            })
        })
        .collect();
    for racer in racers {
        racer.await.unwrap();
    }
    let positions: Vec<_> = everything(&*journal).await.iter().map(|entry| entry.position).collect();
    assert_eq!(positions, (1..=200).collect::<Vec<_>>());
    assert_eq!(journal.verify().await.unwrap().streams, 8);
}
