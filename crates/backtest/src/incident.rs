//! Incidents that somebody marked: `FROM..TO[@pod,pod][:name]`, on the command line or one a line in a file.

use crate::problem::Problem;
use jiff::Timestamp;
use serde::Serialize;

/// A time in which something went wrong.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Incident {
    /// Begin, in milliseconds since 1970.
    pub from_ms: i64,
    /// End.
    pub to_ms: i64,
    /// The pods that it hit; empty when it hit everybody.
    pub pods: Vec<String>,
    /// As people know it.
    pub name: String,
}

impl Incident {
    /// Reads `FROM..TO`, with `@pod,pod` if it hit only these, and with `:name` if it has one. Times are as in
    /// `2026-03-01T10:00:00Z`, or seconds since 1970.
    ///
    /// # Errors
    /// `TG-7058`.
    pub fn read(text: &str) -> Result<Incident, Problem> {
        let wrong = |why: &str| {
            Problem::new(
                "TG-7058",
                format!("`{}` is no incident", cut(text)),
                why.to_owned(),
                "write FROM..TO, then @pod,pod if only these were hit, then :name; times as in 2026-03-01T10:00:00Z",
            )
        };
        let text = text.trim();
        let (from, rest) = text.split_once("..").ok_or_else(|| wrong("there is no `..` between two times"))?;
        let from_ms = time(from.trim()).ok_or_else(|| wrong("what stands before `..` is no time"))?;
        // A time has colons of its own: the longest beginning that is a time is the time.
        let ends = rest.char_indices().filter(|(_, c)| matches!(c, ':' | '@')).map(|(at, _)| at);
        let end = ends.chain([rest.len()]).rev().find_map(|end| Some((end, time(rest.get(..end)?.trim())?)));
        let (end, to_ms) = end.ok_or_else(|| wrong("what stands after `..` is no time"))?;
        if to_ms <= from_ms {
            return Err(wrong("it does not end after it begins"));
        }
        let rest = rest.get(end..).unwrap_or_default();
        let (pods, name) = match rest.strip_prefix('@') {
            None => ("", rest.strip_prefix(':').unwrap_or(rest)),
            Some(marked) => marked.split_once(':').unwrap_or((marked, "")),
        };
        let pods: Vec<String> =
            pods.split(',').map(str::trim).filter(|pod| !pod.is_empty()).map(str::to_owned).collect();
        if rest.starts_with('@') && pods.is_empty() {
            return Err(wrong("there is no pod after `@`"));
        }
        let name = name.trim();
        let name = if name.is_empty() { from.trim() } else { name };
        Ok(Incident { from_ms, to_ms, pods, name: name.to_owned() })
    }

    pub(crate) fn length_ms(&self) -> i64 {
        self.to_ms.saturating_sub(self.from_ms)
    }
}

/// Incidents, one a line; empty lines and what follows `#` at the beginning of a line are not read.
///
/// # Errors
/// `TG-7058`, with the line.
pub fn read_incidents(text: &str, file: &str) -> Result<Vec<Incident>, Problem> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.trim().starts_with('#'));
    lines
        .map(|(number, line)| {
            Incident::read(line).map_err(|mut problem| {
                problem.what = format!("{file}:{}: {}", number + 1, problem.what);
                problem
            })
        })
        .collect()
}

/// A moment, as people or programs write it.
pub(crate) fn time(text: &str) -> Option<i64> {
    // From 1970 to the year 5138 in seconds, with a fraction if need be.
    if let Ok(seconds) = text.parse::<f64>() {
        let ms = (seconds * 1_000.0).round();
        #[expect(clippy::cast_possible_truncation, reason = "a whole number below 1e14")]
        return (0.0..1e14).contains(&ms).then_some(ms as i64);
    }
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

pub(crate) fn cut(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (i64, i64, String, String) {
        let incident = Incident::read(text).unwrap();
        (incident.from_ms, incident.to_ms, incident.pods.join("+"), incident.name)
    }

    #[test]
    fn incidents_are_read_as_they_are_written() {
        assert_eq!(read("100..160"), (100_000, 160_000, String::new(), "100".into()));
        assert_eq!(read("100 .. 160.5:db is down"), (100_000, 160_500, String::new(), "db is down".into()));
        let day = "1970-01-02T00:00:00Z..1970-01-02T01:00:00+00:30";
        assert_eq!(read(&format!("{day}:at 10:30")), (86_400_000, 88_200_000, String::new(), "at 10:30".into()));
        assert_eq!(read(&format!("{day}@a, b:x")), (86_400_000, 88_200_000, "a+b".into(), "x".into()));
        assert_eq!(read("1970-01-01T00:00:01Z..1970-01-01T00:00:02Z").3, "1970-01-01T00:00:01Z");
    }

    #[test]
    fn others_are_refused() {
        for text in
            ["", "..", "1..", "..2", "1-2", "2..1", "1..1", "yesterday..today", "1..2@", "-1..2", "NaN..2", "1..1e99"]
        {
            assert_eq!(Incident::read(text).unwrap_err().code, "TG-7058", "{text}");
        }
    }

    #[test]
    fn a_file_names_the_line() {
        let all = read_incidents("# all of them\n\n1..2:a\n3..4\n", "f").unwrap();
        assert_eq!(all.iter().map(|incident| incident.name.as_str()).collect::<Vec<_>>(), ["a", "3"]);
        assert!(read_incidents("1..2\nx\n", "f").unwrap_err().what.starts_with("f:2: `x`"));
    }
}
