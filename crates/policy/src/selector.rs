//! Selectors of PromQL, `http_requests_total{job="shop", code=~"5.."}`, and nothing more of that language.
//!
//! A signal needs the counters as they were sampled: what `rate` or `increase` make of them hides restarts and
//! extrapolates, and nobody could add a version's label to an expression without guessing. So an expression is refused when
//! the policy is read, and not when the first release needs it.

use std::fmt;

/// What stands for the version of an arm.
pub const VERSION: &str = "$version";
/// A longer one is a mistake or an attack.
const LONGEST: usize = 4_096;

/// A metric with conditions on its labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selector {
    metric: String,
    matchers: Vec<Matcher>,
}

/// A condition on a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matcher {
    /// The label's name.
    pub label: String,
    /// How the value is compared.
    pub op: MatchOp,
    /// With what, without quotes.
    pub value: String,
}

/// How a label is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOp {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
}

impl Selector {
    /// Reads a selector.
    ///
    /// # Errors
    /// What is wrong with it, for people.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let mut rest = Rest(text.trim());
        let metric = rest.name(true).ok_or("it does not begin with the name of a metric")?;
        let mut matchers = Vec::new();
        if rest.takes("{") {
            while !rest.takes("}") {
                matchers.push(rest.matcher()?);
                if !rest.takes(",") && !rest.0.starts_with('}') {
                    return Err(format!("`,` or `}}` is missing before `{}`", rest.shown()));
                }
            }
        }
        match rest.0.chars().next() {
            None => Ok(Self { metric, matchers }),
            Some('(') => {
                Err(format!("`{metric}(…)` is a function, and only counters as they were sampled can be counted"))
            }
            Some('[') => Err("it has a range, and the blocks' own length is taken".to_owned()),
            Some(_) => Err(format!("after the selector there is `{}`", rest.shown())),
        }
    }

    /// The name of the metric.
    #[must_use]
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// The conditions.
    #[must_use]
    pub fn matchers(&self) -> &[Matcher] {
        &self.matchers
    }

    /// The same with one more label to be equal.
    #[must_use]
    pub fn and(mut self, label: &str, value: &str) -> Self {
        self.matchers.push(Matcher { label: label.to_owned(), op: MatchOp::Is, value: value.to_owned() });
        self
    }

    /// With the version in place of `$version`; in regular expressions as a text that is taken as it is.
    #[must_use]
    pub fn of_version(mut self, version: &str) -> Self {
        for matcher in &mut self.matchers {
            let version = match matcher.op {
                MatchOp::Is | MatchOp::IsNot => version.to_owned(),
                MatchOp::Matches | MatchOp::MatchesNot => literal(version),
            };
            matcher.value = matcher.value.replace(VERSION, &version);
        }
        self
    }
}

impl fmt::Display for Selector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.metric)?;
        for (i, Matcher { label, op, value }) in self.matchers.iter().enumerate() {
            let op = match op {
                MatchOp::Is => "=",
                MatchOp::IsNot => "!=",
                MatchOp::Matches => "=~",
                MatchOp::MatchesNot => "!~",
            };
            let before = if i == 0 { '{' } else { ',' };
            write!(f, "{before}{label}{op}\"{}\"", escaped(value))?;
        }
        if self.matchers.is_empty() { Ok(()) } else { f.write_str("}") }
    }
}

/// What in a text looks like a variable and is not `$version`. A `$` at the end of a regular expression is none.
#[must_use]
pub fn unknown_variable(text: &str) -> Option<&str> {
    let at = |(i, _): (usize, &str)| {
        let rest = &text[i + 1..];
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
        if rest.starts_with('{') { Some(&text[i..=i + 1]) } else { (end > 0).then(|| &text[i..=i + end]) }
    };
    text.match_indices('$').filter_map(at).find(|found| *found != VERSION)
}

/// Versions hold no other characters with a meaning in regular expressions.
fn literal(version: &str) -> String {
    version.replace('.', "[.]").replace('+', "[+]")
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n").replace('\t', "\\t")
}

/// What is not read yet.
struct Rest<'a>(&'a str);

