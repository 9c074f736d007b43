//! Numbers with units: `2 h 30 min`, `5 %`, `0.1 points`. They are read exactly, as whole numbers of small
//! steps; a number that cannot be kept exactly is refused rather than rounded.

use crate::findings::Finding;
use crate::problem::Code;
use crate::shape::{PER_PERCENT, PER_REQUEST, Quantity, Unit};
use crate::yaml::quoted;
use serde_json::{Value, json};

/// The canonical value of a text, or why it is none.
pub(super) fn read(text: &str, quantity: &Quantity) -> Result<Value, Finding> {
    let steps = steps(text.trim(), quantity)?;
    if steps < quantity.least || steps > quantity.most {
        let (least, most) = (written(quantity.least, quantity.unit), written(quantity.most, quantity.unit));
        let why = format!("found {}, expected {} from {least} to {most}", quoted(text), quantity.noun);
        return Err(Finding::new(Code::OutOfRange, format!("{} is out of range", quantity.noun), why)
            .hint(format!("write {} in that range, such as `{}`", quantity.noun, quantity.example)));
    }
    Ok(match quantity.unit {
        Unit::Time | Unit::Share => json!(steps),
        Unit::Percent | Unit::Points => json!(fraction(steps, 100 * PER_PERCENT)),
        Unit::Rate => json!(fraction(steps, PER_REQUEST)),
    })
}

/// Both are whole numbers that an `f64` holds exactly, so that the quotient is the nearest to what was written.
#[expect(clippy::cast_precision_loss, reason = "at most 10,000 % or 100,000 req/s in millionths: far below 2^53")]
fn fraction(steps: u64, of: u64) -> f64 {
    steps as f64 / of as f64
}

fn steps(text: &str, quantity: &Quantity) -> Result<u64, Finding> {
    let parts = parts(text).ok_or_else(|| not_a_quantity(text, quantity))?;
    if parts.iter().any(|part| part.number.negative) {
        let why = format!("found {}, expected {}", quoted(text), quantity.noun);
        return Err(Finding::new(Code::OutOfRange, format!("{} is never negative", quantity.noun), why)
            .hint(format!("write `{}`", text.replace('-', ""))));
    }
    if quantity.unit != Unit::Time && parts.len() > 1 {
        return Err(not_a_quantity(text, quantity));
    }
    let (mut sum, mut last) = (0_u64, u64::MAX);
    for part in &parts {
        let size = size(part.unit, quantity.unit).ok_or_else(|| wrong_unit(text, part, quantity))?;
        if size >= last {
            return Err(not_a_quantity(text, quantity));
        }
        last = size;
        let steps = part.number.times(size).ok_or_else(|| too_fine(text, quantity))?;
        sum = sum.saturating_add(steps);
    }
    Ok(sum)
}

/// A decimal number, exactly: `mantissa` divided by ten to the power of `scale`.
#[derive(Clone, Copy)]
struct Decimal {
    negative: bool,
    mantissa: u64,
    scale: u32,
}

struct Part<'a> {
    number: Decimal,
    digits: &'a str,
    unit: &'a str,
}

/// `2 h 30 min` is two parts. Nothing when the text is not made of numbers and units.
fn parts(text: &str) -> Option<Vec<Part<'_>>> {
    let mut rest = text;
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let end = rest.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+'))).unwrap_or(rest.len());
        let (digits, after) = rest.split_at(end);
        let number = Decimal::read(digits)?;
        let after = after.trim_start();
        let end = after
            .find(|c: char| c.is_ascii_digit() || c.is_whitespace() || matches!(c, '-' | '+'))
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        parts.push(Part { number, digits, unit });
        rest = after.trim_start();
    }
    (!parts.is_empty() && parts.len() <= 6).then_some(parts)
}

impl Decimal {
    fn read(digits: &str) -> Option<Self> {
        let (negative, digits) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let number = |c: &str| !c.is_empty() && c.len() <= 12 && c.bytes().all(|b| b.is_ascii_digit());
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        if !number(whole) || !number(part) {
            return None;
        }
        let part = part.trim_end_matches('0');
        if whole.len() + part.len() > 18 {
            return None;
        }
        let mantissa = format!("{whole}{part}").parse().ok()?;
        Some(Self { negative, mantissa, scale: u32::try_from(part.len()).ok()? })
    }

