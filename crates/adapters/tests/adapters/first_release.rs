//! The first version of a service has no other beside it.

use crate::house::{House, eventually, get};
use crate::orders::{order, process_wiring};
use control::ports::{Connect, Reading, Turn};
use engine::{Gap, Share};

#[tokio::test]
async fn everybody_has_it_or_nobody() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    let site = house.site(&wiring);
    let first = || order(&wiring, None, "1.0");

    assert_eq!(site.lever.observe(&first()).await, Ok(Share::NONE));
    assert_eq!(site.signal.read(&first(), "").await, Reading::None(Gap::NoData));
    site.target.deploy(&first()).await.unwrap();
    assert_eq!(site.lever.observe(&first()).await, Ok(Share::ALL));
    let error = site.lever.shift(&first(), Share::percent(50)).await.unwrap_err();
    assert_eq!((error.code, error.retry), ("TG-5013", false));
    site.lever.shift(&first(), Share::ALL).await.unwrap();
    let door = house.door("shop").await;
    assert_eq!(get(&door, "/", "anna").await.unwrap().1[0], "1.0");
    let seen = site.prober.probe(&first()).await.unwrap();
    assert_eq!((seen.canary, seen.stable), (Ok(()), None));

    site.lever.shift(&first(), Share::NONE).await.unwrap();
    assert_eq!(site.lever.observe(&first()).await, Ok(Share::NONE));
    assert!(get(&door, "/", "anna").await.is_err(), "the door is closed");
    site.target.withdraw(&first()).await.unwrap();
    site.target.withdraw(&first()).await.unwrap();
}

#[tokio::test]
async fn its_counts_are_those_of_the_new_version() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    let site = house.site(&wiring);
    let first = || order(&wiring, None, "1.0");
    site.target.deploy(&first()).await.unwrap();
    let (mut cursor, mut requests) = (String::new(), 0);
    let mut read = async || {
        let Reading::Counts(counted) = site.signal.read(&first(), &cursor).await else { return requests };
        for counts in counted {
            assert_eq!((counts.stable, counts.share), (None, Some(Share::ALL)));
            requests += counts.canary.unwrap().requests;
            cursor = counts.cursor;
        }
        requests
    };
    // Where the release begins to be counted.
    tokio::time::sleep(std::time::Duration::from_millis(250)).await;
    assert_eq!(read().await, 0);
    let door = house.door("shop").await;
    for user in 0..10 {
        get(&door, "/", &format!("user-{user}")).await.unwrap();
    }
    eventually("the requests are counted", async || read().await == 10).await;
}

#[tokio::test]
async fn a_service_at_rest_is_settled_once() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    let live = crate::orders::installed(&wiring, "1.0");
    let turn = |fence| Turn { fence, count: 0 };
    house.adapters.settle(&wiring, &live, turn(3)).await.unwrap();
    let status = house.status("shop").await;
    assert_eq!((&status["stable"], &status["canary"]), (&"1.0".into(), &serde_json::Value::Null));
    house.adapters.settle(&wiring, &live, turn(4)).await.unwrap();
    assert_eq!(house.status("shop").await["fence"], 3, "what is right already is not ordered again");
    // A release that began meanwhile has newer orders, and it is not disturbed.
    let site = house.site(&wiring);
    let next = order(&wiring, Some("1.0"), "1.1");
    site.target.deploy(&next).await.unwrap();
    house.adapters.settle(&wiring, &live, turn(5)).await.unwrap();
    assert_eq!(house.status("shop").await["canary"], "1.1");
}
