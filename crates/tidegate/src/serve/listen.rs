//! Where the API listens. Tokens travel unencrypted, so other machines are let in by a word of the operator only.

use crate::exit::Exit;
use crate::failure::Failure;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use tokio::net::TcpListener;

/// Listens at `address`.
///
/// # Errors
/// It is no address, is reachable from other machines without `allow_remote`, or is taken.
pub(crate) async fn bind(address: &str, allow_remote: bool) -> Result<TcpListener, Failure> {
    let resolved = resolve(address)?;
    if !allow_remote && !resolved.iter().all(|place| place.ip().to_canonical().is_loopback()) {
        return Err(Failure::new(Exit::Usage, "TG-7011", format!("{address} can be reached from other machines"))
            .because("the API is not encrypted, so tokens could be read on the way")
            .hint("listen on 127.0.0.1 behind a proxy that speaks TLS, or insist with --allow-remote"));
    }
    TcpListener::bind(resolved.as_slice()).await.map_err(|error| cannot_listen(address, &error))
}

fn resolve(address: &str) -> Result<Vec<SocketAddr>, Failure> {
    let no_address = |why: String| {
        Failure::new(Exit::Usage, "TG-7017", format!("`{address}` is no address to listen at"))
            .because(why)
            .hint("write an IP address and a port, such as 127.0.0.1:7700")
    };
    let resolved: Vec<_> = address.to_socket_addrs().map_err(|error| no_address(error.to_string()))?.collect();
    if resolved.is_empty() { Err(no_address("the name stands for nothing".into())) } else { Ok(resolved) }
}

fn cannot_listen(address: &str, error: &io::Error) -> Failure {
    let hint = match error.kind() {
        io::ErrorKind::AddrInUse => "another program listens there; stop it, or name another port with --listen",
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 need a right that this user does not have; take a higher one"
        }
        _ => "name an address of this machine with --listen",
    };
    Failure::new(Exit::Failed, "TG-7010", format!("the server cannot listen at {address}"))
        .because(error.to_string())
        .hint(hint)
}

/// As a person would type it.
#[must_use]
pub(crate) fn url(address: SocketAddr) -> String {
    match address.ip() {
        IpAddr::V4(ip) => format!("http://{ip}:{}", address.port()),
        IpAddr::V6(ip) => format!("http://[{ip}]:{}", address.port()),
    }
}
