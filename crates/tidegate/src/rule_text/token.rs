//! From characters to words and signs, each with its place.

use super::Misread;

/// A word or a sign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A bare word.
    Word(String),
    /// A text in quotes.
    Text(String),
    /// A sign.
    Sign(&'static str),
}

/// A token and the character before which it begins.
pub(super) type Placed = (usize, Token);

/// The longest first, so that `<=` is not read as `<` and something else.
const SIGNS: [&str; 13] = ["->", "<=", ">=", "!=", "<", ">", "=", "^", "~", ",", ":", "(", ")"];

/// All tokens of a text.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, Misread> {
    let chars: Vec<char> = text.chars().collect();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
        } else if c == '"' {
            let (text, end) = quoted(&chars, at)?;
            found.push((at, Token::Text(text)));
            at = end;
        } else if let Some(sign) = sign_at(&chars, at) {
            found.push((at, Token::Sign(sign)));
            at += sign.len();
        } else if in_word(c) {
            let end = (at..chars.len()).find(|&i| !in_word(chars[i]) || sign_at(&chars, i).is_some());
            let end = end.unwrap_or(chars.len());
            found.push((at, Token::Word(chars[at..end].iter().collect())));
            at = end;
        } else {
            return Err(Misread::new(
                at,
                format!("`{c}` means nothing here; a text with signs in it stands in quotes"),
            ));
        }
    }
    Ok(found)
}

fn sign_at(chars: &[char], at: usize) -> Option<&'static str> {
    let begins = |sign: &str| sign.chars().enumerate().all(|(i, c)| chars.get(at + i) == Some(&c));
    SIGNS.into_iter().chain(["%"]).find(|sign| begins(sign))
}

/// What bare words are made of.
pub(super) fn in_word(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '/' | '$' | '+' | '#' | '*')
}

/// The text in quotes that begin at `open`, and where it goes on behind them.
fn quoted(chars: &[char], open: usize) -> Result<(String, usize), Misread> {
    let mut text = String::new();
    let mut at = open + 1;
    loop {
        match chars.get(at) {
            None => return Err(Misread::new(open, "the quote that begins here has no closing quote")),
            Some('"') => return Ok((text, at + 1)),
            Some('\\') => match chars.get(at + 1) {
                Some(&c @ ('"' | '\\')) => {
                    text.push(c);
                    at += 2;
                }
                Some(_) | None => {
                    return Err(Misread::new(at, "a backslash stands before `\"` or another backslash"));
                }
            },
            Some(&c) => {
                text.push(c);
                at += 1;
            }
        }
    }
}
