//! Who is at the other end of a connection, in the words in which upstreams are told.

use std::net::{IpAddr, SocketAddr};

use hyper::header::HeaderValue;

/// One client, for as long as it is connected. What it is told about in headers is made once and shared by all its requests.
#[derive(Debug)]
pub(crate) struct Peer {
    /// The address as text: it names users.
    pub(super) address: String,
    /// Where the client connected to.
    pub(super) local: SocketAddr,
    /// The address as `X-Forwarded-For` has it.
    pub(super) forwarded_for: HeaderValue,
    /// Address and protocol as `Forwarded` has them (RFC 7239).
    pub(super) forwarded: HeaderValue,
    /// `http` or `https`.
    pub(super) protocol: HeaderValue,
}

/// What lies between the client and the gate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    Plain,
    Tls,
}

impl Peer {
    pub(crate) fn new(remote: IpAddr, local: SocketAddr, transport: Transport) -> Self {
        let remote = remote.to_canonical();
        let protocol = match transport {
            Transport::Plain => "http",
            Transport::Tls => "https",
        };
        let forwarded = match remote {
            IpAddr::V4(address) => format!("for={address};proto={protocol}"),
            // Colons and brackets are no part of a token (RFC 7239, section 6).
            IpAddr::V6(address) => format!("for=\"[{address}]\";proto={protocol}"),
        };
        let address = remote.to_string();
        // Addresses are letters, digits, dots and colons, which every header may hold.
        let value = |text: &str| HeaderValue::from_str(text).unwrap_or_else(|_| HeaderValue::from_static("unknown"));
        Peer {
            forwarded_for: value(&address),
            forwarded: value(&forwarded),
            protocol: HeaderValue::from_static(protocol),
            address,
            local,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv6Addr;

    use super::*;

    #[test]
    fn addresses_are_told_as_the_headers_want_them() {
        let local = SocketAddr::from((Ipv6Addr::LOCALHOST, 8080));
        let told = |remote: &str, transport| {
            let peer = Peer::new(remote.parse().unwrap(), local, transport);
            format!("{} {}", peer.forwarded_for.to_str().unwrap(), peer.forwarded.to_str().unwrap())
        };
        assert_eq!(told("192.0.2.7", Transport::Plain), "192.0.2.7 for=192.0.2.7;proto=http");
        assert_eq!(told("::ffff:192.0.2.7", Transport::Tls), "192.0.2.7 for=192.0.2.7;proto=https");
        assert_eq!(told("2001:db8::1", Transport::Tls), "2001:db8::1 for=\"[2001:db8::1]\";proto=https");
    }
}
