//! What a colleague would say who looked at the numbers.

use crate::counts::Moments;
use crate::interval::Interval;
use crate::results::{Comparison, Decided, Results};
use std::fmt::Write as _;

/// From this share of users who saw two variants on, something is wrong with how users are told apart.
const MANY_CROSSED: f64 = 0.01;

pub(crate) struct Said<'s> {
    pub(crate) metric: &'s str,
    pub(crate) control: &'s str,
    pub(crate) of_control: &'s Moments,
    pub(crate) of_variant: &'s Moments,
}

/// One variant against the control.
pub(crate) fn comparison(said: &Said<'_>, is_conversion: bool, found: &Comparison) -> String {
    let (Some(of_variant), Some(of_control)) = (said.of_variant.mean(), said.of_control.mean()) else {
        return format!("{}: nobody was seen with `{}` and `{}` both", said.metric, found.variant, said.control);
    };
    let users = format!("over {} and {} users", thousands(said.of_variant.users), thousands(said.of_control.users));
    let variant = &found.variant;
    let mut text = if is_conversion {
        let (variant_rate, control_rate) = (percent(of_variant), percent(of_control));
        format!("{}: `{variant}` converts {variant_rate} against {control_rate} {users}", said.metric)
    } else {
        format!(
            "{}: `{variant}` has {} against {} per user {users}",
            said.metric,
            figure(of_variant),
            figure(of_control)
        )
    };
    match &found.interval {
        Some(interval) => text.push_str(&between(interval, is_conversion)),
        None => text.push_str("; nothing is said of a mean before each variant has 1,000 users"),
    }
    text.push_str(match found.decided {
        Decided::Higher => ": it is higher",
        Decided::Lower => ": it is lower",
        Decided::Undecided => ": not decided yet",
        Decided::TooFew => "",
        Decided::Mistrusted => ": but the users do not fit the split, so do not trust it",
    });
    text
}

/// The whole experiment.
pub(crate) fn of(results: &Results) -> String {
    let users: u64 = results.variants.iter().map(|(_, users)| users).sum();
    if users == 0 {
        return "nobody was seen with a variant yet".into();
    }
    let mut text = String::new();
    if results.mismatch {
        text.push_str(&mismatch(results, users));
    }
    let compared: Vec<&str> =
        results.metrics.iter().flat_map(|metric| &metric.comparisons).map(|one| one.sentence.as_str()).collect();
    if compared.is_empty() {
        let seen: Vec<String> =
            results.variants.iter().map(|(one, users)| format!("`{}` {}", one.variant, thousands(*users))).collect();
        let _ = write!(text, "users were seen with {}, and no metric was told of them", seen.join(" and "));
    }
    text.push_str(&compared.join(". "));
    let crossed = results.crossed as f64 / (results.crossed + users) as f64;
    if crossed > MANY_CROSSED {
        let _ = write!(
            text,
            ". {} of the users saw more than one variant and are left out: look at how users are told apart",
            percent(crossed)
        );
    }
    if results.stretches > 1 {
        let _ = write!(
            text,
            ". The server forgot its users {}, so some may be counted again; the bounds are wider for it",
            times(results.stretches - 1)
        );
    }
    text
}

fn mismatch(results: &Results, users: u64) -> String {
    let whole: f64 = results.variants.iter().map(|(one, _)| f64::from(one.weight)).sum();
    let each = results.variants.iter().map(|(one, came)| {
        let (came, promised) = (*came as f64 / users as f64, f64::from(one.weight) / whole);
        format!("`{}` has {} of the users and should have {}", one.variant, percent(came), percent(promised))
    });
    format!("Do not trust this: {}. Find out who is lost or told of twice. ", each.collect::<Vec<_>>().join(", "))
}

fn between(interval: &Interval, is_conversion: bool) -> String {
    if !is_conversion {
        return format!("; the difference is between {} and {}", figure(interval.low), figure(interval.high));
    }
    let (low, high) = (interval.low * 100.0, interval.high * 100.0);
    let digits = if low.abs().max(high.abs()) < 1.0 { 2 } else { 1 };
    format!("; the difference is between {} and {} points", plain(low, digits), plain(high, digits))
}

