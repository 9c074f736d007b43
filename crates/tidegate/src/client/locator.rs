//! Which server is meant, and with which token. A token is a password: it never comes from the command line, where every
//! process of the machine could read it, and it never leaves the machine unencrypted without a word.

use super::Client;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::http::{Address, Ask, NoAnswer};
use clap::Args;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

/// The file that `serve` writes on its first start, in its data directory.
pub(crate) const ADMIN_TOKEN: &str = "admin.token";

/// The options that say which server is meant.
#[derive(Args, Clone, Debug)]
pub(crate) struct Locator {
    /// The server
    #[arg(
        long,
        global = true,
        env = "TIDEGATE_SERVER",
        value_name = "URL",
        default_value = "http://127.0.0.1:7700",
        help_heading = "Server"
    )]
    pub(crate) server: String,
    /// A file that holds the token; TIDEGATE_TOKEN, when it is set, is used instead
    #[arg(long, global = true, value_name = "FILE", default_value = ".tidegate/admin.token", help_heading = "Server")]
    pub(crate) token_file: PathBuf,
    /// Send the token over plain HTTP to another machine
    #[arg(long, global = true, help_heading = "Server")]
    pub(crate) insecure: bool,
}

impl Locator {
    /// A client for this server.
    ///
    /// # Errors
    /// The URL is not one, the token would travel in clear, or it is missing. Of a server that does not answer, that is
    /// said and not that there is no token for it.
    pub(crate) async fn client(&self) -> Result<Client, Failure> {
        let address = parse(&self.server)?;
        let url = self.server.trim_end_matches('/').to_owned();
        let token = match self.token() {
            Ok(token) => token,
            // Asked without a token, and without anything that could be one.
            Err(no_token) => match address.ask(Ask::get("/healthz")).await {
                Ok(_) => return Err(no_token),
                Err(none) => return Err(unreachable(&url, &none)),
            },
        };
        if !self.insecure && !is_loopback(&address) {
            return Err(Failure::new(
                Exit::Usage,
                "TG-7005",
                format!("the token would travel to {} where everybody on the way can read it", self.server),
            )
            .hint("reach the server through a tunnel (`ssh -L 7700:127.0.0.1:7700 host`), or insist with --insecure"));
        }
        Ok(Client { address, url, token })
    }

    fn token(&self) -> Result<String, Failure> {
        match std::env::var("TIDEGATE_TOKEN") {
            Ok(token) if !token.trim().is_empty() => checked(token.trim(), "TIDEGATE_TOKEN"),
            Ok(_) | Err(_) => from_file(&self.token_file),
        }
    }
}

/// Nobody is there.
pub(super) fn unreachable(url: &str, none: &NoAnswer) -> Failure {
    Failure::new(Exit::Unreachable, "TG-7001", format!("no server answers at {url}"))
        .because(none.to_string())
        .hint("start one with `tidegate serve`, or name another with --server or TIDEGATE_SERVER")
}

fn from_file(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(Exit::Usage, "TG-7003", "there is no token to show to the server")
            .because(format!("TIDEGATE_TOKEN is not set and {} cannot be read: {error}", path.display()))
            .hint("run this in the folder where the server was started, name its admin.token with --token-file, or set TIDEGATE_TOKEN")
    })?;
    checked(text.trim(), &path.display().to_string())
}

/// What cannot be a token is not sent anywhere: it may be something else that is secret.
fn checked(token: &str, source: &str) -> Result<String, Failure> {
    let plausible = token.starts_with("tg_") && token.len() < 256 && token.bytes().all(|byte| byte.is_ascii_graphic());
    if plausible {
        return Ok(token.to_owned());
    }
    Err(Failure::new(Exit::Usage, "TG-7004", format!("what {source} holds is not a token"))
        .because("a token begins with `tg_` and is one line; it was not sent")
        .hint("make one with `tidegate token create`"))
}

fn parse(url: &str) -> Result<Address, Failure> {
    let wrong = |why: &str| {
        Failure::new(Exit::Usage, "TG-7006", format!("`{url}` is not the address of a server"))
            .because(why)
            .hint("write it as http://HOST:PORT")
    };
    let Some((scheme, rest)) = url.split_once("://") else { return Err(wrong("it has no scheme")) };
    match scheme {
        "http" => {}
        "https" => return Err(wrong("this version speaks http:// only; put a tunnel or a proxy in front")),
        _ => return Err(wrong("the scheme is not http")),
    }
    let authority = rest.strip_suffix('/').unwrap_or(rest);
    if authority.contains(['/', '?', '#', '@']) {
        return Err(wrong("there is more than a host and a port"));
    }
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => {
            (host, port.parse().map_err(|_| wrong("the port is not a number up to 65535"))?)
        }
        Some(_) | None => (authority, 80),
    };
    let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if host.is_empty() {
        return Err(wrong("there is no host"));
    }
    Ok(Address::Tcp { host: host.to_owned(), port })
}

fn is_loopback(address: &Address) -> bool {
    match address {
        Address::Unix(_) => true,
        Address::Tcp { host, .. } => {
            host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tcp(host: &str, port: u16) -> Address {
        Address::Tcp { host: host.into(), port }
    }

    #[test]
    fn addresses_are_read() {
        for (url, expected) in [
            ("http://127.0.0.1:7700", tcp("127.0.0.1", 7700)),
            ("http://[::1]:7700/", tcp("::1", 7700)),
            ("http://gate.example", tcp("gate.example", 80)),
            ("http://[::1]", tcp("::1", 80)),
        ] {
            assert_eq!(parse(url).unwrap(), expected, "{url}");
        }
    }

    #[test]
    fn other_addresses_are_refused() {
        for url in
            ["", "localhost:7700", "https://x", "ftp://x", "http://", "http://x:99999", "http://u@x", "http://x/v1"]
        {
            assert!(parse(url).is_err(), "{url}");
        }
    }

    #[test]
    fn only_this_machine_is_loopback() {
        for (host, expected) in [
            ("localhost", true),
            ("127.8.0.1", true),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("10.0.0.1", false),
            ("localhost.evil", false),
        ] {
            assert_eq!(is_loopback(&tcp(host, 1)), expected, "{host}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_not_sent() {
        assert!(checked("tg_1_abc", "x").is_ok());
        for text in ["", "hunter2", "-----BEGIN PRIVATE KEY-----", "tg_a b", "tg_a\nb"] {
            assert!(checked(text, "x").is_err(), "{text}");
        }
    }
}
