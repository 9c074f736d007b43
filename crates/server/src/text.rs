//! Texts from outside. They are shown to people and kept for years, so what cannot be read is refused at the door: control
//! characters, and invisible ones that turn a line around on a terminal.

use crate::code::Code;
use crate::failure::Failure;
use policy::hidden;

/// The longest reason, note or detail, in characters.
pub(crate) const LONGEST: usize = 2_000;

/// A text that people will read; lines and tabs are fine.
pub(crate) fn prose(field: &str, text: &str) -> Result<String, Failure> {
    let text = text.trim();
    let wrong = |why: &str, hint: &str| Err(Failure::of(Code::TextWrong, format!("`{field}` {why}"), hint));
    if text.chars().count() > LONGEST {
        return wrong("is too long", "say it in 2,000 characters, and link to the rest");
    }
    if text.chars().any(|c| hidden(c) && !matches!(c, '\n' | '\r' | '\t')) {
        return wrong("holds control characters or invisible ones", "send plain text");
    }
    Ok(text.to_string())
}

/// A text that people will read and that may not be empty.
pub(crate) fn given(field: &str, text: &str) -> Result<String, Failure> {
    let text = prose(field, text)?;
    if text.is_empty() {
        return Err(Failure::of(
            Code::TextWrong,
            format!("`{field}` is empty"),
            "say it in words; the journal keeps them",
        ));
    }
    Ok(text)
}

/// A name or digest: one line, not empty, at most `most` bytes.
pub(crate) fn word(field: &str, text: &str, most: usize) -> Result<String, Failure> {
    let fine = !text.trim().is_empty() && text.len() <= most && !text.chars().any(hidden);
    if fine {
        return Ok(text.to_string());
    }
    Err(Failure::of(
        Code::TextWrong,
        format!("`{field}` must be one line of 1 to {most} bytes without control characters"),
        "leave the field out if there is nothing to say",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_may_have_lines_and_may_not_turn_around() {
        assert_eq!(given("reason", " two\nlines ").map_err(Failure::into_problem), Ok("two\nlines".to_string()));
        for text in ["", " \n ", "bell \u{7}", "\u{202e}evil", &"x".repeat(2_001)] {
            assert_eq!(given("reason", text).unwrap_err().into_problem().code, "TG-6017", "{text:?}");
        }
    }

    #[test]
    fn a_digest_is_one_line() {
        assert!(word("digest", "sha256:abc", 200).is_ok());
        for text in ["", " ", "a\nb", &"x".repeat(201)] {
            assert!(word("digest", text, 200).is_err(), "{text:?}");
        }
    }
}
