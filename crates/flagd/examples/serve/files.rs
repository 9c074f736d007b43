//! Files as sources of flags, and the editions that selectors choose from.
#![expect(clippy::expect_used, reason = "an example may end where a server may not")]

use crate::options::Options;
use flagd::{Caller, Client, Denied, Edition, Published, Selector, Subscription, Wants};
use flags::{FlagSet, Json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

pub(crate) struct Files {
    options: Options,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    texts: Vec<String>,
    revision: u64,
    editions: BTreeMap<Choice, watch::Sender<Arc<Edition>>>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Choice {
    All,
    FlagSet(String),
    Source(String),
}

/// Members of an object, in their order.
type Members = Vec<(String, Json)>;

impl Files {
    pub(crate) fn read(options: Options) -> Result<Self, String> {
        let files = Self { options, state: Mutex::default() };
        files.refresh()?;
        Ok(files)
    }

    /// Reads the files again; if one changed, all who listen are told.
    pub(crate) fn refresh(&self) -> Result<(), String> {
        let read = |path: &String| std::fs::read_to_string(path).map_err(|error| format!("{path}: {error}"));
        let texts = self.options.files.iter().map(read).collect::<Result<Vec<_>, _>>()?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if texts == state.texts {
            return Ok(());
        }
        // What is wrong is said once, and tried again when the file is another.
        state.texts = texts;
        let mut chosen: BTreeMap<Choice, Members> = BTreeMap::new();
        for (path, text) in self.options.files.iter().zip(&state.texts) {
            let document: Json = serde_json::from_str(text).map_err(|error| format!("{path}: {error}"))?;
            let mut choices = vec![Choice::All, Choice::Source(path.clone())];
            choices.extend(flag_set(&document).map(|name| Choice::FlagSet(name.to_owned())));
            for choice in choices {
                add(chosen.entry(choice).or_default(), &document);
            }
        }
        let revision = state.revision + 1;
        for (choice, members) in chosen {
            let edition = Arc::new(self.edition(revision, &Json::Map(members))?);
            match state.editions.get(&choice) {
                Some(sender) => drop(sender.send_replace(edition)),
                None => drop(state.editions.insert(choice, watch::Sender::new(edition))),
            }
        }
        state.revision = revision;
        Ok(())
    }

    fn edition(&self, revision: u64, document: &Json) -> Result<Edition, String> {
        let set = FlagSet::of_flagd(document, self.options.bucketing).map_err(|problems| format!("{problems:?}"))?;
        let strict = serde_json::to_string(set.flagd()).map_err(|error| error.to_string())?;
        Edition::new(revision, &strict, Arc::new(set), self.options.context.clone()).map_err(|error| error.to_string())
    }

    fn choose(&self, caller: &Caller<'_>) -> Result<watch::Receiver<Arc<Edition>>, Denied> {
        if self.options.nobody {
            return Err(Denied::Forbidden);
        }
        if self.options.token.is_some() && caller.credential != self.options.token.as_deref() {
            return Err(Denied::Unauthenticated);
        }
        let choice = match caller.selector {
            Selector::Any => Choice::All,
            Selector::FlagSet(name) => Choice::FlagSet(name.to_owned()),
            Selector::Source(name) => Choice::Source(name.to_owned()),
        };
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.editions.get(&choice).map(watch::Sender::subscribe).ok_or(Denied::Forbidden)
    }
}

impl Published for Files {
    fn current(&self, caller: &Caller<'_>, _: Wants) -> Result<Arc<Edition>, Denied> {
        Ok(self.choose(caller)?.borrow().clone())
    }

    fn subscribe(&self, caller: &Caller<'_>, _: Wants) -> Result<Subscription, Denied> {
        let ended = Box::pin(std::future::pending());
        Ok(Subscription { editions: self.choose(caller)?, ended, client: Box::new(Uncounted) })
    }
}

struct Uncounted;

impl Client for Uncounted {
    fn sent(&self, _: u64) {}
}

/// Adds a file's flags, each with the metadata of its file; those of later files win.
fn add(members: &mut Members, document: &Json) {
    let shared = document.get("metadata").and_then(Json::members).unwrap_or_default();
    for (key, flag) in document.get("flags").and_then(Json::members).unwrap_or_default() {
        let mut flag = flag.members().unwrap_or_default().to_vec();
        for (name, value) in shared {
            let metadata = entry(&mut flag, "metadata");
            if metadata.iter().all(|(own, _)| own != name) {
                metadata.push((name.clone(), value.clone()));
            }
        }
        put(entry(members, "flags"), key, Json::Map(flag));
    }
    for (name, rule) in document.get("$evaluators").and_then(Json::members).unwrap_or_default() {
        put(entry(members, "$evaluators"), name, rule.clone());
    }
}

fn flag_set(document: &Json) -> Option<&str> {
    document.get("metadata")?.get("flagSetId")?.text()
}

fn put(members: &mut Members, name: &str, value: Json) {
    match members.iter_mut().find(|(known, _)| known == name) {
        Some((_, old)) => *old = value,
        None => members.push((name.to_owned(), value)),
    }
}

/// The object under this name, which is made if there is none.
fn entry<'a>(members: &'a mut Members, name: &str) -> &'a mut Members {
    if !members.iter().any(|(known, value)| known == name && value.members().is_some()) {
        put(members, name, Json::Map(Vec::new()));
    }
    let found = members.iter_mut().find_map(|(known, value)| match value {
        Json::Map(inner) if known == name => Some(inner),
        _ => None,
    });
    found.expect("an object that was looked for and made")
}
