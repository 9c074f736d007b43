//! Numbers as people read them.

/// With a comma between thousands.
#[must_use]
pub(crate) fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A share of users in percent: `5 %`, `12.5 %`.
#[must_use]
pub(crate) fn share(percent: f64) -> String {
    format!("{} %", (percent * 10_000.0).round() / 10_000.0)
}

/// A measured share in percent, with one decimal; `–` when there was nothing to measure.
#[must_use]
pub(crate) fn measured(percent: Option<f64>) -> String {
    percent.map_or_else(|| "–".into(), |percent| format!("{percent:.1} %"))
}

/// An error rate in percent, with two decimals.
#[must_use]
pub(crate) fn rate(percent: Option<f64>) -> String {
    percent.map_or_else(|| "–".into(), |percent| format!("{percent:.2} %"))
}

/// A latency: `850 µs`, `5.1 ms`, `1.2 s`.
#[must_use]
pub(crate) fn latency(us: Option<f64>) -> String {
    match us {
        None => "–".into(),
        Some(us) if us < 1_000.0 => format!("{us:.0} µs"),
        Some(us) if us < 1_000_000.0 => format!("{:.1} ms", us / 1_000.0),
        Some(us) => format!("{:.1} s", us / 1_000_000.0),
    }
}

/// A span of time.
#[must_use]
pub(crate) fn span(ms: u64) -> String {
    engine::Millis(ms).to_string()
}

/// How long something took, after its name: `after 1.2 s`, `at once`.
#[must_use]
pub(crate) fn after(ms: u64) -> String {
    if ms == 0 { "at once".into() } else { format!("after {}", span(ms)) }
}

/// What of a time is over: `12 s of 20 s`, `20 s reached`.
#[must_use]
pub(crate) fn progress(done_ms: u64, of_ms: u64) -> String {
    if done_ms < of_ms { format!("{} of {}", span(done_ms), span(of_ms)) } else { format!("{} reached", span(of_ms)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (n, text) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(thousands(n), text);
        }
    }

    #[test]
    fn latencies_choose_their_unit() {
        for (us, text) in [(Some(850.0), "850 µs"), (Some(5_120.0), "5.1 ms"), (Some(1.25e6), "1.2 s"), (None, "–")]
        {
            assert_eq!(latency(us), text);
        }
    }

    #[test]
    fn a_time_that_is_over_is_not_counted_on() {
        assert_eq!(progress(12_000, 20_000), "12 s of 20 s");
        assert_eq!(progress(72_000, 20_000), "20 s reached");
        assert_eq!((after(0), after(1_200)), ("at once".into(), "after 1.2 s".into()));
    }

    #[test]
    fn shares_have_no_needless_digits() {
        assert_eq!((share(5.0), share(12.5), share(0.01)), ("5 %".into(), "12.5 %".into(), "0.01 %".into()));
    }
}
