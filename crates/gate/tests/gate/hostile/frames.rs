//! HTTP/2 frames made by hand, as no client library would make them.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(super) const HEADERS: u8 = 1;
pub(super) const RESET: u8 = 3;
pub(super) const SETTINGS: u8 = 4;
pub(super) const PING: u8 = 6;
pub(super) const GOAWAY: u8 = 7;
pub(super) const CONTINUATION: u8 = 9;

pub(super) const END_STREAM: u8 = 1;
pub(super) const END_HEADERS: u8 = 4;

/// GET / of the host `a`, in HPACK.
pub(super) const GET: &[u8] = &[0x82, 0x86, 0x84, 0x01, 0x01, b'a'];

pub(super) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A header that is in no table, in HPACK, of 127 bytes at most each.
pub(super) fn header(name: &str, value: &str) -> Vec<u8> {
    let (name_length, value_length) = (u8::try_from(name.len()).unwrap(), u8::try_from(value.len()).unwrap());
    assert!(name_length < 127 && value_length < 127);
    [&[0, name_length], name.as_bytes(), &[value_length], value.as_bytes()].concat()
}

/// A connection on which anything can be said. What the gate says is read all the while.
pub(super) struct Raw {
    writer: OwnedWriteHalf,
    reading: JoinHandle<Vec<u8>>,
}

impl Raw {
    pub(super) async fn connect(address: SocketAddr) -> Raw {
        let (reader, mut writer) = TcpStream::connect(address).await.unwrap().into_split();
        writer.write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n").await.unwrap();
        writer.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
        Raw { writer, reading: tokio::spawn(read(reader)) }
    }

    /// Says `bytes`. False if the gate has hung up.
    pub(super) async fn say(&mut self, bytes: &[u8]) -> bool {
        timeout(Duration::from_secs(20), self.writer.write_all(bytes)).await.unwrap().is_ok()
    }

    /// Waits until the gate hangs up. The kinds of the frames that it sent, and the code with which it said good-bye.
    pub(super) async fn ended(self) -> (Vec<u8>, Option<u32>) {
        let said = timeout(Duration::from_secs(20), self.reading).await.unwrap().unwrap();
        let (mut kinds, mut code, mut rest) = (Vec::new(), None, said.as_slice());
        while rest.len() >= 9 {
            let length = usize::from(rest[0]) << 16 | usize::from(rest[1]) << 8 | usize::from(rest[2]);
            kinds.push(rest[3]);
            if rest[3] == GOAWAY && rest.len() >= 17 {
                code = Some(u32::from_be_bytes(rest[13..17].try_into().unwrap()));
            }
            rest = rest.get(9 + length..).unwrap_or_default();
        }
        (kinds, code)
    }
}

async fn read(mut reader: OwnedReadHalf) -> Vec<u8> {
    let mut said = Vec::new();
    let _ = reader.read_to_end(&mut said).await;
    said
}
