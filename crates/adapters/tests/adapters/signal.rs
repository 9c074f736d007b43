//! Counts: each block once, under the share that was in force, and only those of the release.

use crate::gate_release::live;
use crate::house::{House, eventually, get};
use crate::orders::{order, process_wiring};
use control::ports::{Counted, Order, Reading, Signal};
use engine::Share;
use policy::Wiring;

/// Reads on from `cursor` until `requests` requests were counted.
async fn read(signal: &dyn Signal, order: &Order, cursor: &mut String, requests: u64) -> Vec<Counted> {
    let mut all = Vec::new();
    eventually("the requests are counted", async || {
        if let Reading::Counts(counted) = signal.read(order, cursor).await {
            cursor.clone_from(&counted.last().unwrap().cursor);
            all.extend(counted);
        }
        counted_requests(&all) >= requests
    })
    .await;
    all
}

fn counted_requests(all: &[Counted]) -> u64 {
    all.iter().flat_map(|counts| [&counts.stable, &counts.canary]).flatten().map(|arm| arm.requests).sum()
}

async fn release(house: &House, wiring: &Wiring, share: Share) -> String {
    live(house, wiring, "1.0").await;
    let site = house.site(wiring);
    site.target.deploy(&order(wiring, Some("1.0"), "1.1")).await.unwrap();
    site.lever.shift(&order(wiring, Some("1.0"), "1.1"), share).await.unwrap();
    house.door("shop").await
}

#[tokio::test]
async fn every_request_is_counted_once_and_the_cursor_outlives_control() {
    let mut house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    let door = release(&house, &wiring, Share::percent(50)).await;
    let signal = house.site(&wiring).signal;
    let next = || order(&wiring, Some("1.0"), "1.1");
    let mut cursor = String::new();
    eventually("the release has its first block", async || match signal.read(&next(), &cursor).await {
        Reading::Counts(counted) => {
            assert_eq!(counted.len(), 1, "what was counted before is not read");
            cursor.clone_from(&counted[0].cursor);
            true
        }
        Reading::NotYet | Reading::None(_) => false,
    })
    .await;

    for user in 0..40 {
        let path = if user % 4 == 0 { "/fail" } else { "/" };
        get(&door, path, &format!("user-{user}")).await.unwrap();
    }
    // Another control plane reads on where the journal says that the last one was.
    let signal = house.site(&wiring).signal;
    let counted = read(signal.as_ref(), &next(), &mut cursor, 40).await;
    assert_eq!(counted_requests(&counted), 40);
    let arms = || counted.iter().flat_map(|counts| [&counts.stable, &counts.canary]).flatten();
    assert_eq!(arms().map(|arm| arm.errors).sum::<u64>(), 10);
    assert_eq!(arms().map(|arm| arm.latency.total()).sum::<u64>(), 40);
    assert_eq!(arms().flat_map(|arm| &arm.buckets).map(|bucket| bucket.affected_users).sum::<u64>(), 10);
    for counts in &counted {
        assert_eq!(counts.share, Some(Share::percent(50)));
        assert!(counts.from < counts.to);
        for arm in [&counts.stable, &counts.canary] {
            assert_eq!(arm.as_ref().unwrap().check(), Ok(()));
        }
    }
    assert!(counted.windows(2).all(|pair| pair[0].to == pair[1].from), "no gap, no overlap");

    // A gate that was restarted counts from the beginning, and all of that is news.
    house.close().await;
    house.open().await;
    let door = house.door("shop").await;
    eventually("users are served again", async || matches!(get(&door, "/", "x").await, Ok((200, _)))).await;
    let boot = cursor.split_once(':').unwrap().0.to_owned();
    let counted = read(signal.as_ref(), &next(), &mut cursor, 1).await;
    assert!(counted.iter().all(|counts| !counts.cursor.starts_with(&boot)));
    assert!(counted[0].cursor.ends_with(":1"), "{}", counted[0].cursor);
}

#[tokio::test]
async fn counts_of_other_versions_are_not_of_this_release() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    let door = release(&house, &wiring, Share::percent(50)).await;
    let signal = house.site(&wiring).signal;
    get(&door, "/", "anna").await.unwrap();
    let mut cursor = String::new();
    read(signal.as_ref(), &order(&wiring, Some("1.0"), "1.1"), &mut cursor, 0).await;
    let of_others = [(Some("1.0"), "1.2"), (Some("0.9"), "1.1"), (None, "1.1")];
    for ((stable, canary), cursor) in
        of_others.into_iter().flat_map(|other| ["", &cursor, "another:5"].map(|c| (other, c)))
    {
        tokio::time::sleep(std::time::Duration::from_millis(120)).await;
        let reading = signal.read(&order(&wiring, stable, canary), cursor).await;
        assert!(reading == Reading::NotYet, "{stable:?} {canary} {cursor}");
    }
}

#[tokio::test]
async fn a_block_has_one_share() {
    let house = House::new().await;
    let wiring = process_wiring(&house.scratch);
    release(&house, &wiring, Share::percent(10)).await;
    let site = house.site(&wiring);
    let next = || order(&wiring, Some("1.0"), "1.1");
    let mut cursor = String::new();
    read(site.signal.as_ref(), &next(), &mut cursor, 0).await;
    for percent in [20, 30, 40] {
        site.lever.shift(&next(), Share::percent(percent)).await.unwrap();
    }
    let mut shares = Vec::new();
    eventually("a block of the last share is closed", async || {
        if let Reading::Counts(counted) = site.signal.read(&next(), &cursor).await {
            cursor.clone_from(&counted.last().unwrap().cursor);
            shares.extend(counted.iter().map(|counts| counts.share.unwrap()));
        }
        shares.last() == Some(&Share::percent(40))
    })
    .await;
    shares.dedup();
    assert!(
        shares.is_sorted() && shares.contains(&Share::percent(20)) && shares.contains(&Share::percent(30)),
        "{shares:?}"
    );
}
