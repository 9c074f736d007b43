//! `tidegate token …`: who may ask the server for what.

mod grant;

use crate::client::{Client, Locator};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::render::table::table;
use crate::render::time::{moment, read};
use crate::visible::visible;
use clap::{Subcommand, ValueEnum};
use serde_json::json;
use server::dto::{IssueToken, IssuedToken, Scope, Token, TokenList, TokenState};

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Make a token; it is shown once
    Create(Create),
    /// List the tokens, without their secrets
    List,
    /// Revoke a token: from now on it opens nothing
    Revoke(Revoke),
}

#[derive(clap::Args, Debug)]
pub(crate) struct Create {
    /// Whom the journal will name
    name: String,
    /// What it allows; may be given several times
    #[arg(long, value_enum, required_unless_present = "flags", value_delimiter = ',')]
    scope: Vec<Allowed>,
    /// Its roles for flags: evaluate, sync, viewer, operator, editor or admin, each `role[@channel+channel][:kind+kind]`,
    /// e.g. `evaluate@production,editor@staging:release+experiment`
    #[arg(long, value_name = "ROLES", value_delimiter = ',')]
    flags: Vec<String>,
    /// When it ends, e.g. 2026-12-31T23:59:59Z; without it, it is good until it is revoked
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
}

#[derive(clap::Args, Debug)]
pub(crate) struct Revoke {
    /// The token's id, as `list` shows it
    id: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Allowed {
    /// Read everything but tokens
    Read,
    /// Open releases and steer them
    Operate,
    /// Push counts and raise alarms
    Signal,
    /// Everything, and tokens
    Admin,
}

pub(crate) async fn run(verb: Verb, server: &Locator, out: &Out) -> Result<Exit, Failure> {
    let client = server.client().await?;
    match verb {
        Verb::Create(args) => create(args, &client, out).await,
        Verb::List => list(&client, out).await,
        Verb::Revoke(args) => revoke(&args.id, &client, out).await,
    }
}

async fn create(args: Create, client: &Client, out: &Out) -> Result<Exit, Failure> {
    let expires_at_ms = match &args.expires {
        None => None,
        Some(text) => Some(read(text).ok_or_else(|| {
            Failure::new(Exit::Usage, "TG-7022", format!("`{text}` is no moment"))
                .hint("write it as in 2026-12-31T23:59:59Z")
        })?),
    };
    let ask = IssueToken {
        name: args.name,
        scopes: args.scope.into_iter().map(Allowed::scope).collect(),
        flags: args.flags.iter().map(|text| grant::grant(text)).collect::<Result<_, _>>()?,
        expires_at_ms,
    };
    let body = serde_json::to_value(&ask).map_err(std::io::Error::other)?;
    let issued: IssuedToken = client.post("/v1/tokens", body).await?;
    if out.json() {
        out.value(&issued)?;
    } else {
        out.line(&visible(&issued.secret))?;
        out.note(&visible(&format!("token {} for {}; it is shown only now", issued.token.id, issued.token.name)));
    }
    Ok(Exit::Done)
}

async fn list(client: &Client, out: &Out) -> Result<Exit, Failure> {
    let list: TokenList = client.get("/v1/tokens").await?;
    if out.json() {
        out.value(&list)?;
        return Ok(Exit::Done);
    }
    let rows: Vec<_> = list.tokens.iter().map(row).collect();
    for line in table(["id", "name", "scopes", "flags", "state", "issued", "by"], &rows) {
        out.line(&line.paint(out.paint(), usize::MAX))?;
    }
    Ok(Exit::Done)
}

async fn revoke(id: &str, client: &Client, out: &Out) -> Result<Exit, Failure> {
    if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')) {
        return Err(Failure::new(Exit::Usage, "TG-7023", format!("`{id}` cannot be the id of a token"))
            .hint("`tidegate token list` shows them"));
    }
    client.delete(&format!("/v1/tokens/{id}")).await?;
    if out.json() {
        out.value(&json!({ "revoked": id }))?;
    } else {
        out.line(&visible(&format!("{id} is revoked")))?;
    }
    Ok(Exit::Done)
}

fn row(token: &Token) -> [String; 7] {
    let scopes: Vec<_> = token.scopes.iter().map(|scope| word(*scope)).collect();
    let roles: Vec<_> = token.flags.iter().map(grant::grant_text).collect();
    let state = match token.state {
        TokenState::Active => "active",
        TokenState::Expired => "expired",
        TokenState::Revoked => "revoked",
    };
    [
        token.id.clone(),
        token.name.clone(),
        scopes.join(", "),
        roles.join(", "),
        state.to_owned(),
        moment(token.issued_at_ms),
        token.issued_by.clone(),
    ]
}

fn word(scope: Scope) -> &'static str {
    match scope {
        Scope::Read => "read",
        Scope::Operate => "operate",
        Scope::Signal => "signal",
        Scope::Admin => "admin",
    }
}

impl Allowed {
    fn scope(self) -> Scope {
        match self {
            Self::Read => Scope::Read,
            Self::Operate => Scope::Operate,
            Self::Signal => Scope::Signal,
            Self::Admin => Scope::Admin,
        }
    }
}
