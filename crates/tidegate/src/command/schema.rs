//! `tidegate schema`: what an editor needs to help with a policy.

use crate::exit::Exit;
use crate::failure::Failure;
use crate::out::Out;

pub(crate) fn run(out: &Out) -> Result<Exit, Failure> {
    let schema = policy::schema();
    if out.json() {
        out.value(&schema)?;
    } else {
        let text = serde_json::to_string_pretty(&schema).map_err(std::io::Error::other)?;
        out.line(&text)?;
    }
    Ok(Exit::Done)
}
