//! Reading what is stored.

use journal::{Begun, Head, Journal, StreamHead};

use crate::samples_of_work::{append, everything};

pub(crate) async fn pages_join_without_seam(journal: Box<dyn Journal>) {
    for seq in 0..10 {
        append(&*journal, "a", seq, 1).await.unwrap();
        append(&*journal, "b", seq * 2, 2).await.unwrap();
    }
    let (mut all, mut of_b) = (Vec::new(), Vec::new());
    loop {
        let page = journal.read_all(all.len() as u64, 7).await.unwrap();
        if page.is_empty() {
            break;
        }
        all.extend(page);
    }
    loop {
        let page = journal.read_stream("b", of_b.len() as u64, 3).await.unwrap();
        if page.is_empty() {
            break;
        }
        of_b.extend(page);
    }
    assert_eq!(all, everything(&*journal).await);
    assert_eq!(all.len(), 30);
    all.retain(|entry| entry.stream == "b");
    assert_eq!(of_b, all);
}

pub(crate) async fn beyond_the_end_is_nothing(journal: Box<dyn Journal>) {
    append(&*journal, "a", 0, 2).await.unwrap();
    for after in [2, 3, i64::MAX as u64, u64::MAX] {
        assert_eq!(journal.read_all(after, 10).await.unwrap(), []);
        assert_eq!(journal.read_stream("a", after, 10).await.unwrap(), []);
        assert_eq!(journal.read_samples("a", after, 10).await.unwrap(), []);
    }
    assert_eq!(journal.read_all(0, 0).await.unwrap(), []);
    assert_eq!(journal.read_stream("nowhere", 0, 10).await.unwrap(), []);
}

pub(crate) async fn streams_are_listed_by_prefix_and_by_byte(journal: Box<dyn Journal>) {
    for (number, stream) in (1..).zip(["release/a", "release/B", "release/é", "release", "flag/_", "flag/%", "é"]) {
        append(&*journal, stream, 0, number).await.unwrap();
    }
    let listed = |heads: Vec<StreamHead>| heads.into_iter().map(|head| (head.stream, head.seq)).collect::<Vec<_>>();
    let expected = |heads: &[(&str, u64)]| heads.iter().map(|(s, n)| ((*s).to_owned(), *n)).collect::<Vec<_>>();
    let releases = listed(journal.streams("release/").await.unwrap());
    assert_eq!(releases, expected(&[("release/B", 2), ("release/a", 1), ("release/é", 3)]));
    assert_eq!(listed(journal.streams("flag/_").await.unwrap()), expected(&[("flag/_", 5)]));
    assert_eq!(listed(journal.streams("release/a").await.unwrap()), expected(&[("release/a", 1)]));
    assert_eq!(journal.streams("").await.unwrap().len(), 7);
    assert_eq!(journal.streams("z").await.unwrap(), []);
}

pub(crate) async fn streams_that_began_since_are_told_once(journal: Box<dyn Journal>) {
    assert_eq!(journal.begun("release/", 0).await.unwrap(), Begun { streams: vec![], upto: 0 });
    for (stream, number) in [("release/b", 2), ("flag/a", 1), ("release/a", 1)] {
        append(&*journal, stream, 0, number).await.unwrap();
    }
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let begun = journal.begun("release/", 0).await.unwrap();
    assert_eq!(begun, Begun { streams: names(&["release/b", "release/a"]), upto: 4 });
    assert_eq!(journal.begun("release/", 1).await.unwrap().streams, names(&["release/a"]));
    append(&*journal, "release/b", 2, 3).await.unwrap();
    assert_eq!(journal.begun("release/", 4).await.unwrap(), Begun { streams: vec![], upto: 7 });
    append(&*journal, "release/c", 0, 1).await.unwrap();
    assert_eq!(journal.begun("", 7).await.unwrap(), Begun { streams: names(&["release/c"]), upto: 8 });
    assert_eq!(journal.begun("", u64::MAX).await.unwrap(), Begun { streams: vec![], upto: 8 });
}

pub(crate) async fn the_head_is_the_last_entry(journal: Box<dyn Journal>) {
    assert_eq!(journal.head().await.unwrap(), Head::EMPTY);
    let last = append(&*journal, "a", 0, 3).await.unwrap().remove(2);
    assert_eq!(journal.head().await.unwrap(), Head { position: 3, hash: last.hash });
}
