//! As much of Scala as a test with literals needs: tests by name, arrays of numbers, named arguments. No parser: what is not
//! found is said to be missing, and nothing is guessed.

/// The text of a test.
#[derive(Clone, Copy, Debug)]
pub(super) struct Test<'a> {
    pub(super) name: &'a str,
    body: &'a str,
}

/// All tests of a suite.
pub(super) fn tests(text: &str) -> Vec<Test<'_>> {
    text.split("test(\"")
        .skip(1)
        .filter_map(|part| part.split_once("\")"))
        .map(|(name, body)| Test { name, body })
        .collect()
}

impl<'a> Test<'a> {
    pub(super) fn says(&self, words: &str) -> bool {
        self.body.contains(words)
    }

    /// `val name = Array(...)` of one of these names.
    pub(super) fn array(&self, names: &[&str]) -> Option<Vec<f64>> {
        names.iter().find_map(|name| {
            let value = self.body.split_once(&format!("val {name} ="))?.1.trim_start().strip_prefix("Array")?;
            let value = value.strip_prefix("[Double]").unwrap_or(value);
            let literals = within_parentheses(value)?.split(',').map(str::trim).filter(|literal| !literal.is_empty());
            literals.map(|literal| literal.parse().ok()).collect()
        })
    }

    /// `val name = 1.5`.
    pub(super) fn number(&self, name: &str) -> Option<f64> {
        let begins = format!("val {name}");
        self.body.split(begins.as_str()).skip(1).find_map(|rest| {
            let value = rest.trim_start_matches(": Double").trim_start().strip_prefix('=')?;
            value.lines().next()?.trim().parse().ok()
        })
    }

    /// What stands in the parentheses after these words, the first time.
    pub(super) fn arguments(&self, after: &str) -> Option<&'a str> {
        let (_, rest) = self.body.split_once(after)?;
        within_parentheses(rest)
    }

    /// What stands in the parentheses after these words, each time.
    pub(super) fn each(&self, after: &str) -> Vec<&'a str> {
        self.body.split(after).skip(1).filter_map(within_parentheses).collect()
    }

    /// The pieces that begin with `val name =` where these words follow.
    pub(super) fn values_of(&self, words: &str) -> Vec<(&'a str, &'a str)> {
        let pieces = self.body.split("val ").skip(1).filter_map(|piece| piece.split_once('='));
        pieces.map(|(name, value)| (name.trim(), value)).filter(|(_, value)| value.contains(words)).collect()
    }
}

/// The value of `name = value` among arguments.
pub(super) fn named<'a>(arguments: &'a str, name: &str) -> Option<&'a str> {
    let rest = arguments.split_once(name)?.1.trim_start().strip_prefix('=')?.trim_start();
    match within_parentheses(rest) {
        Some(inner) if rest.starts_with('(') => Some(inner),
        Some(_) | None => rest.split(',').next().map(str::trim),
    }
}

/// Two numbers.
pub(super) fn pair(text: &str) -> Option<(f64, f64)> {
    let (left, right) = text.split_once(',')?;
    Some((left.trim().parse().ok()?, right.trim().parse().ok()?))
}

/// Between a parenthesis at the beginning and the one that closes it.
fn within_parentheses(text: &str) -> Option<&str> {
    let inner = text.trim_start().strip_prefix('(')?;
    let mut depth = 1;
    for (at, character) in inner.char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return inner.get(..at);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
  test("one thing"){
    val empty = Array[Double]()
    val data = Array(
      1.0, 2.5,
      -3e-2,
    )
    val limit: Double = 0.5
    val rule = new Rule(tolerance = 0.10, sizes = (0.2, 0.8), measure="some")
    assert(rule.of(data) == High)
  }
  test("another") { }
"#;

    #[test]
    fn what_a_test_says_is_read() {
        let found = tests(TEXT);
        assert_eq!(found.iter().map(|test| test.name).collect::<Vec<_>>(), ["one thing", "another"]);
        assert_eq!(found[0].array(&["other", "data"]), Some(vec![1.0, 2.5, -0.03]));
        assert_eq!(found[0].array(&["empty"]), Some(vec![]));
        assert_eq!(found[0].array(&["missing"]), None);
        assert_eq!(found[0].number("limit"), Some(0.5));
        let arguments = found[0].arguments("new Rule").unwrap();
        assert_eq!(named(arguments, "tolerance"), Some("0.10"));
        assert_eq!(named(arguments, "sizes").and_then(pair), Some((0.2, 0.8)));
        assert_eq!(named(arguments, "measure"), Some("\"some\""));
        assert_eq!(found[0].each("assert"), ["rule.of(data) == High"]);
    }
}
