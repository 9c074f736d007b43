//! `tidegate flag create`.

use super::change::tell;
use super::{Why, body, path};
use crate::client::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::time::read;
use crate::visible::visible;
use clap::ValueEnum;
use flags::{Flag, Json, Kind, Prerequisite, ValueType, Variant};
use server::dto::{CreateFlag, FlagChanged};

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Its name in code: 1 to 100 of `a-z A-Z 0-9 . _ -`
    key: String,
    /// What it is for
    #[arg(long, value_enum, default_value_t = For::Release)]
    kind: For,
    /// The type of its values
    #[arg(long = "type", value_enum, default_value_t = Type::Boolean)]
    value_type: Type,
    /// What it can say, e.g. `red=#f00,blue=#00f`; without it, a boolean flag has on=true,off=false
    #[arg(long, value_name = "NAME=VALUE", value_delimiter = ',')]
    variants: Vec<String>,
    /// One thing that it can say, as JSON; may be given several times, for values with commas in them
    #[arg(long, value_name = "NAME=JSON", conflicts_with = "variants")]
    variant: Vec<String>,
    /// The variant where it is off; without it, a boolean flag has `off`, and others leave it to the default in code
    #[arg(long, value_name = "NAME")]
    off: Option<String>,
    /// Who answers for it
    #[arg(long)]
    owner: String,
    /// When it should be gone, e.g. 2027-01-31
    #[arg(long, value_name = "DAY")]
    ends: Option<String>,
    /// What it decides, for people
    #[arg(long, default_value = "")]
    description: String,
    /// The release that it belongs to
    #[arg(long, value_name = "ID")]
    release: Option<String>,
    /// A flag that must give one of these variants for this one to be on; may be given several times
    #[arg(long, value_name = "KEY=VARIANT|…")]
    requires: Vec<String>,
    /// Only say what would be created
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    why: Why,
}

/// What a flag is for.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum For {
    /// New code that goes live step by step
    Release,
    /// A question to users, answered by numbers
    Experiment,
    /// Turns something off at once
    KillSwitch,
    /// A setting
    Configuration,
}

/// The type of a flag's values.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Type {
    /// `true` or `false`
    Boolean,
    /// A text
    String,
    /// A whole number
    Integer,
    /// Any number
    Float,
    /// A JSON object
    Object,
}

pub(crate) async fn run(args: Args, client: &Client, out: &Out) -> Result<Exit, Failure> {
    path(&args.key)?;
    let (dry_run, flag) = (args.dry_run, flag(&args)?);
    let ask = CreateFlag { flag, reason: args.why.reason };
    let at = if dry_run { "/v1/flags?dry_run=true" } else { "/v1/flags" };
    let created: FlagChanged = client.post(at, body(&ask)?).await?;
    if out.json() {
        return tell(&created, "", out);
    }
    let key = &args.key;
    if dry_run {
        out.line(&visible(&format!("{key} would be created")))?;
        return Ok(Exit::Done);
    }
    out.line(&visible(&format!("{key} is created, and off everywhere (revision {})", created.after.revision)))?;
    out.note(&visible(&format!("turn it on with `tidegate flag on {key} --channel CHANNEL -m WHY`")));
    Ok(Exit::Done)
}

