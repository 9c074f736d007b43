//! What came of a change, told the same way for all of them.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::line::{Line, Style};
use crate::visible::{cut, visible};
use flags::Json;
use server::dto::{FlagChanged, FlagDifference};

/// The longest value that is shown of a difference.
const WIDTH: usize = 90;

/// Tells what was done: a sentence about it, and each place that is different.
///
/// # Errors
/// It cannot be written.
pub(super) fn tell(changed: &FlagChanged, sentence: &str, out: &Out) -> Result<Exit, Failure> {
    if out.json() {
        out.value(changed)?;
        return Ok(Exit::Done);
    }
    let revision = if changed.done { format!(" (revision {})", changed.after.revision) } else { String::new() };
    out.line(&visible(&format!("{} {sentence}{revision}", changed.after.flag.key)))?;
    for line in places(&changed.differences) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(Exit::Done)
}

/// Each place with what was there and what is.
pub(super) fn places(differences: &[FlagDifference]) -> Vec<Line> {
    let told = |value: &Option<Json>| match value {
        None => "nothing".to_owned(),
        Some(value) => cut(&serde_json::to_string(value).unwrap_or_default(), WIDTH),
    };
    differences
        .iter()
        .map(|place| {
            let (before, after) = (told(&place.before), told(&place.after));
            let path = place.path.strip_prefix("/flag").filter(|path| !path.is_empty()).unwrap_or(&place.path);
            let path = if path.is_empty() { "all" } else { path };
            Line::new().plain("    ").plain(path).with(Style::Dim, format!(": {before} → {after}"))
        })
        .collect()
}

/// Lines that go and lines that come; what is the same at both ends is left out.
pub(super) fn lines(before: &[String], after: &[String]) -> Vec<Line> {
    let same = |pairs: &mut dyn Iterator<Item = (&String, &String)>| pairs.take_while(|(a, b)| a == b).count();
    let head = same(&mut before.iter().zip(after));
    let (before, after) = (&before[head..], &after[head..]);
    let tail = same(&mut before.iter().rev().zip(after.iter().rev()));
    let (before, after) = (&before[..before.len() - tail], &after[..after.len() - tail]);
    let gone = before.iter().map(|line| Line::new().with(Style::Bad, format!("  - {line}")));
    let new = after.iter().map(|line| Line::new().with(Style::Good, format!("  + {line}")));
    gone.chain(new).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Paint;

    #[test]
    fn what_is_the_same_is_not_told() {
        let texts = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let told = |before: &str, after: &str| -> Vec<String> {
            let lines = lines(&texts(before), &texts(after));
            lines.iter().map(|line| line.paint(Paint::new(false), 99)).collect()
        };
        assert_eq!(told("a b c", "a x c"), ["  - b", "  + x"]);
        assert_eq!(told("a b c", "a b b c"), ["  + b"]);
        assert_eq!(told("a a", "a"), ["  - a"]);
        assert!(told("a b", "a b").is_empty());
    }
}
