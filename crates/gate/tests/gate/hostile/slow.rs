//! Clients that take as long as they can.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::{Scene, Witness};

#[tokio::test]
async fn headers_that_come_byte_by_byte_do_not_keep_a_connection() {
    let scene = Scene::new(Duration::from_millis(500)).await;
    let witness = Witness::of(scene.address).await;
    let loris = (0..100).map(|_| async {
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        let (mut reader, mut writer) = stream.split();
        let writing = async {
            writer.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n").await?;
            loop {
                writer.write_all(b"x: y\r\n").await?;
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        let mut said = Vec::new();
        tokio::select! {
            ended = writing => { let _: std::io::Result<()> = ended; }
            _ = reader.read_to_end(&mut said) => {}
        }
    });
    timeout(Duration::from_secs(20), futures_util::future::join_all(loris)).await.unwrap();
    assert!(scene.asked().is_empty(), "{:?}", scene.asked());
    witness.ends_well(scene.address).await;
}
