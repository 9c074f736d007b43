//! The stable names of problems. A code never changes its meaning and is never used again; its page under
//! `docs/errors/` is what people find when they search for it.

/// Which kind of problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The text is not YAML.
    Syntax,
    /// A key is there twice.
    DuplicateKey,
    /// A part of YAML that policies do not use.
    ForeignYaml,
    /// Too large, too deep or too many.
    TooMuch,
    /// Nothing is there.
    Empty,
    /// A key that is not part of the language.
    UnknownKey,
    /// A value of another type.
    WrongType,
    /// A key is missing.
    MissingKey,
    /// A word that is not one of the choices.
    UnknownWord,
    /// No unit, or the wrong one.
    WrongUnit,
    /// A number out of its range.
    OutOfRange,
    /// A name, URL or address that is not well formed.
    IllFormed,
    /// A secret that should be a reference.
    Secret,
    /// A part of the process that Tidegate does not run yet.
    NotYet,
    /// A name that nothing has.
    UnknownName,
    /// Phases that do not rise.
    NotRising,
    /// The last phase does not reach everybody.
    NotComplete,
    /// Target, lever and signals that do not work together.
    Mismatch,
    /// Two services at one address.
    SharedAddress,
    /// Definitions that extend each other in a circle.
    Circle,
    /// Two times that contradict each other.
    Clocks,
    /// A service, channel or type that the policy does not have.
    NotInPolicy,
    /// A plan that cannot be followed.
    Unjudgeable,
    /// Tidegate contradicts itself.
    Defect,
}

impl Code {
    /// Every code, in the order of its number.
    pub const ALL: [Self; 24] = [
        Self::Syntax,
        Self::DuplicateKey,
        Self::ForeignYaml,
        Self::TooMuch,
        Self::Empty,
        Self::UnknownKey,
        Self::WrongType,
        Self::MissingKey,
        Self::UnknownWord,
        Self::WrongUnit,
        Self::OutOfRange,
        Self::IllFormed,
        Self::Secret,
        Self::NotYet,
        Self::UnknownName,
        Self::NotRising,
        Self::NotComplete,
        Self::Mismatch,
        Self::SharedAddress,
        Self::Circle,
        Self::Clocks,
        Self::NotInPolicy,
        Self::Unjudgeable,
        Self::Defect,
    ];

    /// The code as it is printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Syntax => "TG-1001",
            Self::DuplicateKey => "TG-1002",
            Self::ForeignYaml => "TG-1003",
            Self::TooMuch => "TG-1004",
            Self::Empty => "TG-1005",
            Self::UnknownKey => "TG-1010",
            Self::WrongType => "TG-1011",
            Self::MissingKey => "TG-1012",
            Self::UnknownWord => "TG-1013",
            Self::WrongUnit => "TG-1014",
            Self::OutOfRange => "TG-1015",
            Self::IllFormed => "TG-1016",
            Self::Secret => "TG-1017",
            Self::NotYet => "TG-1020",
            Self::UnknownName => "TG-1030",
            Self::NotRising => "TG-1031",
            Self::NotComplete => "TG-1032",
            Self::Mismatch => "TG-1033",
            Self::SharedAddress => "TG-1034",
            Self::Circle => "TG-1035",
            Self::Clocks => "TG-1036",
            Self::NotInPolicy => "TG-1040",
            Self::Unjudgeable => "TG-1041",
            Self::Defect => "TG-1099",
        }
    }
}
