//! From text to rules: one function per line of the grammar.

use super::token::{Placed, Token, tokens};
use super::{Misread, WORDS};
use flags::model::{TARGETING_KEY, WHOLE};
use flags::{Comparison, Condition, Json, Rule, Serve, Split, Weight};

/// How deep parentheses and `not` may nest: far deeper than anybody reads, far less than the stack holds.
const DEEPEST: usize = 40;

/// `[name:] condition -> serve`; a rule without a name is called by its number.
pub(crate) fn rule(text: &str, number: usize) -> Result<Rule, Misread> {
    whole(text, |reader| {
        let name = reader.name().unwrap_or_else(|| format!("rule {number}"));
        let when = reader.any(0)?;
        reader.expect("->", "`->` and what they get, or `and`, or `or`")?;
        Ok(Rule { name, when, serve: reader.serve()? })
    })
}

/// A condition alone, as segments have it.
pub(crate) fn condition(text: &str) -> Result<Condition, Misread> {
    whole(text, |reader| reader.any(0))
}

/// What is given, alone.
pub(crate) fn serve(text: &str) -> Result<Serve, Misread> {
    whole(text, Reader::serve)
}

fn whole<T>(text: &str, read: impl FnOnce(&mut Reader) -> Result<T, Misread>) -> Result<T, Misread> {
    let mut reader = Reader { tokens: tokens(text)?, next: 0, end: text.chars().count() };
    let value = read(&mut reader)?;
    if reader.next < reader.tokens.len() { Err(reader.wrong("nothing more")) } else { Ok(value) }
}

struct Reader {
    tokens: Vec<Placed>,
    next: usize,
    end: usize,
}

impl Reader {
    /// Words before a colon.
    fn name(&mut self) -> Option<String> {
        let mut words: Vec<&str> = Vec::new();
        for (_, token) in &self.tokens {
            match token {
                Token::Word(word) | Token::Text(word) => words.push(word),
                Token::Sign(":") if !words.is_empty() => {
                    let name = words.join(" ");
                    self.next += words.len() + 1;
                    return Some(name);
                }
                Token::Sign(_) => return None,
            }
        }
        None
    }

    /// `all {"or" all}`
    fn any(&mut self, depth: usize) -> Result<Condition, Misread> {
        self.chain("or", Condition::Any, |reader| reader.all(depth))
    }

    /// `one {"and" one}`
    fn all(&mut self, depth: usize) -> Result<Condition, Misread> {
        self.chain("and", Condition::All, |reader| reader.one(depth))
    }

    fn chain(
        &mut self,
        word: &str,
        join: impl FnOnce(Vec<Condition>) -> Condition,
        mut part: impl FnMut(&mut Self) -> Result<Condition, Misread>,
    ) -> Result<Condition, Misread> {
        let first = part(self)?;
        if !self.is_word(word) {
            return Ok(first);
        }
        let mut parts = vec![first];
        while self.take_word(word) {
            parts.push(part(self)?);
        }
        Ok(join(parts))
    }

    fn one(&mut self, depth: usize) -> Result<Condition, Misread> {
        if depth > DEEPEST {
            return Err(Misread::new(self.place(), format!("conditions nest deeper than {DEEPEST}")));
        }
        if self.take_word("not") {
            return Ok(Condition::Not(Box::new(self.one(depth + 1)?)));
        }
        if self.take("(") {
            let inner = self.any(depth + 1)?;
            self.expect(")", "`)`, `and` or `or`")?;
            return Ok(inner);
        }
        if self.take_word("everybody") {
            return Ok(Condition::All(Vec::new()));
        }
        if self.take_word("nobody") {
            return Ok(Condition::Any(Vec::new()));
        }
        if self.take_word("segment") {
            return Ok(Condition::Segment { name: self.text("the name of a segment")? });
        }
        let attribute = self.text("an attribute, `not`, `segment`, `everybody` or `(`")?;
        self.test(attribute)
    }

