//! Moments, always in UTC: a release is watched from several places.

use jiff::Timestamp;

/// `2026-11-23T08:41:07Z`
#[must_use]
pub(crate) fn moment(ms: i64) -> String {
    match Timestamp::from_millisecond(ms) {
        Ok(moment) => moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => format!("{ms} ms"),
    }
}

/// The moment that `2026-12-31T23:59:59Z` means; nothing for anything else.
#[must_use]
pub(crate) fn read(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_utc() {
        assert_eq!(moment(1_795_423_267_250), "2026-11-23T08:41:07Z");
        assert_eq!(moment(i64::MAX), format!("{} ms", i64::MAX));
        assert_eq!(read("2026-11-23T08:41:07Z"), Some(1_795_423_267_000));
        assert_eq!(read("tomorrow"), None);
    }
}
