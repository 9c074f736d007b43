//! Which users failed lately: somebody who fails again and again is one user who fails, not many failures. The judge bets on
//! users who fail for the first time, as only the gate knows who they are.

use std::collections::HashMap;

/// A user who failed counts again after this time.
pub(crate) const REMEMBERED_MS: i64 = 300_000;

/// The most users that are remembered. Those for whom there is no room count in every block.
const MOST_REMEMBERED: usize = 65_536;

/// The users of one arm who failed lately, with the time that they were counted.
#[derive(Debug, Default)]
pub(crate) struct Remembered {
    version: String,
    counted_ms: HashMap<u32, i64>,
}

impl Remembered {
    /// How many of these users, who failed with `version`, were not counted lately; from now on they are.
    pub(crate) fn fresh(&mut self, version: &str, hurt: impl Iterator<Item = u32>, now_ms: i64) -> u64 {
        if self.version != version {
            version.clone_into(&mut self.version);
            self.counted_ms.clear();
        }
        self.counted_ms.retain(|_, counted| now_ms.saturating_sub(*counted) < REMEMBERED_MS);
        let mut fresh = 0;
        for user in hurt {
            if !self.counted_ms.contains_key(&user) {
                fresh += 1;
                if self.counted_ms.len() < MOST_REMEMBERED {
                    self.counted_ms.insert(user, now_ms);
                }
            }
        }
        fresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_who_fails_all_the_time_counts_every_five_minutes() {
        let mut remembered = Remembered::default();
        let counted = (0..60).map(|block| remembered.fresh("1.1", [7, 8].into_iter(), block * 10_000));
        assert_eq!(counted.collect::<Vec<u64>>().iter().filter(|&&fresh| fresh == 2).count(), 2);
    }

    #[test]
    fn another_version_has_its_own_users() {
        let mut remembered = Remembered::default();
        assert_eq!(remembered.fresh("1.1", [7].into_iter(), 0), 1);
        assert_eq!(remembered.fresh("1.2", [7].into_iter(), 10_000), 1);
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut remembered = Remembered::default();
        assert_eq!(remembered.fresh("1.1", 0..70_000, 0), 70_000);
        assert_eq!(remembered.counted_ms.len(), MOST_REMEMBERED);
        assert_eq!(remembered.fresh("1.1", std::iter::empty(), REMEMBERED_MS), 0);
        assert!(remembered.counted_ms.is_empty());
    }
}
