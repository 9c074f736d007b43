//! Figures as people write them: three digits that matter, a unit, thousands apart.

use alloc::format;
use alloc::string::{String, ToString};

/// `78,200`.
pub(super) fn count(value: u64) -> String {
    let digits = value.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// `35,000` of 35,374: a forecast has two digits.
pub(super) fn roughly(value: u64) -> String {
    let mut unit = 1;
    while value / unit >= 100 {
        unit *= 10;
    }
    count(value.saturating_add(unit / 2) / unit * unit)
}

/// A fraction as `3.13 %`.
pub(super) fn percent(fraction: f64) -> String {
    let value = fraction * 100.0;
    let decimals = match value.abs() {
        v if v >= 10.0 => 1,
        v if v >= 0.1 => 2,
        _ => 3,
    };
    format!("{} %", trimmed(value, decimals))
}

/// A fraction as percentage points, without the word: `2.4`.
pub(super) fn points(fraction: f64) -> String {
    let value = fraction * 100.0;
    let decimals = match value.abs() {
        v if v >= 1.0 => 1,
        v if v >= 0.1 => 2,
        _ => 3,
    };
    trimmed(value, decimals)
}

/// Any number with three digits that matter.
pub(super) fn figure(value: f64) -> String {
    let size = value.abs();
    if size >= 1e6 || (size > 0.0 && size < 1e-3) {
        return format!("{value:.2e}");
    }
    let decimals = match size {
        v if v >= 100.0 => 0,
        v if v >= 10.0 => 1,
        v if v >= 1.0 => 2,
        _ => 4,
    };
    trimmed(value, decimals)
}

/// Microseconds as `412 ms`.
pub(super) fn latency(us: f64) -> String {
    if us >= 1e6 {
        format!("{} s", trimmed(us / 1e6, 2))
    } else if us >= 1e5 {
        format!("{} ms", trimmed(us / 1e3, 0))
    } else if us >= 1e3 {
        format!("{} ms", trimmed(us / 1e3, 1))
    } else {
        format!("{} µs", trimmed(us, 0))
    }
}

/// Without zeros at the end of the fraction, and without a minus before zero.
fn trimmed(value: f64, decimals: usize) -> String {
    let text = format!("{value:.decimals$}");
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text.as_str() };
    if text == "-0" { "0".to_string() } else { text.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        let said = [figure(4_120.4), figure(12.34), figure(-1.5), figure(0.0312), figure(0.0), figure(1.2e9)];
        assert_eq!(said, ["4120", "12.3", "-1.5", "0.0312", "0", "1.20e9"]);
        assert_eq!([count(0), count(999), count(1_000), count(1_234_567)], ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(
            [percent(0.5), percent(0.0313), percent(0.0001), percent(0.01)],
            ["50 %", "3.13 %", "0.01 %", "1 %"]
        );
        assert_eq!([points(0.024), points(-0.0004), points(0.001), points(-0.000_000_1)], ["2.4", "-0.04", "0.1", "0"]);
        assert_eq!(
            [latency(850.0), latency(1_250.0), latency(412_345.0), latency(1.9e6)],
            ["850 µs", "1.2 ms", "412 ms", "1.9 s"]
        );
    }
}
