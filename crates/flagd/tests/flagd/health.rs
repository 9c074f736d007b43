//! `grpc.health.v1` on both listeners.

use crate::client::{Client, HealthRequest, HealthResponse};
use crate::world::World;
use tonic::Code;

const CHECK: &str = "/grpc.health.v1.Health/Check";
const WATCH: &str = "/grpc.health.v1.Health/Watch";

#[tokio::test]
async fn a_listener_says_of_its_own_services_that_they_are_there() {
    let world = World::new("{}").await;
    let sync = ["", "flagd.sync.v1.FlagSyncService"];
    let evaluation = ["", "flagd.evaluation.v1.Service", "flagd.evaluation.v2.Service"];
    for (address, services) in [(world.sync, &sync[..]), (world.evaluation, &evaluation[..])] {
        let client = Client::to(address).await;
        for service in services {
            let request = HealthRequest { service: (*service).to_owned() };
            assert_eq!(client.ask::<_, HealthResponse>(CHECK, request).await.unwrap().status, 1, "{service}");
        }
        let other = HealthRequest { service: "flagd.sync.v2.FlagSyncService".to_owned() };
        assert_eq!(client.ask::<_, HealthResponse>(CHECK, other).await.unwrap_err().code(), Code::NotFound);
    }
}

#[tokio::test]
async fn health_is_watched_until_the_server_stops() {
    let mut world = World::new("{}").await;
    let client = Client::to(world.sync).await;
    let mut stream = client.listen::<_, HealthResponse>(WATCH, HealthRequest::default()).await.unwrap();
    assert_eq!(stream.next().await.status, 1);
    assert!(stream.is_silent().await);
    drop(world.stop());
    assert_eq!(stream.last().await.unwrap().unwrap_err().code(), Code::Unavailable);
}