/// `12.1 %`; rates below one percent with another digit.
fn percent(share: f64) -> String {
    let percent = share * 100.0;
    format!("{} %", plain(percent, if percent > 0.0 && percent < 1.0 { 2 } else { 1 }))
}

/// With so many digits, and never `-0.0`.
fn plain(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let is_zero = text.bytes().all(|b| matches!(b, b'-' | b'0' | b'.'));
    if is_zero { text.trim_start_matches('-').to_string() } else { text }
}

/// Four digits, whatever the size.
fn figure(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let size = libm::floor(libm::log10(value.abs()));
    match size {
        size if (0.0..6.0).contains(&size) => plain(value, (3.0 - size).max(0.0) as usize),
        size if (-4.0..0.0).contains(&size) => plain(value, (3.0 - size) as usize),
        _ => format!("{value:.3e}"),
    }
}

/// `8,120`.
fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn times(n: u32) -> String {
    match n {
        1 => "once".into(),
        2 => "twice".into(),
        n => format!("{n} times"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::counts::{Counts, Metric, Sums, Tally};
    use flags::Weight;

    fn halves() -> Vec<Weight> {
        ["old", "new"].map(|variant| Weight { variant: variant.into(), weight: 50_000 }).into()
    }

    fn said(users: [u64; 2], crossed: u64, stretches: u32, tally: Option<Tally>) -> String {
        let metrics = tally.into_iter().map(|tally| Metric { name: "checkout".into(), tally }).collect();
        let counts = Counts { users: users.into(), crossed, stretches, at_ms: 0, metrics };
        Results::of(&halves(), &counts, None).unwrap().sentence
    }

    #[test]
    fn an_open_question_is_told_as_one() {
        let text = said([8_090, 8_120], 0, 1, Some(Tally::Conversion(vec![922, 983])));
        assert_eq!(
            text,
            "checkout: `new` converts 12.1 % against 11.4 % over 8,120 and 8,090 users; the difference is between -1.1 and 2.6 \
             points: not decided yet"
        );
    }

    #[test]
    fn a_clear_answer_is_given() {
        let text = said([80_900, 81_200], 0, 1, Some(Tally::Conversion(vec![9_220, 10_830])));
        assert!(text.ends_with("points: it is higher"), "{text}");
        let sums = |users: f64, mean: f64| Sums { sum: users * mean, sum_squares: users * (mean * mean + 9.0) };
        let text = said([20_000, 20_000], 0, 1, Some(Tally::Mean(vec![sums(2e4, 5.0), sums(2e4, 4.5)])));
        assert!(
            text.starts_with("checkout: `new` has 4.500 against 5.000 per user over 20,000 and 20,000 users;"),
            "{text}"
        );
        assert!(text.ends_with(": it is lower"), "{text}");
    }

    #[test]
    fn what_is_wrong_comes_first_or_is_added() {
        let text = said([9_000, 7_000], 0, 1, Some(Tally::Conversion(vec![900, 900])));
        assert!(text.starts_with("Do not trust this: `old` has 56.2 % of the users and should have 50.0 %"), "{text}");
        assert!(text.ends_with("so do not trust it"), "{text}");
        let text = said([100, 100], 10, 3, None);
        assert!(text.starts_with("users were seen with `old` 100 and `new` 100, and no metric"), "{text}");
        assert!(text.contains("4.8 % of the users saw more than one variant"), "{text}");
        assert!(text.contains("forgot its users twice"), "{text}");
        assert_eq!(said([0, 0], 0, 1, None), "nobody was seen with a variant yet");
    }

    #[test]
    fn figures_are_short() {
        let all = [0.0, 1.0, -12.345, 123_456.0, 0.001_236, 1e9, 1e-9, -0.04];
        let texts = all.map(figure);
        assert_eq!(texts, ["0", "1.000", "-12.35", "123456", "0.001236", "1.000e9", "1.000e-9", "-0.04000"]);
        assert_eq!((plain(-0.04, 1), thousands(1_234_567)), ("0.0".into(), "1,234,567".into()));
    }
}
