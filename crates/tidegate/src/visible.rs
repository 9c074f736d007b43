//! Text of others on a terminal. Versions, notes and reasons come over the network, and a terminal obeys what it is sent.

/// The text without what a terminal would obey or hide; line breaks and tabs become spaces.
#[must_use]
pub(crate) fn visible(text: &str) -> String {
    text.chars().map(tame).collect()
}

/// As [`visible`], of a text whose lines are to stay lines.
#[must_use]
pub(crate) fn visible_lines(text: &str) -> String {
    text.lines().map(|line| visible(line) + "\n").collect()
}

fn tame(c: char) -> char {
    match c {
        '\n' | '\t' => ' ',
        c if policy::hidden(c) => '\u{fffd}',
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
        assert_eq!(visible("\u{61c}\u{ad}\u{206a}"), "\u{fffd}\u{fffd}\u{fffd}");
        assert_eq!(visible_lines("a: 1\nb: \u{1b}[2J\n"), "a: 1\nb: \u{fffd}[2J\n");
    }

    #[test]
    fn cutting_counts_characters() {
        assert_eq!(cut("prüfung", 7), "prüfung");
        assert_eq!(cut("prüfungen", 7), "prüfun…");
        assert_eq!(cut("x", 0), "…");
    }
}
