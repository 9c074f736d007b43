//! The flags of one channel, ready to answer.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::compile::{Compiled, compile};
use crate::context::Context;
use crate::flagd::{Entry, Refs, metadata};
use crate::fractional::Bucketing;
use crate::json::Json;
use crate::model::{Shelf, ValueType};
use crate::problem::{Place, Problem};
use crate::program::{Answer, Layout, Program};
use crate::table::Table;

/// The flags of one channel. A flag that cannot be compiled answers [`EvaluationError::ParseError`], and no other is the worse for it.
#[derive(Clone, Debug)]
pub struct FlagSet {
    programs: Vec<Program>,
    table: Table,
    document: Json,
    metadata: Vec<(String, Json)>,
    bucketing: Bucketing,
    pub(crate) source: Option<Source>,
}

/// What a set was compiled from, for whoever wants to be told why.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) channel: String,
    pub(crate) shelf: Shelf,
}

/// What a flag says to one user.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome<'s> {
    /// The value; nothing means that the client uses the default in its code.
    pub value: Option<&'s Json>,
    /// The name of the variant.
    pub variant: Option<&'s str>,
    /// Why.
    pub reason: Reason,
    /// Which of the flag's rules decided, counted from 0; nothing if none did, or if the rules are not Tidegate's own.
    pub rule: Option<u32>,
    /// The declared type of the value.
    pub value_type: ValueType,
    /// What clients are told beside it.
    pub metadata: &'s [(String, Json)],
}

/// Why a flag says what it says, in OpenFeature's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// It says the same to everybody.
    Static,
    /// No rule matched.
    Default,
    /// A rule matched.
    TargetingMatch,
    /// The user was put there by a split.
    Split,
    /// It is off, or what it rests on is.
    Disabled,
}

impl Reason {
    /// OpenFeature's word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Static => "STATIC",
            Self::Default => "DEFAULT",
            Self::TargetingMatch => "TARGETING_MATCH",
            Self::Split => "SPLIT",
            Self::Disabled => "DISABLED",
        }
    }
}

/// Why a flag says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvaluationError {
    /// There is no flag with this key.
    FlagNotFound,
    /// The flag's definition cannot be understood: [`FlagSet::problem`] says why.
    ParseError,
    /// The context names nobody. Evaluation does not ask for it: without a key a split gives the default, as flagd has it.
    TargetingKeyMissing,
    /// The flag's rule came to something that is none of its variants.
    General,
}

impl EvaluationError {
    /// OpenFeature's word.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::FlagNotFound => "FLAG_NOT_FOUND",
            Self::ParseError => "PARSE_ERROR",
            Self::TargetingKeyMissing => "TARGETING_KEY_MISSING",
            Self::General => "GENERAL",
        }
    }
}

impl FlagSet {
    /// The flags of `channel`. Flags that are put away are not among them.
    #[must_use]
    pub fn compile(shelf: &Shelf, channel: &str, bucketing: Bucketing) -> FlagSet {
        let mut compiled: Vec<(Program, Option<Json>)> = Vec::new();
        for (key, flag) in shelf.flags.iter().filter(|(_, flag)| !flag.archived) {
            let place = Place::ROOT;
            let place = place.member("flags");
            let place = place.member(key);
            compiled.push(match compile(shelf, channel, key) {
                Ok(Compiled { entry, layout, fixed }) => {
                    let mut program = Program::new(key, &entry, layout, &place);
                    if let (Some(reason), Answer::Fixed { reason: found, .. }) = (fixed, &mut program.answer) {
                        *found = reason;
                    }
                    let sound = !matches!(program.answer, Answer::Broken(_));
                    (program, sound.then(|| entry.write()))
                }
                Err(problem) => (Program { value_type: flag.value_type, ..Program::broken(key, problem) }, None),
            });
        }
        let mut set = FlagSet::of(compiled, bucketing);
        set.source = Some(Source { channel: channel.to_owned(), shelf: shelf.clone() });
        set
    }

