//! Text of others on a terminal. Versions, notes and reasons come over the network, and a terminal obeys what it is sent.

/// The text without what a terminal would obey or hide; line breaks and tabs become spaces.
#[must_use]
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(tame).collect()
}

fn tame(c: char) -> char {
    match c {
        '\n' | '\t' => ' ',
        c if c.is_control() => '\u{fffd}',
        // These reorder or hide the text around them.
        '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        c => c,
    }
}

/// The text cut to `width` characters, with an ellipsis when something is missing.
#[must_use]
pub(crate) fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_reordering_lose_their_power() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}c\rd\ne"), "a\u{fffd}[2Jb\u{fffd}c\u{fffd}d e");
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("prüfung", 7), "prüfung");
        assert_eq!(cut("prüfungen", 7), "prüfun…");
        assert_eq!(cut("x", 0), "…");
    }
}
