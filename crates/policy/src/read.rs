//! The reader: a tree of texts and a shape in, canonical values out. Whatever does not fit is told with its place;
//! reading goes on, so that all problems are found at once.

mod kind;
mod quantity;
mod record;
mod scalar;
mod text;
mod tree;

pub(crate) use text::check_name;

use crate::definition::Definitions;
use crate::findings::{Finding, Findings};
use crate::problem::Code;
use crate::scenario::Scenario;
use crate::shape::{POLICY, SCENARIO, Table};
use crate::source::Span;
use crate::yaml::{Content, Node};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// What was understood, complete when nothing was found wrong.
pub(crate) struct Understood {
    pub(crate) definitions: Definitions,
    pub(crate) places: Places,
}

/// Where every value stands, by its path.
pub(crate) struct Places(BTreeMap<String, Span>);

/// Reads a whole policy. Entries with problems are left out.
pub(crate) fn policy(root: &Node, findings: &mut Findings<'_>) -> Understood {
    let mut reader = Reader { findings, places: BTreeMap::new(), names: names(root) };
    reader.places.insert(String::new(), root.at);
    let values = reader.record_fields(root, &POLICY, &Spot { path: String::new(), home: root.at });
    let definitions = Definitions {
        services: reader.decode(&values, Table::Services),
        targets: reader.decode(&values, Table::Targets),
        levers: reader.decode(&values, Table::Levers),
        signals: reader.decode(&values, Table::Signals),
        hooks: reader.decode(&values, Table::Hooks),
        rollouts: reader.decode(&values, Table::Rollouts),
        types: reader.decode(&values, Table::Types),
        channels: reader.decode(&values, Table::Channels),
    };
    Understood { definitions, places: Places(reader.places) }
}

/// Reads a whole scenario; nothing when there are problems in it.
pub(crate) fn scenario(root: &Node, findings: &mut Findings<'_>) -> Option<(Scenario, Places)> {
    let mut reader = Reader { findings, places: BTreeMap::new(), names: BTreeMap::new() };
    reader.places.insert(String::new(), root.at);
    let value = reader.record(root, &SCENARIO, &Spot { path: String::new(), home: root.at })?;
    match serde_json::from_value(value) {
        Ok(scenario) => Some((scenario, Places(reader.places))),
        Err(error) => {
            findings.add(root.at, "", defect(&error.to_string()));
            None
        }
    }
}

fn defect(error: &str) -> Finding {
    Finding::new(Code::Defect, "Tidegate does not understand its own reading of this", error)
        .hint("report this with the file; nothing was started")
}

impl Places {
    /// Of the value with this path, or of what would hold it.
    pub(crate) fn of(&self, path: &str) -> Option<Span> {
        let mut path = path;
        loop {
            if let Some(span) = self.0.get(path) {
                return Some(*span);
            }
            path = match path.rfind(['.', '[']) {
                Some(end) => &path[..end],
                None if path.is_empty() => return None,
                None => "",
            };
        }
    }
}

struct Reader<'f, 's> {
    findings: &'f mut Findings<'s>,
    places: BTreeMap<String, Span>,
    names: BTreeMap<Table, Vec<String>>,
}

/// Where the reader is.
struct Spot {
    path: String,
    /// What a missing key is missing in: the key above, or the beginning of the list's item.
    home: Span,
}

impl Reader<'_, '_> {
    fn tell(&mut self, at: Span, spot: &Spot, finding: Finding) {
        self.findings.add(at, &spot.path, finding);
    }

    fn names(&self, table: Table) -> impl Iterator<Item = &str> {
        self.names.get(&table).into_iter().flatten().map(String::as_str)
    }

    /// The entries of a table as typed values.
    fn decode<T: DeserializeOwned>(
        &mut self,
        values: &BTreeMap<&'static str, Value>,
        table: Table,
    ) -> BTreeMap<String, T> {
        let mut entries = BTreeMap::new();
        let Some(Value::Object(found)) = values.get(table.key()) else {
            return entries;
        };
        for (name, value) in found {
            match serde_json::from_value(value.clone()) {
                Ok(entry) => {
                    entries.insert(name.clone(), entry);
                }
                Err(error) => self.defect(table, name, &error.to_string()),
            }
        }
        entries
    }

    fn defect(&mut self, table: Table, name: &str, error: &str) {
        let path = format!("{}.{name}", table.key());
        if let Some(at) = self.places.get(&path).copied() {
            self.findings.add(at, &path, defect(error));
        }
    }
}

impl Spot {
    fn under(&self, key: &str, home: Span) -> Self {
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        Self { path, home }
    }

    fn item(&self, index: usize, home: Span) -> Self {
        Self { path: format!("{}[{index}]", self.path), home }
    }
}

/// The names that the policy defines, well formed or not: a mistake in an entry must not make its name unknown.
fn names(root: &Node) -> BTreeMap<Table, Vec<String>> {
    const TABLES: [Table; 8] = [
        Table::Services,
        Table::Targets,
        Table::Levers,
        Table::Signals,
        Table::Hooks,
        Table::Rollouts,
        Table::Types,
        Table::Channels,
    ];
    let keys = |table: Table| match root.get(table.key()).map(|entry| &entry.value.value) {
        Some(Content::Map(entries)) => entries.iter().map(|entry| entry.key.clone()).collect(),
        Some(Content::Text { .. } | Content::List(_)) | None => Vec::new(),
    };
    TABLES.into_iter().map(|table| (table, keys(table))).collect()
}
