//! From text to tree. Only what a configuration needs is read: one document, text keys, no tags. Sizes are bounded
//! before anything is built, so that no file can exhaust the reader.

use super::{Content, Entry, Node};
use crate::findings::{Finding, Findings};
use crate::problem::Code;
use crate::source::{Origin, Span, lines};
use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use std::collections::BTreeMap;

/// A policy of a thousand services is a tenth of this.
const BYTES: usize = 1 << 20;
const DEPTH: usize = 64;
/// Values, with every anchor and alias counted as what it stands for.
pub(crate) const NODES: usize = 100_000;

/// The only document of the text; nothing when it has problems that leave no tree to look at.
pub(crate) fn parse(text: &str, origin: Origin, findings: &mut Findings<'_>) -> Option<Node> {
    let top = Span { origin, line: 1, column: 1, width: 1 };
    if text.len() > BYTES {
        let why = format!("it has {} bytes; {} has at most {BYTES}", text.len(), findings.subject.noun);
        findings.add(
            top,
            "",
            Finding::new(Code::TooMuch, "the file is too large", why).hint("is this the right file?"),
        );
        return None;
    }
    if let Some(at) = control_character(text, origin) {
        let finding = Finding::new(Code::Syntax, "this is not YAML", "found a control character, expected text")
            .hint("remove it; in a double-quoted text it can be written as an escape such as `\\x07`");
        findings.add(at, "", finding);
        return None;
    }
    let mut builder =
        Builder { parser: Parser::new_from_str(text), origin, findings, anchors: BTreeMap::new(), nodes: 0 };
    match builder.document() {
        Ok(Some(node)) => Some(node),
        Ok(None) => {
            let why = format!("found nothing, expected {}", findings.subject.noun);
            let finding = Finding::new(Code::Empty, "the file is empty", why).hint(findings.subject.first);
            findings.add(top, "", finding);
            None
        }
        Err(Stop::Syntax(error)) => {
            let at = span(origin, *error.marker(), 1);
            let info = format!("the parser stopped here: {}", error.info());
            let finding =
                Finding::new(Code::Syntax, "this is not YAML", info).hint(syntax_hint(text, at, error.info()));
            findings.add(at, "", finding);
            None
        }
        Err(Stop::At(at, finding)) => {
            findings.add(at, "", finding);
            None
        }
    }
}

/// Why no tree could be built.
enum Stop {
    Syntax(ScanError),
    At(Span, Finding),
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Self {
        Self::Syntax(error)
    }
}

struct Builder<'t, 'f, 's> {
    parser: Parser<'t, saphyr_parser::StrInput<'t>>,
    origin: Origin,
    findings: &'f mut Findings<'s>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
}

impl<'t> Builder<'t, '_, '_> {
    fn next(&mut self) -> Result<(Event<'t>, Span), Stop> {
        match self.parser.next_event() {
            None => Ok((Event::StreamEnd, Span { origin: self.origin, line: 1, column: 1, width: 1 })),
            Some(event) => {
                let (event, at) = event?;
                let one_line = at.start.line() == at.end.line();
                let width = if one_line { at.end.index().saturating_sub(at.start.index()) } else { usize::MAX / 2 };
                Ok((event, span(self.origin, at.start, width)))
            }
        }
    }

    fn document(&mut self) -> Result<Option<Node>, Stop> {
        let mut found = None;
        loop {
            let (event, at) = self.next()?;
            match event {
                Event::StreamEnd => return Ok(found),
                Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
                event if found.is_none() => {
                    let node = self.node(event, at, 0)?;
                    // an empty document, or one of comments only, is an empty text
                    found = (!node.is_nothing()).then_some(node);
                }
                _ => return Err(foreign(at, "a second document", "keep one document in a file")),
            }
        }
    }