    /// This number times a whole one, if that is a whole one.
    fn times(self, size: u64) -> Option<u64> {
        let product = u128::from(self.mantissa) * u128::from(size);
        let divisor = 10_u128.pow(self.scale);
        (product % divisor == 0).then(|| u64::try_from(product / divisor).unwrap_or(u64::MAX))
    }
}

/// How many steps one of this unit has.
fn size(unit: &str, of: Unit) -> Option<u64> {
    match (of, unit) {
        (Unit::Time, "ms") => Some(1),
        (Unit::Time, "s") => Some(1_000),
        (Unit::Time, "min") => Some(60_000),
        (Unit::Time, "h") => Some(3_600_000),
        (Unit::Time, "d") => Some(86_400_000),
        (Unit::Share, "%") => Some(10_000),
        (Unit::Percent, "%") | (Unit::Points, "points" | "point" | "pp") => Some(PER_PERCENT),
        (Unit::Rate, "req/s") => Some(PER_REQUEST),
        _ => None,
    }
}

/// What somebody meant who wrote it another way.
fn meant(unit: &str) -> Option<&'static str> {
    match unit.to_ascii_lowercase().as_str() {
        "ms" | "msec" | "msecs" | "millis" | "millisecond" | "milliseconds" => Some("ms"),
        "s" | "sec" | "secs" | "second" | "seconds" => Some("s"),
        "m" | "min" | "mins" | "minute" | "minutes" => Some("min"),
        "h" | "hr" | "hrs" | "hour" | "hours" => Some("h"),
        "d" | "day" | "days" => Some("d"),
        "%" | "percent" | "pct" => Some("%"),
        "points" | "point" | "pp" | "p.p." | "ppt" => Some("points"),
        "req/s" | "req/sec" | "reqs/s" | "requests/s" | "rps" | "r/s" | "/s" | "hz" => Some("req/s"),
        _ => None,
    }
}

fn wrong_unit(text: &str, part: &Part<'_>, quantity: &Quantity) -> Finding {
    let digits = part.digits;
    let meant = meant(part.unit).filter(|unit| size(unit, quantity.unit).is_some());
    let hint = match (quantity.unit, part.unit, meant) {
        (_, unit, Some("min")) if unit.eq_ignore_ascii_case("m") => {
            format!("write `{digits} min`; an `m` could also be a month")
        }
        (_, _, Some(unit)) => format!("write `{digits} {unit}`"),
        (Unit::Time, "", _) => format!("write `{digits} s`, `{digits} min` or `{digits} h`"),
        (Unit::Time, _, _) => "write a duration in ms, s, min, h or d".to_owned(),
        (Unit::Share, _, _) => format!("write `{digits} %`"),
        (Unit::Percent, "points" | "point" | "pp", _) => {
            format!("write `{digits} %`; points are for the difference between two proportions")
        }
        (Unit::Percent, _, _) => format!("write `{digits} %`"),
        (Unit::Points, "%", _) => {
            format!("write `{digits} points`; a `%` could also be relative to the old version")
        }
        (Unit::Points, _, _) => format!("write `{digits} points`"),
        (Unit::Rate, _, _) => format!("write `{digits} req/s`; a rate is said per second"),
    };
    let found = if part.unit.is_empty() {
        format!("found {} without a unit", quoted(text))
    } else {
        format!("found {}", quoted(text))
    };
    let noun = quantity.noun;
    let what = if part.unit.is_empty() { format!("{noun} needs a unit") } else { format!("wrong unit for {noun}") };
    Finding::new(Code::WrongUnit, what, format!("{found}, expected {noun} such as `{}`", quantity.example)).hint(hint)
}

fn not_a_quantity(text: &str, quantity: &Quantity) -> Finding {
    let why = format!("found {}, expected {} such as `{}`", quoted(text), quantity.noun, quantity.example);
    Finding::new(Code::WrongType, format!("this is not {}", quantity.noun), why).hint(match quantity.unit {
        Unit::Time => "write numbers with units, the largest first: `2 h 30 min`".to_owned(),
        Unit::Share | Unit::Percent | Unit::Points | Unit::Rate => {
            format!("write a number with its unit: `{}`", quantity.example)
        }
    })
}

fn too_fine(text: &str, quantity: &Quantity) -> Finding {
    let step = written(1, quantity.unit);
    let why = format!("found {}, expected a whole number of {step}", quoted(text));
    Finding::new(Code::OutOfRange, format!("{} is too fine to be kept exactly", quantity.noun), why)
        .hint(format!("the smallest step is {step}"))
}

