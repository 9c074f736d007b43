//! Rules of flags as people write and read them: `country is DE, AT and not segment staff -> on 25%, off 75%`. One grammar for
//! both directions, so that what `flag show` prints can be given to `flag set` again. It is told in `docs/guide/flags.md`.

mod read;
mod token;
mod write;

pub(crate) use read::{condition, rule, serve, weight_of};
pub(crate) use write::{condition_text, decision_lines, percent_text};

use crate::exit::Exit;
use crate::failure::Failure;

/// Words that mean something; a name or a text that is one of them stands in quotes.
const WORDS: [&str; 17] = [
    "and",
    "or",
    "not",
    "is",
    "starts",
    "ends",
    "with",
    "contains",
    "exists",
    "version",
    "segment",
    "everybody",
    "nobody",
    "by",
    "salt",
    "code",
    "default",
];

/// A text that is no rule, and where it stops being one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Misread {
    /// Before which character, counted from 0.
    pub(crate) at: usize,
    /// What is wrong there.
    pub(crate) why: String,
}

impl Misread {
    fn new(at: usize, why: impl Into<String>) -> Self {
        Self { at, why: why.into() }
    }

    /// As it is told: the text with its place.
    pub(crate) fn failure(self, option: &str, text: &str) -> Failure {
        Failure::new(Exit::Usage, "TG-7070", format!("{option} cannot be understood at character {}", self.at + 1))
            .because(self.why)
            .hint("a rule is `country is DE, AT and age >= 18 -> on`; docs/guide/flags.md has the whole grammar")
            .at(text, self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::write::rule_text;
    use super::*;
    use flags::{Condition, Decision, Json, Serve};

    fn again(text: &str) -> String {
        rule_text(&rule(text, 1).unwrap())
    }

    #[test]
    fn what_is_read_is_written_as_it_was() {
        for text in [
            "vip: country is DE, AT -> on",
            "vip: country is not DE and age >= 18 -> on 25%, off 75%",
            "a: email ends with @example.com or plan is free, 3, true, 1.5 -> \"code\"",
            "a: (a exists or b exists) and not (c is 1 and d < -2.5) -> code default",
            "a: segment staff and not segment bots -> on 0.001%, off 99.999% by orgId salt \"spring 26\"",
            "\"a: b\": app version >= 1.2.0 and name starts with \"say \\\"x\\\"\" -> on",
            "those who pay: everybody -> on",
            "a: x is \"and\", \"42\", \"true\", \"007\", \"\" and not nobody -> on",
        ] {
            assert_eq!(again(text), text);
        }
        assert_eq!(again("country is DE->on"), "rule 1: country is DE -> on");
        assert_eq!(again("  a:  x   contains  y  ->  on   25 % , off 75% "), "a: x contains y -> on 25%, off 75%");
    }

    #[test]
    fn and_binds_more_than_or() {
        let Condition::Any(parts) = condition("a exists or b exists and c exists").unwrap() else { unreachable!() };
        assert!(matches!(&parts[..], [Condition::Present { .. }, Condition::All(both)] if both.len() == 2));
    }

    #[test]
    fn values_keep_their_type() {
        let is = condition("a is 1, 1.5, true, x, \"1\"").unwrap();
        let one_of = vec![Json::Int(1), Json::Float(1.5), Json::Bool(true), Json::from("x"), Json::from("1")];
        assert_eq!(is, Condition::Is { attribute: "a".into(), one_of });
    }

    #[test]
    fn what_is_wrong_is_told_with_its_place() {
        for (text, at, why) in [
            ("country is DE => on", 14, "`->`"),
            ("country is DE", 13, "`->`"),
            ("country was DE -> on", 8, "`is`"),
            ("country is -> on", 11, "a value"),
            ("(a exists -> on", 10, "`)`"),
            ("a exists -> on 20%, off 70%", 12, "90 %"),
            ("a exists -> on 20%, off 80", 26, "`%`"),
            ("a exists -> on 0.0001%, off 99.9999%", 15, "thousandths"),
            ("a exists -> on off", 15, "nothing more"),
            ("a is 007 -> on", 5, "quotes"),
            ("a < x -> on", 4, "a number"),
            ("name is \"DE -> on", 8, "no closing quote"),
            ("a is x; b -> on", 6, "`;`"),
            ("", 0, "an attribute"),
            ("über is x and -> on", 14, "an attribute"),
        ] {
            let wrong = rule(text, 1).unwrap_err();
            assert!(wrong.at == at && wrong.why.contains(why), "{text}: {wrong:?}");
        }
    }

    #[test]
    fn parentheses_end_somewhere() {
        let deep = format!("{}a exists{} -> on", "(".repeat(10_000), ")".repeat(10_000));
        assert!(rule(&deep, 1).unwrap_err().why.contains("nest"));
        let nots = format!("{} a exists -> on", "not ".repeat(10_000));
        assert!(rule(&nots, 1).unwrap_err().why.contains("nest"));
    }

    #[test]
    fn a_decision_is_a_line_a_rule() {
        let decision = Decision::Rules {
            rules: vec![rule("a: x is y -> on", 1).unwrap()],
            otherwise: serve("on 25%, off 75%").unwrap(),
        };
        assert_eq!(decision_lines(&decision), ["a: x is y -> on", "otherwise -> on 25%, off 75%"]);
        let logic = Decision::Logic { targeting: Some(Json::Map(vec![])), default: None };
        assert_eq!(decision_lines(&logic), ["flagd's rule: {}", "otherwise -> code default"]);
        assert_eq!(serve("code default").unwrap(), Serve::CodeDefault);
    }
}
