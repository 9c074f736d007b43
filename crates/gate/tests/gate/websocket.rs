//! WebSockets through the gate, with the client and the server of tungstenite.

use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{accept_async, client_async};

use crate::world::{Running, TempDir, Upstream, order};

#[tokio::test]
async fn messages_pass_both_ways_until_one_side_says_good_bye() {
    let upstream = Upstream::handling(|stream| async move {
        // A health check connects and says nothing.
        let Ok(mut socket) = accept_async(stream).await else { return };
        while let Some(Ok(message)) = socket.next().await {
            if message.is_text() || message.is_binary() {
                socket.send(message).await.unwrap();
            }
        }
    })
    .await;
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let address = gate.serve("shop", &order((&upstream).into(), (&upstream).into(), 1_000_000)).await;
    let stream = TcpStream::connect(address).await.unwrap();
    let (mut socket, response) = client_async("ws://shop.example/socket", stream).await.unwrap();
    assert_eq!((response.status().as_u16(), &response.headers()["x-tidegate-arm"]), (101, &"canary".parse().unwrap()));
    for message in [Message::text("hello"), Message::binary(vec![7; 1 << 20]), Message::text("")] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.send(Message::Ping("are you there".into())).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::Pong("are you there".into()));
    socket.close(None).await.unwrap();
    while let Some(Ok(message)) = socket.next().await {
        assert!(message.is_close(), "{message:?}");
    }
}
