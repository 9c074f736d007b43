//! Where a response's body ends (RFC 9112, section 6.3).

use hyper::{Method, StatusCode};

use super::chunks::Chunks;
use super::exchange::Trouble;

#[derive(Debug)]
pub(super) enum Framing {
    /// There is none, or it is over.
    Over,
    /// After so many bytes.
    Length(u64),
    Chunked(Chunks),
    UntilClose,
}

/// What the headers of a response say of its body.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) length: Option<u64>,
    pub(super) chunked: bool,
}

impl Said {
    /// Takes a `Content-Length`. A list, or several of them, must be of one mind.
    pub(super) fn length(&mut self, value: &[u8]) -> Result<(), Trouble> {
        for one in value.split(|&byte| byte == b',') {
            let one = one.trim_ascii();
            if one.is_empty() || !one.iter().all(u8::is_ascii_digit) {
                return Err(Trouble::Nonsense);
            }
            let digits = std::str::from_utf8(one).map_err(|_| Trouble::Nonsense)?;
            let length = digits.parse().map_err(|_| Trouble::Nonsense)?;
            if self.length.is_some_and(|before| before != length) {
                return Err(Trouble::Nonsense);
            }
            self.length = Some(length);
        }
        Ok(())
    }

    /// Takes a `Transfer-Encoding`. Nothing but chunks was asked for, and what would be left of another coding when the header is taken
    /// away is not what the upstream meant.
    pub(super) fn coding(&mut self, value: &[u8]) -> Result<(), Trouble> {
        for one in value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
            if one.eq_ignore_ascii_case(b"chunked") && !self.chunked {
                self.chunked = true;
            } else if self.chunked || !one.eq_ignore_ascii_case(b"identity") {
                return Err(Trouble::Nonsense);
            }
        }
        Ok(())
    }

    pub(super) fn framing(&self, method: &Method, status: StatusCode) -> Framing {
        let bodiless =
            status.is_informational() || [StatusCode::NO_CONTENT, StatusCode::NOT_MODIFIED].contains(&status);
        match (self.chunked, self.length) {
            _ if bodiless || method == Method::HEAD => Framing::Over,
            (true, _) => Framing::Chunked(Chunks::default()),
            (false, Some(0)) => Framing::Over,
            (false, Some(length)) => Framing::Length(length),
            (false, None) => Framing::UntilClose,
        }
    }
}
