//! Who is sent where: the share that was asked for, the same arm for the same user, nobody back while the share rises.

use flags::bucket::{Ppm, hash, in_share};
use gate::wire::StickyRule;
use hyper::Request;

use crate::world::{Client, Running, TempDir, Upstream, order};

async fn two_arms() -> (Upstream, Upstream) {
    (Upstream::saying("1.0").await, Upstream::saying("1.1").await)
}

#[tokio::test]
async fn every_user_is_sent_where_the_bucketing_says_and_the_split_is_the_one_asked_for() {
    const USERS: usize = 3_000;
    let (dir, (stable, canary)) = (TempDir::new(), two_arms().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    for ppm in [10_000, 50_000, 250_000, 500_000] {
        order.share_ppm = ppm;
        order.generation += 1;
        let mut client = Client::connect(gate.serve("shop", &order).await).await;
        let share = Ppm::new(ppm).unwrap();
        let mut on_canary = 0;
        for user in 0..USERS {
            let user = format!("user-{user}");
            let answer = client.get("/", &user).await;
            let expected = if in_share(hash(&["test", &user]), share) { ("canary", "1.1") } else { ("stable", "1.0") };
            assert_eq!(answer.arm(), expected, "{user} at {ppm} ppm");
            assert_eq!(answer.body, expected.1);
            on_canary += usize::from(expected.0 == "canary");
        }
        let mean = USERS as f64 * share.fraction();
        let allowed = 4.9 * (mean * (1.0 - share.fraction())).sqrt();
        assert!((on_canary as f64 - mean).abs() < allowed, "{on_canary} of {USERS} at {ppm} ppm");
    }
}

#[tokio::test]
async fn nobody_flips_back_while_the_share_rises_to_all_and_everybody_does_at_none() {
    let (dir, (stable, canary)) = (TempDir::new(), two_arms().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 0);
    order.canary = Some("1.1".into());
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let mut moved = [false; 40];
    for percent in 0..=100 {
        order.share_ppm = percent * 10_000;
        order.generation += 1;
        gate.put("shop", &order).await.unwrap();
        for (user, moved) in moved.iter_mut().enumerate() {
            let now = client.get("/", &format!("user-{user}")).await.body == "1.1";
            assert!(now || !*moved, "user-{user} flipped back at {percent} %");
            assert!(!(now && percent == 0), "user-{user} on the canary at 0 %");
            *moved = now;
        }
    }
    assert_eq!(moved, [true; 40]);
    order.share_ppm = 0;
    order.generation += 1;
    gate.put("shop", &order).await.unwrap();
    for user in 0..40 {
        assert_eq!(client.get("/", &format!("user-{user}")).await.arm(), ("stable", "1.0"));
    }
}

#[tokio::test]
async fn a_new_user_gets_a_cookie_and_stays_where_it_leads() {
    let (dir, (stable, canary)) = (TempDir::new(), two_arms().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 500_000);
    order.sticky = vec![StickyRule::Cookie("uid".into())];
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let mut met = std::collections::BTreeSet::new();
    for _ in 0..40 {
        let first = client.send(Request::get("/"), "").await;
        let set = first.headers["set-cookie"].to_str().unwrap().to_owned();
        assert!(set.contains("; HttpOnly; SameSite=Lax"), "{set}");
        let cookie = set.split(';').next().unwrap();
        for _ in 0..3 {
            let again = client.send(Request::get("/").header("cookie", cookie), "").await;
            assert_eq!(again.arm(), first.arm());
            assert!(!again.headers.contains_key("set-cookie"));
        }
        met.insert(first.body);
    }
    assert_eq!(met.len(), 2, "40 new users, all of them on one side of an even split");
}

#[tokio::test]
async fn an_arm_is_named_only_if_the_order_says_so() {
    let (dir, (stable, canary)) = (TempDir::new(), two_arms().await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&stable).into(), (&canary).into(), 1_000_000);
    order.expose_arm = false;
    let mut client = Client::connect(gate.serve("shop", &order).await).await;
    let answer = client.get("/", "ann").await;
    assert_eq!(answer.body, "1.1");
    assert!(answer.headers.keys().all(|name| !name.as_str().starts_with("x-tidegate")), "{:?}", answer.headers);
}
