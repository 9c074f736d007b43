//! Who is let in.

use crate::client::{Boolean, Client, Empty, Event, ResolveRequest, SyncRequest, SyncResponse};
use crate::world::{EVALUATES, READS, SYNC_FLAGS, World};
use std::time::{Duration, Instant};
use tonic::{Code, Status};

const RESOLVE: &str = "/flagd.evaluation.v2.Service/ResolveBoolean";
const EVENTS: &str = "/flagd.evaluation.v2.Service/EventStream";

fn learned_nothing<T: std::fmt::Debug>(answer: Result<T, Status>, code: Code) {
    let status = answer.unwrap_err();
    assert_eq!((status.code(), status.message(), status.details()), (code, "", &[][..]));
}

#[tokio::test]
async fn nobody_is_let_in_by_default_and_nobody_learns_why() {
    let world = World::new("{}").await;
    for token in [None, Some("Bearer tg_other"), Some("Basic dTpw"), Some("")] {
        let (mut sync, mut evaluation) = (Client::to(world.sync).await, Client::to(world.evaluation).await);
        if let Some(token) = token {
            (sync, evaluation) = (sync.header("authorization", token), evaluation.header("authorization", token));
        }
        for selector in ["", "flagSetId=production", "flagSetId=nowhere"] {
            let request = SyncRequest { selector: selector.to_owned(), ..SyncRequest::default() };
            let answer = sync.listen::<_, SyncResponse>(SYNC_FLAGS, request).await.map(drop);
            learned_nothing(answer, Code::Unauthenticated);
        }
        let request = ResolveRequest { flag_key: "a".to_owned(), context: None };
        learned_nothing(evaluation.ask::<_, Boolean>(RESOLVE, request).await, Code::Unauthenticated);
        learned_nothing(evaluation.listen::<_, Event>(EVENTS, Empty {}).await.map(drop), Code::Unauthenticated);
    }
}

#[tokio::test]
async fn a_token_is_good_for_what_it_is_for() {
    let world = World::new("{}").await;
    let evaluating = Client::to(world.evaluation).await.header("x-api-key", READS);
    learned_nothing(evaluating.listen::<_, Event>(EVENTS, Empty {}).await.map(drop), Code::PermissionDenied);
    let reading = Client::to(world.sync).await.header("x-api-key", EVALUATES);
    let answer = reading.listen::<_, SyncResponse>(SYNC_FLAGS, SyncRequest::default()).await.map(drop);
    learned_nothing(answer, Code::PermissionDenied);
}

#[tokio::test]
async fn a_channel_of_others_and_one_that_is_not_there_look_alike() {
    let world = World::new("{}").await;
    for selector in ["flagSetId=staging", "flagSetId=nowhere", "flagSetId="] {
        let request = SyncRequest { selector: selector.to_owned(), ..SyncRequest::default() };
        let answer = world.reader().await.listen::<_, SyncResponse>(SYNC_FLAGS, request).await.map(drop);
        learned_nothing(answer, Code::PermissionDenied);
    }
}

#[tokio::test]
async fn a_token_is_taken_where_providers_can_put_it() {
    let world = World::new("{}").await;
    for [provider, selector] in [[READS, ""], [READS, "flagSetId=production"], ["", READS], ["shop", READS]] {
        let client = Client::to(world.sync).await;
        let request = SyncRequest { provider_id: provider.to_owned(), selector: selector.to_owned() };
        let mut stream = client.listen::<_, SyncResponse>(SYNC_FLAGS, request).await.unwrap();
        assert_eq!(stream.next().await.flag_configuration, r#"{"flags":{}}"#);
    }
    let client = Client::to(world.evaluation).await.header("flagd-selector", EVALUATES);
    assert_eq!(client.listen::<_, Event>(EVENTS, Empty {}).await.unwrap().next().await.name, "provider_ready");
}

#[tokio::test]
async fn a_token_that_is_taken_back_ends_its_streams_within_a_second() {
    let world = World::new("{}").await;
    let mut sync = world.reader().await.listen::<_, SyncResponse>(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    let mut events = world.evaluator().await.listen::<_, Event>(EVENTS, Empty {}).await.unwrap();
    (sync.next().await, events.next().await);
    let since = Instant::now();
    world.channels.revoke_all();
    learned_nothing(sync.last().await.unwrap().map(drop), Code::Unauthenticated);
    learned_nothing(events.last().await.unwrap().map(drop), Code::Unauthenticated);
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
    world.channels.count_to(0).await;
}

#[tokio::test]
async fn a_client_that_leaves_is_forgotten() {
    let world = World::new("{}").await;
    let client = world.reader().await;
    let mut stream = client.listen::<_, SyncResponse>(SYNC_FLAGS, SyncRequest::default()).await.unwrap();
    stream.next().await;
    world.channels.count_to(1).await;
    drop((stream, client));
    world.channels.count_to(0).await;
}
