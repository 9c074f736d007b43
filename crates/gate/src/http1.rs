//! HTTP/1.1 towards upstreams: one request at a time on a connection that is driven by whoever has the request.
//!
//! Users, who may say anything, are served by hyper. Towards upstreams its client needs a task, two channels and a copy of every request
//! that might have to be sent again; that was nearly a third of the gate's instructions (ADR 7). Here a request is only borrowed, its
//! response is read by the task that passes it on, and a connection that waits for its next request is a socket and a buffer.

mod asking;
mod chunks;
mod exchange;
mod framing;
mod head;
mod link;

pub(crate) use asking::Ask;
pub(crate) use exchange::{Exchange, Trouble};
pub(crate) use link::Link;

#[cfg(test)]
mod tests {
    use bytes::BytesMut;
    use hyper::Method;

    use super::chunks::Step;
    use super::framing::Framing;
    use super::{Trouble, head};

    const ANSWERS: [&[u8]; 5] = [
        b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: keep-alive, x-a\r\nx-a: 1\r\n\r\nbody",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4;x=\"y\"\r\nbody\r\n0a\r\n0123456789\r\n0\r\nx-sum: 42\r\n\r\n",
        b"HTTP/1.0 404 Nothing here\r\nserver: old\r\n\r\nuntil the end",
        b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n\x81\x02hi",
    ];

    /// Bytes that are turned, taken away, doubled and put in at random, the same in every run.
    fn spoiled(answer: &[u8], state: &mut u64) -> Vec<u8> {
        let mut next = |below: usize| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(*state >> 33).unwrap_or_default() % below.max(1)
        };
        let mut bytes = answer.to_vec();
        for _ in 0..=next(4) {
            let at = next(bytes.len());
            match next(4) {
                0 => bytes[at] ^= 1 << next(8),
                1 => drop(bytes.remove(at)),
                2 => bytes.insert(at, b"\r\n:,;0 \0\xff"[next(9)]),
                _ => bytes.extend_from_within(at..),
            }
        }
        bytes
    }

    /// What an upstream says is read to the same end whether it comes at once or byte by byte, and never makes more of it than it is.
    fn read(bytes: &[u8], piece: usize) -> Result<(u16, Vec<u8>), Trouble> {
        let (mut inbox, mut pieces) = (BytesMut::new(), bytes.chunks(piece));
        let mut head = loop {
            match head::take(&mut inbox, &Method::GET)? {
                Some(head) => break head,
                None => inbox.extend_from_slice(pieces.next().ok_or(Trouble::Broke)?),
            }
        };
        let mut body = Vec::new();
        loop {
            match &mut head.framing {
                Framing::Over => return Ok((head.response.status().as_u16(), body)),
                Framing::Length(length) if (inbox.len() as u64) < *length => {}
                Framing::Length(length) => {
                    body.extend_from_slice(&inbox[..usize::try_from(*length).unwrap()]);
                    head.framing = Framing::Over;
                    continue;
                }
                Framing::UntilClose => {}
                Framing::Chunked(chunks) => match chunks.step(&mut inbox)? {
                    Step::Data(data) => {
                        body.extend_from_slice(&data);
                        continue;
                    }
                    Step::Trailers(_) | Step::End => {
                        head.framing = Framing::Over;
                        continue;
                    }
                    Step::More => {}
                },
            }
            match (pieces.next(), &head.framing) {
                (Some(piece), _) => inbox.extend_from_slice(piece),
                (None, Framing::UntilClose) => {
                    body.extend_from_slice(&inbox);
                    head.framing = Framing::Over;
                }
                (None, _) => return Err(Trouble::Broke),
            }
        }
    }

    #[test]
    fn spoiled_answers_are_read_alike_however_they_are_cut_or_refused() {
        let (mut state, mut refused, mut accepted) = (7, 0, 0);
        for round in 0..20_000 {
            let bytes = spoiled(ANSWERS[round % ANSWERS.len()], &mut state);
            let whole = read(&bytes, bytes.len().max(1));
            assert_eq!(whole, read(&bytes, 1), "{:?}", String::from_utf8_lossy(&bytes));
            match whole {
                Ok((_, body)) => {
                    assert!(body.len() <= bytes.len());
                    accepted += 1;
                }
                Err(_) => refused += 1,
            }
        }
        assert!(refused > 1_000 && accepted > 1_000, "{refused} refused, {accepted} accepted");
    }
}