/// Steps as a policy would say them.
fn written(steps: u64, unit: Unit) -> String {
    let decimal = |size: u64| {
        let (whole, rest) = (steps / size, steps % size);
        let digits = (size + rest).to_string();
        let digits = digits.trim_start_matches('1').trim_end_matches('0');
        if rest == 0 { whole.to_string() } else { format!("{whole}.{digits}") }
    };
    match unit {
        Unit::Time => match steps {
            0 => "0 s".to_owned(),
            n if n % 86_400_000 == 0 => format!("{} d", n / 86_400_000),
            n => engine::Millis(n).to_string(),
        },
        Unit::Share => format!("{} %", decimal(10_000)),
        Unit::Percent => format!("{} %", decimal(PER_PERCENT)),
        Unit::Points => format!("{} points", decimal(PER_PERCENT)),
        Unit::Rate => format!("{} req/s", decimal(PER_REQUEST)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Quantity = Quantity { noun: "a duration", unit: Unit::Time, least: 0, most: u64::MAX, example: "1 h" };
    const SHARE: Quantity = Quantity { noun: "a share", unit: Unit::Share, least: 0, most: 1_000_000, example: "5 %" };
    const POINTS: Quantity =
        Quantity { noun: "a rise", unit: Unit::Points, least: 0, most: 100 * PER_PERCENT, example: "1 points" };
    const PERCENT: Quantity =
        Quantity { noun: "a slow-down", unit: Unit::Percent, least: 0, most: 10_000 * PER_PERCENT, example: "1 %" };

    fn value(text: &str, quantity: &Quantity) -> Option<Value> {
        read(text, quantity).ok()
    }

    #[test]
    fn times_are_whole_milliseconds() {
        for (text, ms) in [
            ("0 s", 0),
            ("250 ms", 250),
            ("90 s", 90_000),
            ("1.5 h", 5_400_000),
            ("30min", 1_800_000),
            ("2 h 30 min", 9_000_000),
            ("1d 1h 1min 1s 1ms", 90_061_001),
            ("0.001 s", 1),
            (" 5 s ", 5_000),
        ] {
            assert_eq!(value(text, &SPAN), Some(json!(ms)), "{text}");
        }
    }

    #[test]
    fn proportions_are_the_nearest_numbers_to_what_is_written() {
        for (text, expected) in [("0.1 points", 0.001), ("0.1pp", 0.001), ("0.3 points", 0.003), ("0.7 points", 0.007)]
        {
            assert_eq!(value(text, &POINTS), Some(json!(expected)), "{text}");
        }
        for (text, expected) in [("10 %", 0.1), ("0.1 %", 0.001), ("250%", 2.5), ("33.3333 %", 0.333_333)] {
            assert_eq!(value(text, &PERCENT), Some(json!(expected)), "{text}");
        }
        assert_eq!(value("12.5 %", &SHARE), Some(json!(125_000)));
        assert_eq!(value("0.0001 %", &SHARE), Some(json!(1)));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "5",
            "s",
            "5 m",
            "5 weeks",
            "-5 s",
            "+-5 s",
            "5 s 5 s",
            "5 s 1 h",
            "5. s",
            ".5 s",
            "1e3 s",
            "5,5 s",
            "0x5 s",
            "5 %",
            "0.0001 ms",
            "9999999999999 s",
            "1..5 s",
            "5 s and 3 ms",
            "\u{665} s",
            "1 h 1 h",
            "1 d 1 d 1 d 1 d 1 d 1 d 1 d",
        ] {
            assert!(read(text, &SPAN).is_err(), "{text}");
        }
        for text in ["5", "101 %", "0.00001 %", "5 % 5 %", "5 points", "-1 %"] {
            assert!(read(text, &SHARE).is_err(), "{text}");
        }
    }

    #[test]
    fn bounds_are_written_as_a_policy_would_say_them() {
        assert_eq!(written(1, Unit::Share), "0.0001 %");
        assert_eq!(written(125_000, Unit::Share), "12.5 %");
        assert_eq!(written(10_000 * PER_PERCENT, Unit::Percent), "10000 %");
        assert_eq!(written(50_000, Unit::Points), "0.05 points");
        assert_eq!(written(86_400_000, Unit::Time), "1 d");
    }
}
