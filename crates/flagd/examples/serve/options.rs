//! The command line.

use flags::{Bucketing, Json};
use std::net::SocketAddr;

pub(crate) struct Options {
    pub(crate) sync: SocketAddr,
    pub(crate) evaluation: SocketAddr,
    pub(crate) bucketing: Bucketing,
    pub(crate) context: Vec<(String, Json)>,
    pub(crate) token: Option<String>,
    pub(crate) nobody: bool,
    pub(crate) files: Vec<String>,
}

impl Options {
    pub(crate) fn read(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self {
            sync: flagd::SYNC,
            evaluation: flagd::EVALUATION,
            bucketing: Bucketing::V3,
            context: Vec::new(),
            token: None,
            nobody: false,
            files: Vec::new(),
        };
        while let Some(word) = words.next() {
            let mut value = || words.next().ok_or_else(|| format!("{word} needs a value"));
            match word.as_str() {
                "--sync" => options.sync = address(&value()?)?,
                "--evaluation" => options.evaluation = address(&value()?)?,
                "--bucketing" => options.bucketing = bucketing(&value()?)?,
                "--context" => options.context.push(pair(&value()?)?),
                "--nobody" => options.nobody = true,
                "--token" => options.token = Some(value()?),
                option if option.starts_with('-') => return Err(format!("there is no option {option}")),
                _ => options.files.push(word),
            }
        }
        if options.files.is_empty() { Err("which files?".to_owned()) } else { Ok(options) }
    }
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| format!("{text:?} is no address with a port"))
}

fn bucketing(text: &str) -> Result<Bucketing, String> {
    match text {
        "v2" => Ok(Bucketing::V2),
        "v3" => Ok(Bucketing::V3),
        _ => Err(format!("{text:?} is neither v2 nor v3")),
    }
}

fn pair(text: &str) -> Result<(String, Json), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("{text:?} is not NAME=TEXT"))?;
    Ok((name.to_owned(), Json::Text(value.to_owned())))
}
