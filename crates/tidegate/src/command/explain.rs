//! `tidegate explain`: the page of an error code, out of the binary.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;
use crate::pages;
use serde_json::json;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The code, e.g. TG-7001; without one all codes are listed
    code: Option<String>,
}

pub(crate) fn run(args: &Args, out: &Out) -> Result<Exit, Failure> {
    match &args.code {
        Some(code) => one(code, out),
        None => all(out),
    }
}

fn one(code: &str, out: &Out) -> Result<Exit, Failure> {
    let Some((code, page)) = pages::page(code) else {
        return Err(Failure::new(Exit::Failed, "TG-7018", format!("there is no code `{code}`"))
            .hint("`tidegate explain` lists all of them"));
    };
    if out.json() {
        out.value(&json!({ "code": code, "page": page }))?;
    } else {
        out.text(page)?;
    }
    Ok(Exit::Done)
}

fn all(out: &Out) -> Result<Exit, Failure> {
    if out.json() {
        let codes: Vec<_> = pages::titles().map(|(code, title)| json!({ "code": code, "title": title })).collect();
        out.value(&codes)?;
        return Ok(Exit::Done);
    }
    for (code, title) in pages::titles() {
        out.line(&format!("{}  {title}", out.paint().bold(code)))?;
    }
    Ok(Exit::Done)
}
