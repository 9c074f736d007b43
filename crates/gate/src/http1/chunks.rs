//! Chunks, as they come (RFC 9112, section 7.1).

use bytes::{Buf, Bytes, BytesMut};
use hyper::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, TRAILER, TRANSFER_ENCODING};

use super::exchange::Trouble;

/// The longest line before a chunk, with whatever extensions it has.
const LONGEST_LINE: usize = 4 * 1024;
/// The most that may stand behind the last chunk.
const LARGEST_TRAILERS: usize = 64 * 1024;
const MOST_TRAILERS: usize = 100;

#[derive(Debug, Default)]
pub(super) enum Chunks {
    #[default]
    Size,
    Data(u64),
    /// The end of the line behind a chunk.
    Between,
    Trailers,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    Data(Bytes),
    Trailers(HeaderMap),
    End,
    /// There is not enough to go on.
    More,
}

impl Chunks {
    /// Takes what it can from `inbox`.
    pub(super) fn step(&mut self, inbox: &mut BytesMut) -> Result<Step, Trouble> {
        loop {
            match self {
                Chunks::Size => {
                    let Some(line) = line(inbox)? else { return Ok(Step::More) };
                    *self = match size(&line)? {
                        0 => Chunks::Trailers,
                        size => Chunks::Data(size),
                    };
                }
                Chunks::Data(left) => {
                    if inbox.is_empty() {
                        return Ok(Step::More);
                    }
                    let here = usize::try_from(*left).map_or(inbox.len(), |left| left.min(inbox.len()));
                    *left -= here as u64;
                    if *left == 0 {
                        *self = Chunks::Between;
                    }
                    return Ok(Step::Data(inbox.split_to(here).freeze()));
                }
                Chunks::Between => {
                    if inbox.len() < 2 {
                        return Ok(Step::More);
                    }
                    if !inbox.starts_with(b"\r\n") {
                        return Err(Trouble::Nonsense);
                    }
                    inbox.advance(2);
                    *self = Chunks::Size;
                }
                Chunks::Trailers => return trailers(inbox),
            }
        }
    }

    /// Whether only the end is missing, and it is there. Finding it with the last piece of data makes the connection free at once.
    pub(super) fn ends(&self, inbox: &mut BytesMut) -> bool {
        const END: &[u8] = b"\r\n0\r\n\r\n";
        let ends = matches!(self, Chunks::Between) && inbox.starts_with(END);
        if ends {
            inbox.advance(END.len());
        }
        ends
    }
}

/// The next line without its end.
fn line(inbox: &mut BytesMut) -> Result<Option<Bytes>, Trouble> {
    let end = memchr::memchr(b'\n', inbox.get(..LONGEST_LINE).unwrap_or(inbox));
    let Some(end) = end else {
        return if inbox.len() < LONGEST_LINE { Ok(None) } else { Err(Trouble::Nonsense) };
    };
    let mut line = inbox.split_to(end + 1).freeze();
    if !line.ends_with(b"\r\n") {
        return Err(Trouble::Nonsense);
    }
    line.truncate(end - 1);
    Ok(Some(line))
}

/// The size of a chunk. Extensions behind a semicolon mean something to whoever sent them.
fn size(line: &[u8]) -> Result<u64, Trouble> {
    let end = line.iter().position(|byte| !byte.is_ascii_hexdigit()).unwrap_or(line.len());
    let (digits, rest) = line.split_at(end);
    let rest = rest.trim_ascii_start();
    if digits.is_empty() || digits.len() > 16 || !(rest.is_empty() || rest.starts_with(b";")) {
        return Err(Trouble::Nonsense);
    }
    let digits = std::str::from_utf8(digits).map_err(|_| Trouble::Nonsense)?;
    u64::from_str_radix(digits, 16).map_err(|_| Trouble::Nonsense)
}

fn trailers(inbox: &mut BytesMut) -> Result<Step, Trouble> {
    let mut slots = [httparse::EMPTY_HEADER; MOST_TRAILERS];
    let (length, found) = match httparse::parse_headers(inbox, &mut slots).map_err(|_| Trouble::Nonsense)? {
        httparse::Status::Complete(found) => found,
        httparse::Status::Partial if inbox.len() < LARGEST_TRAILERS => return Ok(Step::More),
        httparse::Status::Partial => return Err(Trouble::Nonsense),
    };
    let mut trailers = HeaderMap::new();
    for header in found {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| Trouble::Nonsense)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| Trouble::Nonsense)?;
        // What says how a message is read cannot come behind it (RFC 9110, section 6.5.1).
        if ![CONTENT_LENGTH, TRANSFER_ENCODING, HOST, TRAILER].contains(&name) {
            trailers.append(name, value);
        }
    }
    inbox.advance(length);
    Ok(if trailers.is_empty() { Step::End } else { Step::Trailers(trailers) })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The body and the trailers of what comes in pieces of `size` bytes, and what is left.
    fn read(text: &[u8], size: usize) -> Result<(Vec<u8>, usize, usize), Trouble> {
        let (mut chunks, mut inbox, mut body, mut trailers) = (Chunks::default(), BytesMut::new(), Vec::new(), 0);
        let mut pieces = text.chunks(size);
        loop {
            match chunks.step(&mut inbox)? {
                Step::Data(data) => body.extend_from_slice(&data),
                Step::Trailers(found) => {
                    trailers = found.len();
                    break;
                }
                Step::End => break,
                Step::More => inbox.extend_from_slice(pieces.next().ok_or(Trouble::Broke)?),
            }
        }
        Ok((body, trailers, inbox.len() + pieces.map(<[u8]>::len).sum::<usize>()))
    }

    #[test]
    fn chunks_are_read_however_they_are_cut() {
        let text = b"4;a=\"b\"\r\nbody\r\n00a\r\n and more.\r\n0\r\nx-sum: 42\r\ncontent-length: 7\r\n\r\nrest";
        for size in 1..=text.len() {
            let (body, trailers, left) = read(text, size).unwrap();
            assert_eq!((body.as_slice(), trailers, left), (b"body and more.".as_slice(), 1, 4), "in pieces of {size}");
        }
    }

    #[test]
    fn what_could_be_read_in_two_ways_is_refused() {
        let broken: [&[u8]; 9] = [
            b"\r\n",
            b"-4\r\nbody\r\n",
            b"0x4\r\nbody\r\n",
            b"4 4\r\nbody\r\n",
            b"4\nbody\r\n0\r\n\r\n",
            b"4\r\nbody!\r\n0\r\n\r\n",
            b"fffffffffffffffff\r\n",
            b"0\r\nno header\r\n\r\n",
            &[b'1'; LONGEST_LINE + 1],
        ];
        for text in broken {
            assert_eq!(read(text, 7).unwrap_err(), Trouble::Nonsense, "{:?}", String::from_utf8_lossy(text));
        }
        for cut in 0..b"4\r\nbody\r\n0\r\n\r\n".len() {
            assert_eq!(read(&b"4\r\nbody\r\n0\r\n\r\n"[..cut], 3).unwrap_err(), Trouble::Broke);
        }
    }
}