fn flag(args: &Args) -> Result<Flag, Failure> {
    let value_type = args.value_type.is();
    let given = args.variants.iter().map(|text| variant(text, value_type));
    let mut variants: Vec<Variant> =
        given.chain(args.variant.iter().map(|text| variant(text, ValueType::Object))).collect::<Result<_, _>>()?;
    if variants.is_empty() {
        if value_type != ValueType::Boolean {
            return Err(Failure::new(Exit::Usage, "TG-7079", "a flag that is no boolean needs its variants named")
                .hint("name them as in --variants red=#f00,blue=#00f"));
        }
        let boolean = |name: &str, value| Variant { name: name.into(), value: Json::Bool(value) };
        variants = vec![boolean("on", true), boolean("off", false)];
    }
    let usual = variants.iter().any(|variant| variant.name == "off" && variant.value == Json::Bool(false));
    Ok(Flag {
        key: args.key.clone(),
        kind: args.kind.is(),
        value_type,
        description: args.description.clone(),
        owner: args.owner.clone(),
        ends_at_ms: args.ends.as_deref().map(end).transpose()?,
        release: args.release.clone(),
        variants,
        off: args.off.clone().or_else(|| usual.then(|| "off".into())),
        prerequisites: args.requires.iter().map(|text| prerequisite(text)).collect::<Result<_, _>>()?,
        metadata: Vec::new(),
        channels: std::collections::BTreeMap::new(),
        archived: false,
    })
}

/// `name=value`. The value of a string flag is the text itself, and every other value is JSON.
pub(super) fn variant(text: &str, value_type: ValueType) -> Result<Variant, Failure> {
    let wrong = |why: String| {
        Failure::new(Exit::Usage, "TG-7079", format!("`{text}` is no variant"))
            .because(why)
            .hint("write it as in on=true")
    };
    let Some((name, value)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
        return Err(wrong("a variant is a name, `=`, and a value".into()));
    };
    let value = match value_type {
        ValueType::String => Json::from(value),
        ValueType::Boolean | ValueType::Integer | ValueType::Float | ValueType::Object => {
            serde_json::from_str(value).map_err(|error| wrong(format!("its value is no JSON: {error}")))?
        }
    };
    Ok(Variant { name: name.into(), value })
}

/// `key=variant|variant`
pub(super) fn prerequisite(text: &str) -> Result<Prerequisite, Failure> {
    match text.split_once('=') {
        Some((flag, variants)) if !flag.is_empty() && !variants.is_empty() => {
            Ok(Prerequisite { flag: flag.into(), variants: variants.split('|').map(str::to_owned).collect() })
        }
        Some(_) | None => {
            Err(Failure::new(Exit::Usage, "TG-7079", format!("`{text}` does not name a flag and its variants"))
                .hint("write it as in --requires payments=on"))
        }
    }
}

/// The end of a day, or a moment.
pub(super) fn end(text: &str) -> Result<i64, Failure> {
    let at = if text.contains('T') { read(text) } else { read(&format!("{text}T23:59:59Z")) };
    at.ok_or_else(|| {
        Failure::new(Exit::Usage, "TG-7022", format!("`{text}` is no day and no moment"))
            .hint("write it as in 2027-01-31 or 2027-01-31T12:00:00Z")
    })
}

impl For {
    fn is(self) -> Kind {
        match self {
            Self::Release => Kind::Release,
            Self::Experiment => Kind::Experiment,
            Self::KillSwitch => Kind::KillSwitch,
            Self::Configuration => Kind::Configuration,
        }
    }
}

impl Type {
    fn is(self) -> ValueType {
        match self {
            Self::Boolean => ValueType::Boolean,
            Self::String => ValueType::String,
            Self::Integer => ValueType::Integer,
            Self::Float => ValueType::Float,
            Self::Object => ValueType::Object,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_the_type_that_is_declared() {
        assert_eq!(variant("red=10", ValueType::String).unwrap().value, Json::from("10"));
        assert_eq!(variant("a=10", ValueType::Integer).unwrap().value, Json::Int(10));
        assert_eq!(variant("a=10.0", ValueType::Float).unwrap().value, Json::Float(10.0));
        assert_eq!(variant("a={\"b\":[1]}", ValueType::Object).unwrap().value.noun(), "an object");
        for text in ["on", "=true", "on=yes", "on={\"a\":1,\"a\":2}"] {
            assert!(variant(text, ValueType::Boolean).is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_ends_at_its_end() {
        assert_eq!(end("2027-01-31").unwrap(), end("2027-01-31T23:59:59Z").unwrap());
        assert!(end("tomorrow").is_err() && end("2027-02-30").is_err());
    }
}
