//! The end of what a command printed. The rest is thrown away while it comes, so that a command that prints for ever costs no
//! memory.

use std::collections::VecDeque;

/// What a failure shows of the output, in bytes.
pub(super) const SHOWN: usize = 4 * 1024;
/// What is kept: more than is shown, so that a secret that the beginning cuts in two lies outside of what is shown.
const KEPT: usize = 5 * SHOWN;

#[derive(Default)]
pub(super) struct Tail {
    bytes: VecDeque<u8>,
    cut: bool,
}

impl Tail {
    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend(bytes);
        let over = self.bytes.len().saturating_sub(KEPT);
        self.cut |= over > 0;
        self.bytes.drain(..over);
    }

    /// All of it, if nothing was thrown away.
    pub(super) fn whole(&self) -> Option<String> {
        (!self.cut).then(|| self.text())
    }

    /// The last 4 KiB, after `hide` has taken out what must not be seen.
    pub(super) fn shown(&self, hide: impl FnOnce(&str) -> String) -> String {
        let text = hide(&self.text());
        let text = text.trim_end();
        let mut from = text.len().saturating_sub(SHOWN);
        while !text.is_char_boundary(from) {
            from += 1;
        }
        if from > 0 || self.cut { format!("…{}", &text[from..]) } else { text.to_owned() }
    }

    fn text(&self) -> String {
        let (front, back) = self.bytes.as_slices();
        String::from_utf8_lossy(&[front, back].concat()).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_leaves_its_end() {
        let mut tail = Tail::default();
        for line in 0..100_000 {
            tail.push(format!("line {line}\n").as_bytes());
        }
        let shown = tail.shown(str::to_owned);
        assert!(shown.starts_with('…') && shown.ends_with("line 99999"), "{shown}");
        assert!(shown.len() <= SHOWN + '…'.len_utf8());
        assert!(tail.bytes.capacity() < 4 * KEPT);
        assert_eq!(tail.whole(), None);
    }

    #[test]
    fn a_few_words_are_kept_as_they_are() {
        let mut tail = Tail::default();
        tail.push(b"no such cluster\n");
        assert_eq!(tail.shown(str::to_owned), "no such cluster");
        assert_eq!(tail.whole().as_deref(), Some("no such cluster\n"));
    }

    #[test]
    fn letters_are_not_cut_in_two() {
        let mut tail = Tail::default();
        tail.push("é".repeat(SHOWN).as_bytes());
        tail.push(b"x");
        assert!(tail.shown(str::to_owned).starts_with("…é"));
    }
}
