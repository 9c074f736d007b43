//! The values that a policy only refers to, read at the moment of use. What was read is a secret until proven otherwise: it
//! goes into an environment and is taken out of every text that people or the journal may see.

use crate::failure::lasting;
use control::ports::{PortError, PortResult};
use policy::EnvValue;
use std::collections::BTreeMap;
use std::env::VarError;

/// The largest file that is read as one value, in bytes.
const LARGEST_VALUE: u64 = 64 * 1024;
/// Anything shorter is no secret, and hiding it would make messages unreadable.
const SHORTEST_SECRET: usize = 4;

/// What a process is given, and which of it must not be told.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Environment {
    pub(crate) values: BTreeMap<String, String>,
    /// The longest first, so that a part of a secret never hides the whole from the search.
    secrets: Vec<String>,
}

impl Environment {
    /// Reads everything that `env` refers to.
    ///
    /// # Errors
    /// `TG-5012`: a variable or a file that is not there. The message names it and never its value.
    pub(crate) async fn read(env: &BTreeMap<String, EnvValue>) -> PortResult<Self> {
        let (mut values, mut secrets) = (BTreeMap::new(), Vec::new());
        for (name, value) in env {
            let read = one(name, value).await?;
            let read = match value {
                EnvValue::Text(_) => read,
                EnvValue::FromEnv(_) | EnvValue::FromFile(_) => secret(&mut secrets, read),
            };
            values.insert(name.clone(), read);
        }
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        secrets.dedup();
        Ok(Self { values, secrets })
    }

    /// `text` without any secret.
    pub(crate) fn hide(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| text.replace(secret, "[hidden]"))
    }
}

/// One value on its own, which whoever asked for it must keep to itself. `name` is what it is, for messages.
///
/// # Errors
/// `TG-5012`, as for an environment.
pub(crate) async fn one(name: &str, value: &EnvValue) -> PortResult<String> {
    match value {
        EnvValue::Text(text) => Ok(text.clone()),
        EnvValue::FromEnv(variable) => from_env(name, variable),
        EnvValue::FromFile(path) => from_file(name, path).await,
    }
}

/// Notes a value as a secret, and each of its lines, since programs print keys line by line.
fn secret(secrets: &mut Vec<String>, value: String) -> String {
    let lines = value.lines().chain([value.as_str()]);
    secrets.extend(lines.map(str::trim).filter(|line| line.len() >= SHORTEST_SECRET).map(str::to_owned));
    value
}

fn from_env(name: &str, variable: &str) -> PortResult<String> {
    std::env::var(variable).map_err(|error| {
        let why = match error {
            VarError::NotPresent => "is not set",
            VarError::NotUnicode(_) => "holds bytes that are no text",
        };
        let message = format!("`{name}` comes from Tidegate's environment variable `{variable}`, which {why}");
        lasting("TG-5012", message, format!("set `{variable}` where `tidegate serve` is started, and start it again"))
    })
}

async fn from_file(name: &str, path: &str) -> PortResult<String> {
    let missing = |why: String| -> PortError {
        let message = format!("`{name}` comes from the file {path}, which cannot be read: {why}");
        lasting("TG-5012", message, "put the value into that file, readable for the user that runs `tidegate serve`")
    };
    let found = tokio::fs::metadata(path).await.map_err(|error| missing(error.to_string()))?;
    if !found.is_file() {
        // A pipe or a device could keep the reader waiting for ever.
        return Err(missing("it is no regular file".to_owned()));
    }
    if found.len() > LARGEST_VALUE {
        return Err(missing(format!("it is larger than {LARGEST_VALUE} bytes")));
    }
    let value = tokio::fs::read_to_string(path).await.map_err(|error| missing(error.to_string()))?;
    Ok(value.strip_suffix("\r\n").or_else(|| value.strip_suffix('\n')).unwrap_or(&value).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(value: EnvValue) -> PortResult<Environment> {
        Environment::read(&BTreeMap::from([("TOKEN".to_owned(), value)])).await
    }

    #[tokio::test]
    async fn a_file_gives_its_content_without_the_last_line_break() {
        let path = std::env::temp_dir().join(format!("adapters-secret-{}", std::process::id()));
        std::fs::write(&path, "first line\nsecond line\n").unwrap();
        let environment = read(EnvValue::FromFile(path.display().to_string())).await.unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(environment.values["TOKEN"], "first line\nsecond line");
        assert_eq!(environment.hide("> second line <\n> first line\nsecond line"), "> [hidden] <\n> [hidden]");
    }

    #[tokio::test]
    async fn what_is_missing_is_named() {
        let error = read(EnvValue::FromEnv("TIDEGATE_NO_SUCH_VARIABLE".into())).await.err().unwrap();
        assert_eq!((error.code, error.retry), ("TG-5012", false));
        assert!(error.message.contains("`TOKEN`") && error.message.contains("`TIDEGATE_NO_SUCH_VARIABLE`"));
        for path in ["/no/such/file", "/dev/null", "/"] {
            let error = read(EnvValue::FromFile(path.into())).await.err().unwrap();
            assert!(error.message.contains(path), "{}", error.message);
        }
    }

    #[tokio::test]
    async fn text_in_the_policy_is_no_secret() {
        let environment = read(EnvValue::Text("debug".into())).await.unwrap();
        assert_eq!(environment.hide("level debug"), "level debug");
    }

    #[tokio::test]
    async fn a_secret_that_begins_like_another_is_hidden_whole() {
        let path = std::env::temp_dir().join(format!("adapters-secrets-{}", std::process::id()));
        std::fs::write(&path, "abcd\nabcdefgh").unwrap();
        let environment = read(EnvValue::FromFile(path.display().to_string())).await.unwrap();
        std::fs::remove_file(path).unwrap();
        assert_eq!(environment.hide("x abcdefgh y abcd"), "x [hidden] y [hidden]");
    }
}