    /// The flags of a document of flagd's. Members that say nothing about answers are not looked at.
    ///
    /// # Errors
    /// What is wrong with the document as a whole. What is wrong with one flag is that flag's own matter.
    pub fn of_flagd(document: &Json, bucketing: Bucketing) -> Result<FlagSet, Vec<Problem>> {
        let whole = |problem| vec![problem];
        let refs = Refs::of(document).map_err(whole)?;
        let place = Place::ROOT.member("flags");
        let set_metadata = metadata(document.get("metadata"), &Place::ROOT.member("metadata")).map_err(whole)?;
        let members: Vec<(&str, &Json)> = match document.get("flags") {
            Some(Json::Map(members)) => members.iter().map(|(key, flag)| (key.as_str(), flag)).collect(),
            Some(Json::List(items)) => items
                .iter()
                .enumerate()
                .map(|(i, flag)| Ok((key_of(flag, &place.item(i))?, flag)))
                .collect::<Result<_, _>>()
                .map_err(whole)?,
            Some(other) => {
                return Err(whole(
                    place.problem(format!("flags are an object, not {}", other.noun()), "name each flag by its key"),
                ));
            }
            None => return Err(whole(place.problem("there are no flags", "this is no flag definition of flagd's"))),
        };
        let mut compiled = Vec::new();
        for (key, json) in members {
            let place = place.member(key);
            compiled.push(match Entry::read(json, &refs, &place) {
                Ok(entry) => {
                    let program = Program::new(key, &entry, Layout::Logic, &place);
                    let sound = !matches!(program.answer, Answer::Broken(_));
                    (program, sound.then(|| entry.write()))
                }
                Err(problem) => (Program::broken(key, problem), None),
            });
        }
        Ok(FlagSet::of(compiled, bucketing).with_metadata(set_metadata))
    }

    fn of(compiled: Vec<(Program, Option<Json>)>, bucketing: Bucketing) -> FlagSet {
        let mut programs = Vec::new();
        let mut members = Vec::new();
        for (program, entry) in compiled {
            members.extend(entry.map(|entry| (program.key.clone(), entry)));
            programs.push(program);
        }
        let table = Table::new(programs.iter().map(|program| program.key.as_str()));
        let document = Json::Map(vec![("flags".to_owned(), Json::Map(members))]);
        FlagSet { programs, table, document, metadata: Vec::new(), bucketing, source: None }
    }

    /// The same flags, with something that clients are told beside each of them; a flag's own word for it counts more.
    #[must_use]
    pub fn with_metadata(mut self, metadata: Vec<(String, Json)>) -> FlagSet {
        for program in &mut self.programs {
            let own = program.metadata.split_off(program.own_from);
            program.metadata =
                metadata.iter().filter(|(name, _)| !own.iter().any(|(known, _)| known == name)).cloned().collect();
            program.own_from = program.metadata.len();
            program.metadata.extend(own);
        }
        if let Json::Map(members) = &mut self.document {
            members.retain(|(name, _)| name != "metadata");
            if !metadata.is_empty() {
                members.push(("metadata".to_owned(), Json::Map(metadata.clone())));
            }
        }
        self.metadata = metadata;
        self
    }

    /// What the flag says to this user.
    ///
    /// # Errors
    /// There is no such flag, or it cannot say anything. What its metadata is then, [`FlagSet::metadata`] says.
    pub fn evaluate<'s>(&'s self, key: &str, context: &Context<'_>) -> Result<Outcome<'s>, EvaluationError> {
        let program = self.program(key).ok_or(EvaluationError::FlagNotFound)?;
        let choice = program.choose(context, self.bucketing)?;
        let variant = choice.variant.and_then(|at| program.variants.get(at));
        Ok(Outcome {
            value: variant.map(|variant| &variant.value),
            variant: variant.map(|variant| variant.name.as_str()),
            reason: choice.reason,
            rule: choice.rule,
            value_type: program.value_type,
            metadata: &program.metadata,
        })
    }

    /// The keys of all flags, of those too that cannot answer.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.programs.iter().map(|program| program.key.as_str())
    }

    /// What is wrong with a flag that answers [`EvaluationError::ParseError`].
    #[must_use]
    pub fn problem(&self, key: &str) -> Option<&Problem> {
        match &self.program(key)?.answer {
            Answer::Broken(problem) => Some(problem),
            Answer::Fixed { .. } | Answer::Rule { .. } => None,
        }
    }

    /// What clients are told beside a flag's value, or beside its error; beside a flag that is not there, what is said of all.
    #[must_use]
    pub fn metadata(&self, key: &str) -> &[(String, Json)] {
        self.program(key).map_or(&self.metadata, |program| &program.metadata)
    }

    /// The document that flagd's clients are sent. Flags that cannot answer are not in it: some clients would lose all of them.
    #[must_use]
    pub const fn flagd(&self) -> &Json {
        &self.document
    }

    /// Which version of `fractional` it uses.
    #[must_use]
    pub const fn bucketing(&self) -> Bucketing {
        self.bucketing
    }

    pub(crate) fn program(&self, key: &str) -> Option<&Program> {
        self.table.find(key, |place| self.programs.get(place).filter(|program| program.key == key))
    }
}

fn key_of<'j>(flag: &'j Json, place: &Place<'_>) -> Result<&'j str, Problem> {
    flag.get("key")
        .and_then(Json::text)
        .filter(|key| !key.is_empty())
        .ok_or_else(|| place.problem("a flag in an array has no `key`", "give it one"))
}