    fn node(&mut self, event: Event<'t>, at: Span, depth: usize) -> Result<Node, Stop> {
        self.count(at, 1)?;
        if depth > DEPTH {
            let finding =
                Finding::new(Code::TooMuch, "the file is nested too deeply", format!("deeper than {DEPTH} levels"))
                    .hint("a policy needs fewer than ten");
            return Err(Stop::At(at, finding));
        }
        let (anchor, tag, value) = match event {
            Event::Scalar(text, style, anchor, tag) => {
                let plain = matches!(style, ScalarStyle::Plain);
                (anchor, tag, Content::Text { text: text.into_owned(), plain })
            }
            Event::SequenceStart(anchor, tag) => (anchor, tag, self.list(depth)?),
            Event::MappingStart(anchor, tag) => (anchor, tag, self.map(depth)?),
            Event::Alias(anchor) => return self.alias(anchor, at),
            _ => return Err(foreign(at, "an end without a beginning", "check the brackets and the indentation")),
        };
        if tag.is_some() {
            return Err(foreign(at, "a tag (`!…`)", "remove it; what a value is follows from its key"));
        }
        let node = Node { at, value };
        if anchor != 0 {
            self.count(at, node.size())?;
            self.anchors.insert(anchor, node.clone());
        }
        Ok(node)
    }

    fn list(&mut self, depth: usize) -> Result<Content, Stop> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Content::List(items)),
                (event, at) => items.push(self.node(event, at, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Content, Stop> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        loop {
            let (event, key_at) = self.next()?;
            let key = match event {
                Event::MappingEnd => return Ok(Content::Map(entries)),
                Event::Scalar(text, _, 0, None) => text.into_owned(),
                _ => return Err(foreign(key_at, "a key that is not a plain text", "write the key as a text")),
            };
            if key == "<<" {
                return Err(foreign(key_at, "a merge key", "name the keys, or `extends` a rollout"));
            }
            let (event, at) = self.next()?;
            let value = self.node(event, at, depth + 1)?;
            match seen.get(&key) {
                Some(line) => {
                    let why = format!("`{key}` is already on line {line}");
                    let finding = Finding::new(Code::DuplicateKey, "a key is here twice", why);
                    self.findings.add(key_at, "", finding.hint("keep one of the two"));
                }
                None => {
                    seen.insert(key.clone(), key_at.line);
                    entries.push(Entry { key, key_at, value });
                }
            }
        }
    }

    fn alias(&mut self, anchor: usize, at: Span) -> Result<Node, Stop> {
        match self.anchors.get(&anchor).cloned() {
            None => Err(foreign(at, "an alias inside of what it stands for", "write the value out")),
            Some(node) => {
                self.count(at, node.size())?;
                Ok(Node { at, ..node })
            }
        }
    }

    fn count(&mut self, at: Span, more: usize) -> Result<(), Stop> {
        self.nodes = self.nodes.saturating_add(more);
        if self.nodes <= NODES {
            return Ok(());
        }
        let why = format!("with its aliases it has more than {NODES} values");
        Err(Stop::At(
            at,
            Finding::new(Code::TooMuch, "the file is too large", why).hint("write the values out where they are used"),
        ))
    }
}

fn foreign(at: Span, what: &str, hint: &str) -> Stop {
    let why = format!("found {what}");
    Stop::At(at, Finding::new(Code::ForeignYaml, "policies do not use this part of YAML", why).hint(hint))
}

fn span(origin: Origin, start: saphyr_parser::Marker, width: usize) -> Span {
    Span { origin, line: start.line().max(1), column: start.col() + 1, width: width.max(1) }
}

/// The parser takes NUL for the end of the text, and YAML forbids the others.
fn control_character(text: &str, origin: Origin) -> Option<Span> {
    let forbidden = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{85}');
    if !text.contains(forbidden) {
        return None;
    }
    lines(text).iter().enumerate().find_map(|(i, line)| {
        let column = line.chars().position(forbidden)?;
        Some(Span { origin, line: i + 1, column: column + 1, width: 1 })
    })
}

fn syntax_hint(text: &str, at: Span, info: &str) -> &'static str {
    let all = lines(text);
    let line = all.get(at.line - 1).copied().unwrap_or("");
    let before = all.get(at.line.saturating_sub(2)).copied().unwrap_or("");
    let tabbed = |line: &str| line.chars().take_while(|c| c.is_whitespace()).any(|c| c == '\t');
    if tabbed(line) || tabbed(before) {
        return "indent with spaces; YAML does not allow tabs there";
    }
    if info.contains("quoted scalar") {
        return "close the quote";
    }
    if info.contains("flow") {
        return "close the bracket, or put a comma between its items";
    }
    if line.matches(": ").count() > 1 || before.matches(": ").count() > 1 {
        return "put quotes around a text that contains `: `";
    }
    "look at the indentation, the quotes and the brackets on this line and the one before it"
}
