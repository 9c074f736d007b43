//! A release on local processes from its deployment to its end.

use crate::house::{House, eventually, get, runs};
use crate::orders::{order, process_wiring};
use engine::Share;
use std::collections::BTreeSet;

/// What each of `count` users sees: the versions, and which users see `canary`.
async fn users(door: &str, count: u32, canary: &str) -> BTreeSet<u32> {
    let mut on_canary = BTreeSet::new();
    for user in 0..count {
        let (status, said) = get(door, "/", &format!("user-{user}")).await.unwrap();
        assert_eq!(status, 200);
        if said[0] == canary {
            on_canary.insert(user);
        }
    }
    on_canary
}

async fn pid(house: &House, version: &str) -> u64 {
    let status = house.status("shop").await;
    let versions = status["versions"].as_array().unwrap();
    versions.iter().find(|one| one["version"] == version).unwrap()["pid"].as_u64().unwrap()
}

/// Makes `version` live as the first one.
pub(crate) async fn live(house: &House, wiring: &policy::Wiring, version: &str) {
    let site = house.site(wiring);
    site.target.deploy(&order(wiring, None, version)).await.unwrap();
    site.lever.shift(&order(wiring, None, version), Share::ALL).await.unwrap();
    site.target.promote(&order(wiring, None, version)).await.unwrap();
}

#[tokio::test]
async fn users_move_and_the_new_process_stays_when_it_is_promoted() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");

    site.target.deploy(&next()).await.unwrap();
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::NONE));
    let door = house.door("shop").await;
    assert_eq!(users(&door, 20, "1.1").await.len(), 0);

    site.lever.shift(&next(), Share::percent(30)).await.unwrap();
    let some = users(&door, 60, "1.1").await;
    assert!((5..=35).contains(&some.len()), "{some:?}");
    site.lever.shift(&next(), Share::percent(60)).await.unwrap();
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::percent(60)));
    assert!(users(&door, 60, "1.1").await.is_superset(&some), "nobody loses the new version while its share grows");
    site.lever.shift(&next(), Share::ALL).await.unwrap();
    assert_eq!(users(&door, 20, "1.1").await.len(), 20);

    let (old, new) = (pid(&house, "1.0").await, pid(&house, "1.1").await);
    site.target.promote(&next()).await.unwrap();
    site.target.promote(&next()).await.unwrap();
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::ALL));
    assert_eq!(pid(&house, "1.1").await, new);
    assert_eq!(users(&door, 20, "1.1").await.len(), 20);
    eventually("the old process ends", async || !runs(old)).await;
}

#[tokio::test]
async fn users_are_taken_back_and_the_new_process_ends() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    live(&house, &wiring, "1.0").await;
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");

    site.target.deploy(&next()).await.unwrap();
    site.lever.shift(&next(), Share::percent(50)).await.unwrap();
    let seen = site.prober.probe(&next()).await.unwrap();
    assert_eq!((seen.canary, seen.stable), (Ok(()), Some(Ok(()))));
    let new = pid(&house, "1.1").await;

    site.lever.shift(&next(), Share::NONE).await.unwrap();
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::NONE));
    let door = house.door("shop").await;
    assert_eq!(users(&door, 20, "1.1").await.len(), 0);

    site.target.withdraw(&next()).await.unwrap();
    assert!(!runs(new), "withdrawn means gone");
    site.target.withdraw(&next()).await.unwrap();
    // A control plane that was born a second ago asks for the share again.
    site.lever.shift(&next(), Share::NONE).await.unwrap();
    assert_eq!(site.lever.observe(&next()).await, Ok(Share::NONE));
    let seen = site.prober.probe(&next()).await.unwrap();
    assert_eq!(seen.stable, Some(Ok(())));
    assert_eq!(seen.canary, Err("the gate does not run it".into()));
    assert_eq!(users(&door, 20, "1.0").await.len(), 20);
}

#[tokio::test]
async fn channels_are_services_of_their_own_and_applications_know_their_names() {
    let house = House::new().await;
    let mut wiring = process_wiring(&house.scratch);
    wiring.channel = "staging".into();
    let site = house.site(&wiring);
    site.target.deploy(&order(&wiring, None, "1.0")).await.unwrap();
    let (_, said) = get(&house.door("shop.staging").await, "/", "anna").await.unwrap();
    assert_eq!((said[0].as_str(), said[2].as_str()), ("1.0", "shop"));
}
