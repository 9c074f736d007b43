//! What `EventStream` says: that the server is there, that answers may have changed, and which.

use crate::Edition;
use crate::feed::Told;
use crate::wire;
use crate::wire::evaluation::EventStreamResponse;
use crate::wire::structure::{Struct, Value};
use bytes::{Bytes, BytesMut};
use flags::Json;
use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// As often as flagd itself, for what closes connections that are silent.
const KEEP_ALIVE: Duration = Duration::from_secs(20);

pub(crate) struct Events;

impl Told for Events {
    fn welcome(&self, now: &Edition) -> Bytes {
        now.welcome()
    }

    fn change(&self, before: &Edition, now: &Edition) -> Option<Bytes> {
        now.news_since(before)
    }

    fn farewell(&self) -> Option<Bytes> {
        Some(event("provider_shutdown", None))
    }

    fn idle(&self) -> Option<(Duration, Bytes)> {
        Some((KEEP_ALIVE, event("keep_alive", None)))
    }
}

/// That the server is ready, and at once that every flag may have changed. The Python provider keeps answers over a lost
/// connection and lets go of those alone that it hears of, so what changed meanwhile it would never ask for again.
pub(crate) fn welcome(now: &Edition) -> Bytes {
    let mut frames = BytesMut::from(event("provider_ready", None));
    if let Some(all) = changed(flags(now).iter().map(|(key, _)| (key, "update"))) {
        frames.extend_from_slice(&all);
    }
    frames.freeze()
}

/// Which flags differ, if any do.
pub(crate) fn change(before: &Edition, now: &Edition) -> Option<Bytes> {
    let mut old: HashMap<&String, &Json> = flags(before).iter().map(|(key, flag)| (key, flag)).collect();
    let mut news: Vec<(&String, &str)> = Vec::new();
    for (key, flag) in flags(now) {
        match old.remove(key) {
            None => news.push((key, "write")),
            Some(known) if known != flag => news.push((key, "update")),
            Some(_) => {}
        }
    }
    news.extend(old.into_keys().map(|key| (key, "delete")));
    changed(news.into_iter())
}

fn changed<'a>(news: impl Iterator<Item = (&'a String, &'static str)>) -> Option<Bytes> {
    let news: BTreeMap<String, Value> = news
        .map(|(key, what)| (key.clone(), Value::fields(BTreeMap::from([("type".to_owned(), Value::text(what))]))))
        .collect();
    let data = || Struct { fields: BTreeMap::from([("flags".to_owned(), Value::fields(news.clone()))]) };
    (!news.is_empty()).then(|| event("configuration_change", Some(data())))
}

fn event(name: &str, data: Option<Struct>) -> Bytes {
    wire::frame(&EventStreamResponse { r#type: name.to_owned(), data })
}

/// The flags of an edition as clients know them.
fn flags(edition: &Edition) -> &[(String, Json)] {
    edition.set().flagd().get("flags").and_then(Json::members).unwrap_or_default()
}
