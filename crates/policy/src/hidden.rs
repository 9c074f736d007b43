//! Characters that a text may carry without a reader seeing them. One list for all: what may be kept in the journal, what
//! is printed of a policy, and what the command line shows of others' words.

/// Whether `c` is a control character, or one that is not seen or that reorders or hides the text around it: bidirectional
/// marks and overrides, zero widths, line separators, soft hyphens, byte order marks.
#[must_use]
pub fn hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character that Unicode gives a direction of its own to without showing it, and those that have no width.
    #[test]
    fn what_is_not_seen_is_hidden() {
        let marks = ['\u{61c}', '\u{200e}', '\u{200f}'];
        let overrides = ('\u{202a}'..='\u{202e}').chain('\u{2066}'..='\u{2069}').chain('\u{206a}'..='\u{206f}');
        let no_width = ['\u{ad}', '\u{200b}', '\u{200c}', '\u{200d}', '\u{2060}', '\u{feff}'];
        let lines = ['\n', '\r', '\t', '\u{1b}', '\u{7f}', '\u{85}', '\u{9b}', '\u{2028}', '\u{2029}'];
        for c in overrides.chain(marks).chain(no_width).chain(lines) {
            assert!(hidden(c), "{c:?}");
        }
        for c in "a ä 漢 – … ’ № 😀".chars() {
            assert!(!hidden(c), "{c:?}");
        }
    }
}
