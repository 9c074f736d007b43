//! From changes to editions. Many changes in a row are published as one: clients want the newest state, not each. A kill is
//! published at once, with all that came before it.

use crate::edition::Edition;
use crate::registry::Registry;
use flags::{Bucketing, FlagSet, Json, Shelf};
use std::sync::Arc;
use std::time::Duration;

/// How long a change waits for others.
const COMPANY: Duration = Duration::from_millis(20);

impl Registry {
    /// Publishes whenever something changed, for ever.
    pub(crate) async fn publish_on(&self) {
        loop {
            tokio::select! {
                () = self.urgent.notified() => {}
                () = self.changed.notified() => {
                    tokio::select! {
                        () = self.urgent.notified() => {}
                        () = tokio::time::sleep(COMPANY) => {}
                    }
                }
            }
            self.publish().await;
        }
    }

    /// Publishes everything as it is now.
    pub(crate) async fn publish(&self) {
        let (shelf, revision) = {
            let book = self.book();
            (Arc::new(book.shelf()), book.position)
        };
        for (channel, sender) in self.editions() {
            if sender.borrow().revision >= revision && revision > 0 {
                continue;
            }
            let (shelf, name) = (Arc::clone(&shelf), channel.clone());
            let bucketing = self.channels.get(channel).copied().unwrap_or_default();
            // Thousands of rules take longer than a task may hold its thread.
            match tokio::task::spawn_blocking(move || compile(&shelf, &name, bucketing, revision)).await {
                Ok(edition) => {
                    sender.send_replace(Arc::new(edition));
                }
                Err(error) => tracing::error!(code = "TG-8099", %error, channel, "flags cannot be compiled"),
            }
        }
    }
}

/// An edition of a channel.
pub(crate) fn compile(shelf: &Shelf, channel: &str, bucketing: Bucketing, revision: u64) -> Edition {
    let named = vec![("flagSetId".to_string(), Json::from(channel))];
    let set = FlagSet::compile(shelf, channel, bucketing).with_metadata(named);
    // Texts and finite numbers can always be written.
    let document = serde_json::to_string(set.flagd()).unwrap_or_default();
    let asks_time = mentions_time(set.flagd());
    Edition {
        channel: channel.to_string(),
        revision,
        bucketing,
        set: Arc::new(set),
        asks_time,
        document: document.into(),
    }
}

/// Whether a rule could read the time. One that only has the words in a text is taken for one that could.
fn mentions_time(json: &Json) -> bool {
    match json {
        Json::Text(text) => text.contains("$flagd"),
        Json::List(items) => items.iter().any(mentions_time),
        Json::Map(members) => members.iter().any(|(_, value)| mentions_time(value)),
        Json::Null | Json::Bool(_) | Json::Int(_) | Json::Float(_) => false,
    }
}
