//! A tree of texts as YAML again: what `standard` and the file make together, for people who want to see it.

use crate::yaml::{Content, Entry, Node};
use std::fmt::Write as _;

/// The policy with everything said; it reads back to the same policy.
pub(crate) fn effective(root: &Node) -> String {
    let mut out = String::from("# What this policy says together with everything that it extends.\n");
    if let Content::Map(entries) = &root.value {
        for entry in entries.iter().filter(|entry| entry.key != "extends") {
            write_entry(&mut out, entry, 0);
        }
    }
    out
}

fn write_entry(out: &mut String, entry: &Entry, indent: usize) {
    let _infallible = write!(out, "{:indent$}{}:", "", text(&entry.key, true));
    write_value(out, &entry.value, indent + 2);
}

fn write_value(out: &mut String, node: &Node, indent: usize) {
    match &node.value {
        Content::Text { text: content, plain } => {
            let _infallible = writeln!(out, " {}", text(content, *plain));
        }
        Content::List(items) if items.is_empty() => out.push_str(" []\n"),
        Content::Map(entries) if entries.is_empty() => out.push_str(" {}\n"),
        Content::List(items) => {
            out.push('\n');
            for item in items {
                let _infallible = write!(out, "{:indent$}-", "");
                write_value(out, item, indent + 2);
            }
        }
        Content::Map(entries) => {
            out.push('\n');
            for entry in entries {
                write_entry(out, entry, indent);
            }
        }
    }
}

/// Plain where it was plain and surely stays so, else in double quotes, which JSON's escapes are a part of.
fn text(text: &str, plain: bool) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, ' ' | '.' | '/' | '_' | '%' | '+' | '$' | '-');
    let starts_well = text.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '/' | '_'));
    if plain && starts_well && !text.ends_with(' ') && text.chars().all(safe) {
        return text.to_owned();
    }
    serde_json::Value::from(text).to_string()
}
