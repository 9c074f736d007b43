//! Selectors: with which a client says whose flags it wants. A flag set is a channel here.

/// What a client asked for, as it wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Selector<'a> {
    /// Nothing: the one channel that the token is for.
    Any,
    /// `flagSetId=production`.
    FlagSet(&'a str),
    /// `source=x`, or just `x`, which is how clients wrote it first.
    Source(&'a str),
}

impl<'a> Selector<'a> {
    /// Reads the header or the field of a request; whoever wrote what is neither meant something that would not be done.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        match text.split_once('=') {
            None if text.is_empty() => Some(Self::Any),
            None => Some(Self::Source(text)),
            Some(("flagSetId", channel)) => Some(Self::FlagSet(channel)),
            Some(("source", source)) => Some(Self::Source(source)),
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Selector::{self, Any, FlagSet, Source};

    #[test]
    fn a_selector_is_a_flag_set_a_source_or_nothing() {
        let cases = [
            ("", Some(Any)),
            ("flagSetId=production", Some(FlagSet("production"))),
            ("flagSetId=", Some(FlagSet(""))),
            ("flagSetId=a=b", Some(FlagSet("a=b"))),
            ("source=flags/all.json", Some(Source("flags/all.json"))),
            ("flags/all.json", Some(Source("flags/all.json"))),
            ("channel=production", None),
            ("flagsetid=production", None),
            ("=", None),
        ];
        for (text, read) in cases {
            assert_eq!(Selector::read(text), read, "{text:?}");
        }
    }
}
