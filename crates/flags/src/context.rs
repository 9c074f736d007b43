//! Who asks: what an evaluation knows about the user. Everything is borrowed, so that asking costs nothing.

/// A value that a context holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Value<'a> {
    /// Nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A text.
    Text(&'a str),
    /// Several values.
    List(&'a [Value<'a>]),
    /// Values with names.
    Map(&'a [(&'a str, Value<'a>)]),
}

/// What is known about the user who asks, and when they ask.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Context<'a> {
    /// Who it is. An attribute named `targetingKey` is not looked at.
    pub targeting_key: Option<&'a str>,
    /// What else is known. Of two attributes with one name the first counts. `$flagd` is not looked at.
    pub attributes: &'a [(&'a str, Value<'a>)],
    /// Seconds since 1970, for rules that read `$flagd.timestamp`.
    pub at_s: i64,
}