    /// What is asked of an attribute.
    fn test(&mut self, attribute: String) -> Result<Condition, Misread> {
        if self.take_word("is") {
            let not = self.take_word("not");
            let mut one_of = vec![self.value()?];
            while self.take(",") {
                one_of.push(self.value()?);
            }
            let is = Condition::Is { attribute, one_of };
            return Ok(if not { Condition::Not(Box::new(is)) } else { is });
        }
        for (sign, op) in
            [("<=", Comparison::AtMost), (">=", Comparison::AtLeast), ("<", Comparison::Less), (">", Comparison::More)]
        {
            if self.take(sign) {
                return Ok(Condition::Compare { attribute, op, number: self.number("a number")? });
            }
        }
        if self.take_word("starts") {
            self.expect_word("with")?;
            return Ok(Condition::StartsWith { attribute, text: self.text("a text")? });
        }
        if self.take_word("ends") {
            self.expect_word("with")?;
            return Ok(Condition::EndsWith { attribute, text: self.text("a text")? });
        }
        if self.take_word("contains") {
            return Ok(Condition::Contains { attribute, text: self.text("a text")? });
        }
        if self.take_word("exists") {
            return Ok(Condition::Present { attribute });
        }
        if self.take_word("version") {
            let known = ["<=", ">=", "!=", "<", ">", "=", "^", "~"];
            let Some(op) = known.into_iter().find(|sign| self.take(sign)) else {
                return Err(self.wrong("one of `=` `!=` `<` `<=` `>` `>=` `^` `~`"));
            };
            return Ok(Condition::Version { attribute, op: op.into(), version: self.text("a version")? });
        }
        Err(self.wrong("`is`, `<`, `<=`, `>`, `>=`, `starts with`, `ends with`, `contains`, `exists` or `version`"))
    }

    /// `variant`, `code default`, or `variant n% {, variant n%} [by attribute] [salt text]`
    fn serve(&mut self) -> Result<Serve, Misread> {
        let begin = self.place();
        if self.take_word("code") {
            self.expect_word("default")?;
            return Ok(Serve::CodeDefault);
        }
        let first = self.text("a variant")?;
        if !matches!(self.peek(), Some(Token::Word(_))) {
            return Ok(Serve::Variant(first));
        }
        let mut weights = vec![Weight { variant: first, weight: self.percent()? }];
        while self.take(",") {
            let variant = self.text("a variant")?;
            weights.push(Weight { variant, weight: self.percent()? });
        }
        let sum: u64 = weights.iter().map(|part| u64::from(part.weight)).sum();
        if sum != u64::from(WHOLE) {
            let sum = super::percent_text(sum);
            return Err(Misread::new(begin, format!("the parts add up to {sum} %, and not to 100 %")));
        }
        let by = if self.take_word("by") { self.text("an attribute")? } else { TARGETING_KEY.into() };
        let salt = if self.take_word("salt") { Some(self.text("a text")?) } else { None };
        Ok(Serve::Split(Split { by, salt, weights }))
    }

    fn percent(&mut self) -> Result<u32, Misread> {
        let at = self.place();
        if !matches!(self.peek(), Some(Token::Word(word)) if is_number(word)) {
            return Err(self.wrong("nothing more, or a part as `25%`"));
        }
        let text = self.text("a number")?;
        self.expect("%", "`%`")?;
        weight_of(&text).ok_or_else(|| {
            Misread::new(at, format!("`{text}` is no percentage from 0 to 100 in thousandths of a percent"))
        })
    }

    fn value(&mut self) -> Result<Json, Misread> {
        let at = self.place();
        let value = match self.peek() {
            Some(Token::Text(text)) => Json::Text(text.clone()),
            Some(Token::Word(word)) => match word.as_str() {
                "true" => Json::Bool(true),
                "false" => Json::Bool(false),
                word if WORDS.contains(&word) => {
                    return Err(self.wrong("a value; in quotes, if it is a word of the grammar"));
                }
                word if is_number(word) => number_of(word),
                word if looks_like_number(word) => {
                    return Err(Misread::new(
                        at,
                        format!("`{word}` could be a number or a text; put a text into quotes"),
                    ));
                }
                word => Json::from(word),
            },
            Some(Token::Sign(_)) | None => return Err(self.wrong("a value")),
        };
        self.next += 1;
        Ok(value)
    }

