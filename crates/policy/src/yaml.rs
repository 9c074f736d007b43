//! YAML as a tree in which every value knows its place. What a text means is decided by whoever knows what is
//! expected there; the tree keeps the texts as they are written.

mod build;

pub(crate) use build::{NODES, parse};

use crate::source::Span;

/// A value and its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) at: Span,
    pub(crate) value: Content,
}

/// What a value is; what a text means is decided by whoever knows what is expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Content {
    Text { text: String, plain: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) key_at: Span,
    pub(crate) value: Node,
}

impl Node {
    /// `key:` with nothing behind it.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(&self.value, Content::Text { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// How many values it is made of.
    pub(crate) fn size(&self) -> usize {
        match &self.value {
            Content::Text { .. } => 1,
            Content::List(items) => items.iter().map(Self::size).fold(1, usize::saturating_add),
            Content::Map(entries) => entries.iter().map(|e| e.value.size()).fold(1, usize::saturating_add),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Entry> {
        match &self.value {
            Content::Map(entries) => entries.iter().find(|entry| entry.key == key),
            Content::Text { .. } | Content::List(_) => None,
        }
    }

    /// In the words of a message.
    pub(crate) fn described(&self) -> String {
        match &self.value {
            Content::List(_) => "a list".to_owned(),
            Content::Map(_) => "a map".to_owned(),
            Content::Text { .. } if self.is_nothing() => "nothing".to_owned(),
            Content::Text { text, .. } => quoted(text),
        }
    }
}

/// A text in a message, cut where it would no longer be read.
pub(crate) fn quoted(text: &str) -> String {
    const LONGEST: usize = 60;
    let line = text.lines().next().unwrap_or("");
    if line.len() == text.len() && text.chars().count() <= LONGEST {
        return format!("`{text}`");
    }
    let cut: String = line.chars().take(LONGEST).collect();
    format!("`{cut}…`")
}
