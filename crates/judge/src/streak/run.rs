//! Windows of fixed length, and how many in a row were bad.

use crate::exact::state;

/// Cuts time into windows, beginning with the first block.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Windows {
    length_ms: i64,
    start_ms: Option<i64>,
}

state!(Windows { start_ms } made { length_ms });

impl Windows {
    pub(crate) fn new(length_ms: i64) -> Windows {
        Windows { length_ms: length_ms.max(1), start_ms: None }
    }

    /// Moves on to the window in which a block starts, and says how many windows ended on the way.
    pub(crate) fn ended_before(&mut self, from_ms: i64) -> u64 {
        let start = *self.start_ms.get_or_insert(from_ms);
        let ended = from_ms.saturating_sub(start).max(0) / self.length_ms;
        self.start_ms = Some(start.saturating_add(ended * self.length_ms));
        ended.unsigned_abs()
    }

    /// Whether the window is over when a block ends at `to_ms`; if so, the next one begins.
    pub(crate) fn ends_by(&mut self, to_ms: i64) -> bool {
        let Some(end) = self.start_ms.map(|start| start.saturating_add(self.length_ms)) else {
            return false;
        };
        let over = to_ms >= end;
        if over {
            self.start_ms = Some(end);
        }
        over
    }
}

/// What one window showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Window {
    Breach,
    Clear,
    /// Too few requests: it neither counts nor resets.
    Unknown,
}

/// Breaching windows in a row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Run {
    pub(crate) needed: u32,
    pub(crate) breaches: u32,
    unknown: u32,
}

state!(Run { breaches, unknown } made { needed } sound |read| read.unknown <= UNKNOWN_ALLOWED);

/// More unknown windows in a row than this end a run.
const UNKNOWN_ALLOWED: u32 = 2;

impl Run {
    pub(crate) fn new(needed: u32) -> Run {
        Run { needed, breaches: 0, unknown: 0 }
    }

    /// Takes a window and says whether the run goes on.
    #[must_use]
    pub(crate) fn goes_on(&mut self, window: Window) -> bool {
        match window {
            Window::Breach => {
                self.breaches = self.breaches.saturating_add(1);
                self.unknown = 0;
            }
            Window::Clear => *self = Run::new(self.needed),
            Window::Unknown => {
                self.unknown += 1;
                if self.unknown > UNKNOWN_ALLOWED {
                    *self = Run::new(self.needed);
                }
            }
        }
        self.breaches > 0 || self.unknown > 0
    }

    pub(crate) fn complete(&self) -> bool {
        self.breaches >= self.needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_end_on_time_and_in_gaps() {
        let mut windows = Windows::new(60_000);
        assert_eq!(windows.ended_before(5_000), 0);
        assert!(!windows.ends_by(64_999));
        assert!(windows.ends_by(65_000));
        assert_eq!(windows.ended_before(65_000), 0);
        assert_eq!(windows.ended_before(65_000 + 3 * 60_000 + 1), 3);
        assert!(windows.ends_by(65_000 + 4 * 60_000));
    }

    #[test]
    fn a_clock_that_leaps_is_no_panic() {
        let mut windows = Windows::new(60_000);
        assert_eq!(windows.ended_before(i64::MIN), 0);
        assert!(windows.ended_before(i64::MAX) > 1_000_000);
        assert_eq!(windows.ended_before(i64::MIN), 0);
        let _ = windows.ends_by(i64::MAX);
    }

    #[test]
    fn unknown_windows_neither_count_nor_reset_until_the_third() {
        let mut run = Run::new(3);
        let story = [Window::Breach, Window::Unknown, Window::Unknown, Window::Breach, Window::Unknown, Window::Breach];
        assert!(story.into_iter().all(|window| run.goes_on(window)));
        assert!(run.complete());
        assert!(run.goes_on(Window::Unknown) && run.goes_on(Window::Unknown));
        assert!(!run.goes_on(Window::Unknown));
        assert_eq!(run, Run::new(3));
    }

    #[test]
    fn a_clear_window_ends_the_run() {
        let mut run = Run::new(3);
        assert!(run.goes_on(Window::Breach));
        assert!(!run.goes_on(Window::Clear));
        assert_eq!(run.breaches, 0);
    }
}