    fn number(&mut self, expected: &str) -> Result<f64, Misread> {
        let number = match self.peek() {
            Some(Token::Word(word)) if is_number(word) => word.parse::<f64>().ok().filter(|number| number.is_finite()),
            Some(Token::Word(_) | Token::Text(_) | Token::Sign(_)) | None => None,
        };
        let number = number.ok_or_else(|| self.wrong(expected))?;
        self.next += 1;
        Ok(number)
    }

    /// A name or a text: in quotes, or a bare word that means nothing else.
    fn text(&mut self, expected: &str) -> Result<String, Misread> {
        let text = match self.peek() {
            Some(Token::Text(text)) => text.clone(),
            Some(Token::Word(word)) if !WORDS.contains(&word.as_str()) => word.clone(),
            Some(Token::Word(_) | Token::Sign(_)) | None => return Err(self.wrong(expected)),
        };
        self.next += 1;
        Ok(text)
    }

    fn expect(&mut self, sign: &str, expected: &str) -> Result<(), Misread> {
        if self.take(sign) { Ok(()) } else { Err(self.wrong(expected)) }
    }

    fn expect_word(&mut self, word: &str) -> Result<(), Misread> {
        if self.take_word(word) { Ok(()) } else { Err(self.wrong(&format!("`{word}`"))) }
    }

    fn take(&mut self, sign: &str) -> bool {
        let there = matches!(self.peek(), Some(Token::Sign(found)) if *found == sign);
        self.next += usize::from(there);
        there
    }

    fn take_word(&mut self, word: &str) -> bool {
        let there = self.is_word(word);
        self.next += usize::from(there);
        there
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(found)) if found == word)
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|placed| &placed.1)
    }

    fn place(&self) -> usize {
        self.tokens.get(self.next).map_or(self.end, |placed| placed.0)
    }

    fn wrong(&self, expected: &str) -> Misread {
        let found = match self.peek() {
            None => "the end".to_owned(),
            Some(Token::Word(word)) => format!("`{word}`"),
            Some(Token::Text(text)) => format!("the text \"{text}\""),
            Some(Token::Sign(sign)) => format!("`{sign}`"),
        };
        Misread::new(self.place(), format!("expected {expected}, found {found}"))
    }
}

/// Written as JSON writes numbers, without an exponent: `42`, `-1.5`.
pub(super) fn is_number(word: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let plain = word.strip_prefix('-').unwrap_or(word);
    let (before, after) = plain.split_once('.').map_or((plain, None), |(before, after)| (before, Some(after)));
    digits(before) && (before == "0" || !before.starts_with('0')) && after.is_none_or(digits)
}

/// `007` and `+1`: somebody may mean either.
pub(super) fn looks_like_number(word: &str) -> bool {
    word.parse::<f64>().is_ok() && word.bytes().any(|b| b.is_ascii_digit())
}

fn number_of(word: &str) -> Json {
    match word.parse::<i64>() {
        Ok(number) => Json::Int(number),
        Err(_) => Json::Float(word.parse().unwrap_or(f64::MAX)),
    }
}

/// `12.5` as weight, exactly.
pub(crate) fn weight_of(text: &str) -> Option<u32> {
    if !is_number(text) {
        return None;
    }
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = part.trim_end_matches('0');
    let scale = 10_u32.pow(u32::try_from(3_usize.checked_sub(part.len())?).ok()?);
    let part = if part.is_empty() { 0 } else { part.parse::<u32>().ok()? * scale };
    let weight = whole.parse::<u32>().ok()?.checked_mul(1_000)?.checked_add(part)?;
    (weight <= WHOLE).then_some(weight)
}
