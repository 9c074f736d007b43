//! "Did you mean …?": the name that somebody probably wanted to write.

/// The nearest of `names`, if it is near enough to be a slip of the hand.
pub(crate) fn nearest<'a>(found: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let length = found.chars().count();
    if length > LONGEST {
        return None;
    }
    let allowed = (length / 3).clamp(1, 3);
    names
        .filter(|name| name.chars().count() <= LONGEST)
        .map(|name| (distance(&fold(found), &fold(name)), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min()
        .map(|(_, name)| name)
}

/// The hint that goes with it.
pub(crate) fn did_you_mean<'a>(found: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    nearest(found, names).map(|name| format!("did you mean `{name}`?"))
}

/// "known services: `api`, `shop`"; the list is cut where it would no longer be read.
pub(crate) fn known<'a>(kind: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<_> = names.collect();
    match names.len() {
        0 => format!("no {kind} is defined"),
        n => {
            let shown: Vec<_> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
            let more = if n > SHOWN { format!(" and {} more", n - SHOWN) } else { String::new() };
            format!("known {kind}s: {}{more}", shown.join(", "))
        }
    }
}

/// Names are at most this long; the distance of longer texts costs more than it tells.
const LONGEST: usize = 64;
const SHOWN: usize = 12;

/// `health-every` and `healthEvery` are `health_every`.
fn fold(name: &str) -> Vec<char> {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before = vec![0; b.len() + 1];
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1; b.len() + 1];
        for (j, y) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(x != y);
            row[j + 1] = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            let swapped = i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y;
            if swapped {
                row[j + 1] = row[j + 1].min(before[j - 1] + 1);
            }
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_hand_are_near_and_other_words_are_not() {
        let near = |found| nearest(found, ["rollouts", "services", "health_every", "p50"].into_iter());
        assert_eq!(near("rollout"), Some("rollouts"));
        assert_eq!(near("serivces"), Some("services"));
        assert_eq!(near("healthEvery"), Some("health_every"));
        assert_eq!(near("p5"), Some("p50"));
        assert_eq!(near("gateway"), None);
        assert_eq!(near(""), None);
        assert_eq!(near(&"x".repeat(5_000)), None);
    }

    #[test]
    fn a_swap_counts_once() {
        let d = |a: &str, b: &str| distance(&fold(a), &fold(b));
        assert_eq!(d("abcd", "abdc"), 1);
        assert_eq!(d("", "abc"), 3);
        assert_eq!(d("kitten", "sitting"), 3);
    }
}