impl Rest<'_> {
    fn takes(&mut self, what: &str) -> bool {
        let rest = self.0.trim_start();
        match rest.strip_prefix(what) {
            Some(after) => {
                self.0 = after.trim_start();
                true
            }
            None => false,
        }
    }

    /// The name of a metric, which may have colons, or of a label.
    fn name(&mut self, metric: bool) -> Option<String> {
        let rest = self.0.trim_start();
        let inside = |c: char| c.is_ascii_alphanumeric() || c == '_' || (metric && c == ':');
        let (name, after) = rest.split_at(rest.find(|c| !inside(c)).unwrap_or(rest.len()));
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        self.0 = after.trim_start();
        Some(name.to_owned())
    }

    fn matcher(&mut self) -> Result<Matcher, String> {
        let label =
            self.name(false).ok_or_else(|| format!("the name of a label is missing before `{}`", self.shown()))?;
        let ops = [("=~", MatchOp::Matches), ("!~", MatchOp::MatchesNot), ("!=", MatchOp::IsNot), ("=", MatchOp::Is)];
        let op = ops.into_iter().find_map(|(text, op)| self.takes(text).then_some(op));
        let op = op.ok_or_else(|| format!("`=`, `!=`, `=~` or `!~` is missing after `{label}`"))?;
        let value = self.quoted().ok_or_else(|| format!("the value of `{label}` is not a text in quotes"))?;
        Ok(Matcher { label, op, value })
    }

    fn quoted(&mut self) -> Option<String> {
        let quote = self.0.chars().next().filter(|c| matches!(c, '"' | '\'' | '`'))?;
        let mut value = String::new();
        let mut chars = self.0.char_indices().skip(1);
        while let Some((i, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.0 = self.0[i + 1..].trim_start();
                    return Some(value);
                }
                '\\' if quote != '`' => value.push(match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    c @ ('\\' | '"' | '\'') => c,
                    _ => return None,
                }),
                _ => value.push(c),
            }
        }
        None
    }

    fn shown(&self) -> String {
        self.0.chars().take(20).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn selectors_are_read_and_written() {
        for (text, written) in [
            ("up", "up"),
            ("a:b", "a:b"),
            ("up{}", "up"),
            (r#" up { job = "shop" , code=~'5..', } "#, r#"up{job="shop",code=~"5.."}"#),
            (r#"up{path!~"/a\\.b", q!="\"x\""}"#, r#"up{path!~"/a\\.b",q!="\"x\""}"#),
            (r"up{path=~`\d+`}", r#"up{path=~"\\d+"}"#),
        ] {
            let selector = Selector::parse(text).unwrap();
            assert_eq!(selector.to_string(), written, "{text}");
            assert_eq!(Selector::parse(written).as_ref(), Ok(&selector));
        }
    }

    #[test]
    fn expressions_are_refused_with_a_reason() {
        for (text, why) in [
            ("", "name of a metric"),
            ("{job=\"shop\"}", "name of a metric"),
            ("5", "name of a metric"),
            ("rate(up[5m])", "is a function"),
            ("up[5m]", "range"),
            ("up offset 5m", "after the selector"),
            ("up + up", "after the selector"),
            ("up{job}", "is missing after `job`"),
            ("up{job=shop}", "in quotes"),
            ("up{job=\"shop}", "in quotes"),
            ("up{job=\"\\d\"}", "in quotes"),
            ("up{job=\"a\" x=\"b\"}", "`,` or `}`"),
            ("up{=\"a\"}", "name of a label"),
            ("up{job=\"a\"", "`,` or `}`"),
            (&"x".repeat(5_000), "longer"),
        ] {
            let error = Selector::parse(text).unwrap_err();
            assert!(error.contains(why), "{text}: {error}");
        }
    }

    #[test]
    fn a_version_is_put_in_as_a_text() {
        let selector = Selector::parse("up{v=\"$version\",pod=~\"shop-$version-.*\"}").unwrap();
        let written = selector.of_version("1.0+b").and("arm", "x\"y").to_string();
        assert_eq!(written, r#"up{v="1.0+b",pod=~"shop-1[.]0[+]b-.*",arm="x\"y"}"#);
    }

    #[test]
    fn only_the_version_is_a_variable() {
        assert_eq!(unknown_variable("a-$version-b$"), None);
        assert_eq!(unknown_variable("$version $verson"), Some("$verson"));
        assert_eq!(unknown_variable("${version}"), Some("${"));
        assert_eq!(unknown_variable("$versions"), Some("$versions"));
    }
}
