//! Shares as commands write and read them: `5`, `12.5`. In whole numbers throughout, so that a share comes back as the one that
//! was sent.

use engine::Share;

/// Parts per million in a percent.
const PERCENT: u32 = 10_000;
/// Digits after the point that a share can hold; the next one rounds.
const DIGITS: usize = 4;

/// `12.5` for 12.5 %.
pub(super) fn percent(share: Share) -> String {
    share.to_string().trim_end_matches(" %").to_owned()
}

/// Reads `5`, `5%`, `5 %` or `12.5` with spaces and line breaks around it. Nothing for anything else: a share that is
/// guessed would count a phase's time under the wrong one.
pub(super) fn read(text: &str) -> Option<Share> {
    let number = text.trim();
    let number = number.strip_suffix('%').unwrap_or(number).trim_end();
    let (whole, rest) = number.split_once('.').unwrap_or((number, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(rest) || whole.len() > 3 || rest.len() > 30 {
        return None;
    }
    let ppm = whole.parse::<u32>().ok()? * PERCENT + fraction(rest)?;
    Share::from_ppm(ppm).ok()
}

/// The digits after the point in parts per million, rounded.
fn fraction(digits: &str) -> Option<u32> {
    let kept = digits.get(..digits.len().min(DIGITS))?;
    let scale = 10_u32.pow(u32::try_from(DIGITS - kept.len()).ok()?);
    let up = digits.as_bytes().get(DIGITS).is_some_and(|next| *next >= b'5');
    Some(kept.parse::<u32>().ok()? * scale + u32::from(up))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_routers_print_is_read() {
        for (text, ppm) in [
            ("0", 0),
            ("5", 50_000),
            ("5%\n", 50_000),
            (" 5 % ", 50_000),
            ("05", 50_000),
            ("12.5", 125_000),
            ("12.50\r\n", 125_000),
            ("0.0001", 1),
            ("33.333333333", 333_333),
            ("66.66666", 666_667),
            ("99.99999", 1_000_000),
            ("100", 1_000_000),
            ("100.0%", 1_000_000),
        ] {
            assert_eq!(read(text).map(Share::ppm), Some(ppm), "{text:?}");
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for text in [
            "",
            " ",
            "%",
            "five",
            "5 percent",
            "-5",
            "+5",
            "1e1",
            "5,5",
            "0x5",
            "5 6",
            "5\n6",
            "5%%",
            ".5",
            "5.",
            "1.2.3",
            "100.1",
            "101",
            "1000",
            "99999999999999999999",
            "NaN",
            "inf",
            "５",
            "weight: 5",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read(&format!("0.{}", "1".repeat(31))), None);
    }

    #[test]
    fn a_share_comes_back_as_it_was_sent() {
        for ppm in (0..=1_000_000).step_by(37).chain([1, 999_999, 1_000_000]) {
            let share = Share::from_ppm(ppm).unwrap();
            assert_eq!(read(&percent(share)), Some(share));
        }
        assert_eq!(percent(Share::percent(5)), "5");
        assert_eq!(percent(Share::from_ppm(125_000).unwrap()), "12.5");
    }
}
