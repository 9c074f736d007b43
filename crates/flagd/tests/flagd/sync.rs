//! `flagd.sync.v1`.

use crate::client::{Client, Empty, Struct, SyncRequest, SyncResponse};
use crate::world::{BOTH, SYNC_FLAGS, World};
use tonic::Code;

const FETCH_ALL: &str = "/flagd.sync.v1.FlagSyncService/FetchAllFlags";
const GET_METADATA: &str = "/flagd.sync.v1.FlagSyncService/GetMetadata";

#[tokio::test]
async fn the_whole_document_comes_at_once_and_after_each_change() {
    let world = World::new("{}").await;
    let mut stream = world.reader().await.listen(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    let first: SyncResponse = stream.next().await;
    assert_eq!(first.flag_configuration, r#"{"flags":{}}"#);
    // Never empty: where it is, the Python provider's thread ends.
    let context = Struct::texts([("flagSetId", "production"), ("channel", "production")]);
    assert_eq!(first.sync_context, Some(context));
    let flags = r#"{"a":{"state":"DISABLED","variants":{"on":true},"defaultVariant":"on"}}"#;
    world.channels.publish("production", flags);
    assert_eq!(stream.next().await.flag_configuration, format!(r#"{{"flags":{flags}}}"#));
}

#[tokio::test]
async fn what_changes_nothing_for_a_client_is_not_sent_and_counts_as_known() {
    let world = World::new("{}").await;
    let mut stream = world.reader().await.listen(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    let _: SyncResponse = stream.next().await;
    world.channels.publish("production", "{}");
    assert!(stream.is_silent().await);
    assert_eq!(world.channels.clients.lock().unwrap().sent, [1, 2]);
}

#[tokio::test]
async fn all_flags_can_be_fetched_once() {
    let world = World::new("{}").await;
    let answer: SyncResponse = world.reader().await.ask(FETCH_ALL, SyncRequest::default()).await.unwrap();
    assert_eq!((answer.flag_configuration.as_str(), answer.sync_context), (r#"{"flags":{}}"#, None));
}

#[tokio::test]
async fn metadata_is_where_clients_do_not_fall_over_it() {
    let world = World::new("{}").await;
    let answer = world.reader().await.ask::<_, Empty>(GET_METADATA, Empty {}).await;
    assert_eq!(answer.unwrap_err().code(), Code::Unimplemented);
}

#[tokio::test]
async fn a_selector_says_which_channel_and_the_header_beats_the_body() {
    let world = World::new("{}").await;
    let staging = "only-staging";
    let cases = [
        (None, "flagSetId=staging", true),
        (None, "source=staging", true),
        (None, "staging", true),
        (None, "", false),
        (Some("flagSetId=staging"), "flagSetId=production", true),
        (Some("flagSetId=production"), "flagSetId=staging", false),
    ];
    for (header, body, wanted) in cases {
        let mut client = Client::to(world.sync).await.header("x-api-key", BOTH);
        if let Some(header) = header {
            client = client.header("flagd-selector", header);
        }
        let request = SyncRequest { selector: body.to_owned(), ..SyncRequest::default() };
        let answer: SyncResponse = client.ask(FETCH_ALL, request).await.unwrap();
        assert_eq!(answer.flag_configuration.contains(staging), wanted, "{header:?} {body:?}");
    }
}

#[tokio::test]
async fn a_selector_that_is_none_is_refused() {
    let world = World::new("{}").await;
    let request = SyncRequest { selector: "environment=staging".to_owned(), ..SyncRequest::default() };
    let answer = world.reader().await.ask::<_, SyncResponse>(FETCH_ALL, request).await;
    assert_eq!(answer.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn a_server_that_stops_sends_its_clients_away_within_a_moment() {
    let mut world = World::new("{}").await;
    let mut stream = world.reader().await.listen(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    let _: SyncResponse = stream.next().await;
    let stopped = world.stop();
    assert!(stream.last().await.is_none(), "the stream ends, and well");
    tokio::time::timeout(crate::client::SOON, stopped).await.unwrap();
}
