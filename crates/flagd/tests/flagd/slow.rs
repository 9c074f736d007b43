//! Readers that do not read.

use crate::client::{Client, SyncRequest, SyncResponse};
use crate::world::{READS, SYNC_FLAGS, World};
use std::time::Duration;
use tonic::transport::Endpoint;

/// A flag whose one value is so long.
fn long(mark: u64) -> String {
    let text = format!("{mark}{}", "x".repeat(300_000));
    format!(r#"{{"a":{{"state":"ENABLED","variants":{{"on":"{text}"}},"defaultVariant":"on"}}}}"#)
}

#[tokio::test]
async fn who_was_slow_gets_the_state_that_is_true_now_and_not_a_queue() {
    let world = World::new(&long(0)).await;
    let narrow = Endpoint::from_shared(format!("http://{}", world.sync)).unwrap().initial_stream_window_size(65_535);
    let client = Client::with(narrow).await.header("x-api-key", READS);
    let mut stream = client.listen::<_, SyncResponse>(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    world.channels.count_to(1).await;
    for mark in 1..=50 {
        world.channels.publish("production", &long(mark));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let mut seen = 0;
    while !stream.next().await.flag_configuration.contains(r#""on":"50x"#) {
        seen += 1;
    }
    assert!(seen < 5, "{seen} states that were true no more");
    let sent = world.channels.clients.lock().unwrap().sent.clone();
    assert_eq!(sent.last(), Some(&51));
    assert!(sent.len() <= 6, "{sent:?}");
}
