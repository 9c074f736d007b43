//! The language as a page: every key with its type, default and meaning, from the same description that the reader
//! follows.

use crate::shape::{KeyRule, Kinds, Need, Part, Record, Shape, TextRule, parts};
use std::fmt::Write as _;

/// The reference page of policies, in Markdown.
#[must_use]
pub fn reference() -> String {
    let mut out = String::from(INTRODUCTION);
    for part in parts() {
        match part {
            Part::Record(record) => write_record(&mut out, record),
            Part::Kinds(kinds) => write_kinds(&mut out, kinds),
        }
    }
    let _infallible = write!(out, "{STANDARD}```yaml\n{}```\n", crate::standard());
    out
}

const INTRODUCTION: &str = "# The policy file

<!-- Generated: TIDEGATE_BLESS=1 cargo test -p policy -->

A policy says how a team releases. It is one YAML file, `tidegate.yaml`. `tidegate init` writes a first one,
`tidegate check` explains what is wrong with one, `tidegate schema` prints its JSON Schema for editors.

## Rules

- **Numbers have units.** Times: `250 ms`, `90 s`, `30 min`, `1 h`, `2 h 30 min`, `1 d`. Shares of users, relative
  changes and probabilities: `5 %`. Differences between two proportions: `0.1 points` (percentage points), also `0.1 pp`.
- **Nothing is guessed.** An unknown key, a bare number or a name that nothing has is an error with its place.
- **Texts that look like numbers need quotes**: `live: \"1.10\"`.
- **Names** are 1 to 63 lower-case letters, digits and hyphens.
- **Merging.** With `extends`, maps are joined key by key and the file's own value wins; lists are replaced as a whole;
  a value of another kind replaces the one that it extends.
- **Secrets** are referred to, `{ from_env: NAME }` or `{ from_file: PATH }`, and never written into the file.
- **Limits**: 1 MiB, 64 levels, 100,000 values. Anchors and aliases may be used; tags and merge keys may not.
";

const STANDARD: &str = "
## standard

What `extends: standard` takes. It is a policy file like any other.

";

fn write_record(out: &mut String, record: &Record) {
    let _infallible = write!(out, "\n## {}\n\n{}\n", record.name, record.doc);
    if !record.fields.is_empty() {
        out.push_str("\n| key | value | default | meaning |\n|---|---|---|---|\n");
    }
    for field in record.fields {
        let need = match field.need {
            Need::Required => "required".to_owned(),
            Need::Optional => "none".to_owned(),
            Need::Default(text) => format!("`{text}`"),
        };
        let meaning = field.doc.replace('|', "\\|");
        let _infallible = writeln!(out, "| `{}` | {} | {need} | {meaning} |", field.key, value_of(&field.shape));
    }
    write_not_yet(out, record.not_yet);
}

fn write_kinds(out: &mut String, kinds: &Kinds) {
    let _infallible = write!(out, "\n## {}\n\n{} Exactly one of:\n\n", kinds.name, kinds.doc);
    for kind in kinds.kinds {
        let _infallible = writeln!(out, "- `{}:` {}. {}", kind.key, value_of(&kind.shape), kind.doc);
    }
    for (word, doc) in kinds.words {
        let _infallible = writeln!(out, "- `{word}`: {doc}.");
    }
    write_not_yet(out, kinds.not_yet);
}

fn write_not_yet(out: &mut String, not_yet: &[(&str, &str)]) {
    if not_yet.is_empty() {
        return;
    }
    let keys: Vec<_> = not_yet.iter().map(|(key, what)| format!("`{key}` ({what})")).collect();
    let _infallible =
        write!(out, "\nRefused until Tidegate runs it ([TG-1020](../errors/TG-1020.md)): {}.\n", keys.join(", "));
}

fn value_of(shape: &Shape) -> String {
    match shape {
        Shape::Text(rule) => text_of(*rule).to_owned(),
        Shape::Quantity(quantity) => format!("{}, such as `{}`", quantity.noun, quantity.example),
        Shape::Whole { least, most, noun } => format!("{noun}, {least} to {most}"),
        Shape::Switch => "`on` or `off`".to_owned(),
        Shape::Word(words) => words.iter().map(|(word, doc)| format!("`{word}` ({doc})")).collect::<Vec<_>>().join(" or "),
        Shape::Quantile => "`p50`, `p95` or `p99`".to_owned(),
        Shape::OnUndecided => {
            "`extend 2x` (up to twice the time, then hold), `hold` (wait for a person), `roll back`, or `advance` (go on and write the risk into the journal)".to_owned()
        }
        Shape::Name(table) => format!("the name of one of the `{}`", table.key()),
        Shape::RolloutBy => "`by type`, or the name of one of the `rollouts`".to_owned(),
        Shape::EnvValue => "a text or a [Reference](#reference)".to_owned(),
        Shape::OrOff(inner) => format!("{} or `off`", value_of(inner)),
        Shape::List { of, .. } => format!("a list: {}", value_of(of)),
        Shape::Map { of, key } => match key {
            KeyRule::Name(table) => format!("by the {}'s name: {}", table.noun(), value_of(of)),
            KeyRule::Channel => format!("by the channel's name: {}", value_of(of)),
            KeyRule::Variable => format!("by the variable's name: {}", value_of(of)),
        },
        Shape::Record(record) => link(record.name),
        Shape::Kind(kinds) => link(kinds.name),
    }
}

fn link(name: &str) -> String {
    format!("[{name}](#{})", name.to_ascii_lowercase())
}

const fn text_of(rule: TextRule) -> &'static str {
    match rule {
        TextRule::Command => "a shell command",
        TextRule::UrlPath => "a path of a URL, such as `/healthz`",
        TextRule::Url => "a URL, such as `http://127.0.0.1:8080/`",
        TextRule::Listen => "an IP address with a port, such as `127.0.0.1:8080`",
        TextRule::Directory => "a directory",
        TextRule::Version => "a version, such as `\"1.4.0\"`",
        TextRule::Branch => "a branch",
        TextRule::Token => "a name of a cookie or header",
        TextRule::Variable => "the name of an environment variable",
        TextRule::File => "the path of a file",
        TextRule::Selector => "a selector of PromQL, such as `http_requests_total{job=\"shop\"}`",
        TextRule::Label => "the name of a label",
        TextRule::LabelValue => "the value of a label",
        TextRule::UserName => "the name of a user",
    }
}
