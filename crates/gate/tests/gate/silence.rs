//! The dead man's switch: what counts as a word from control, what happens without one, and who may move users after it.

use std::time::Duration;

use gate::wire::{FENCE, ServiceOrder, ServiceStatus};
use hyper::Method;

use crate::world::{Running, TempDir, Upstream, order, until};

/// Long against the pauses between two words on a slow machine.
const LIMIT: u64 = 1_500;

struct Scene {
    gate: Running,
    order: ServiceOrder,
    _upstreams: (Upstream, Upstream),
    dir: TempDir,
}

/// A gate that serves `shop` under `(fence 5, generation 5)`, half of the users on the canary.
async fn scene(dead_man_ms: Option<u64>) -> Scene {
    let dir = TempDir::new();
    let upstreams = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&upstreams.0).into(), (&upstreams.1).into(), 1_000_000);
    (order.fence, order.generation, order.dead_man_ms) = (5, 5, dead_man_ms);
    gate.serve("shop", &order).await;
    assert_eq!(gate.client("shop").await.get("/", "ann").await.body, "1.1");
    Scene { gate, order, _upstreams: upstreams, dir }
}

impl Scene {
    async fn withdrawn(&self) -> ServiceStatus {
        until("the gate to take users back", async || {
            let status = self.gate.service("shop").await;
            status.withdrawn_by_gate.is_some().then_some(status)
        })
        .await
    }

    fn next(&self, generation: u64, share_ppm: u32) -> ServiceOrder {
        ServiceOrder { generation, share_ppm, ..self.order.clone() }
    }
}

#[tokio::test]
async fn without_a_word_users_are_taken_back_and_a_look_without_a_fence_is_none() {
    let scene = scene(Some(LIMIT)).await;
    // Asked for again and again, by somebody who is not control.
    let status = scene.withdrawn().await;
    assert_eq!((status.fence, status.generation, status.share_ppm), (5, 5, 0));
    assert!(status.withdrawn_by_gate.unwrap().after_ms >= LIMIT);
    assert_eq!(scene.gate.client("shop").await.get("/", "ann").await.arm(), ("stable", "1.0"));
    let blocks = scene.gate.blocks("shop", 0).await.blocks;
    assert_eq!(blocks.last().unwrap().share_ppm, 1_000_000, "the block before it was closed with its own share");
}

#[tokio::test]
async fn whoever_watches_with_the_fence_in_force_keeps_users_where_they_are() {
    let scene = scene(Some(LIMIT)).await;
    for _ in 0..30 {
        let (status, _) = scene.gate.ask_as(5, "/v1/services/shop/blocks").await;
        assert!(status.is_success());
        tokio::time::sleep(Duration::from_millis(LIMIT / 10)).await;
    }
    assert_eq!(scene.gate.service("shop").await.share_ppm, 1_000_000);
    // A leader that was deposed watches no more, whatever it asks.
    until("the gate to take users back", async || {
        scene.gate.ask_as(4, "/v1/services/shop").await;
        (scene.gate.service("shop").await.share_ppm == 0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn nobody_moves_users_again_without_knowing_of_it() {
    let scene = scene(Some(LIMIT)).await;
    let at_ms = scene.withdrawn().await.withdrawn_by_gate.unwrap().at_ms;
    let again = scene.gate.put("shop", &scene.order).await.unwrap();
    assert_eq!(again.share_ppm, 0, "the order in force, repeated, moves nobody");
    for knows in [None, Some(at_ms - 1)] {
        let order = ServiceOrder { knows_withdrawn_ms: knows, fence: 6, ..scene.next(1, 500_000) };
        let problem = scene.gate.put("shop", &order).await.unwrap_err();
        assert_eq!((problem.code.as_str(), problem.status), ("TG-4021", 409));
        assert!(problem.hint.contains(&at_ms.to_string()), "{}", problem.hint);
    }
    // To take users back is always allowed, and does not make it forgotten.
    scene.gate.serve("shop", &scene.next(6, 0)).await;
    let alone = ServiceOrder { canary: None, ..scene.next(7, 0) };
    scene.gate.serve("shop", &alone).await;
    assert_eq!(scene.gate.put("shop", &scene.next(8, 1)).await.unwrap_err().code, "TG-4021");
    let knowing = ServiceOrder { knows_withdrawn_ms: Some(at_ms), ..scene.next(9, 1_000_000) };
    scene.gate.serve("shop", &knowing).await;
    assert_eq!(scene.gate.service("shop").await.withdrawn_by_gate, None);
    assert_eq!(scene.gate.client("shop").await.get("/", "ann").await.body, "1.1");
    // The switch is set again.
    assert!(scene.withdrawn().await.withdrawn_by_gate.unwrap().at_ms > at_ms);
}

#[tokio::test]
async fn another_release_and_a_promotion_are_not_held_up() {
    let scene = scene(Some(LIMIT)).await;
    scene.withdrawn().await;
    let promoted = ServiceOrder { stable: "1.1".into(), canary: None, ..scene.next(6, 0) };
    scene.gate.serve("shop", &promoted).await;
    assert_eq!(scene.gate.service("shop").await.withdrawn_by_gate, None);
    assert_eq!(scene.gate.client("shop").await.get("/", "ann").await.body, "1.1");
    scene.gate.serve("shop", &scene.next(7, 500_000)).await;
    scene.withdrawn().await;
    let other = ServiceOrder { salt: "another release".into(), ..scene.next(8, 500_000) };
    scene.gate.serve("shop", &other).await;
}

#[tokio::test]
async fn it_is_remembered_over_a_restart() {
    let mut scene = scene(Some(LIMIT)).await;
    let before = scene.withdrawn().await;
    scene.gate.shut_down(Duration::ZERO).await;
    scene.gate.ended().await.unwrap();
    scene.gate = Running::start(scene.dir.path()).await;
    let after = scene.gate.service("shop").await;
    assert_eq!((after.share_ppm, after.withdrawn_by_gate), (0, before.withdrawn_by_gate));
    assert_eq!(scene.gate.client("shop").await.get("/", "ann").await.body, "1.0");
    let order = ServiceOrder { fence: 6, ..scene.next(1, 1_000_000) };
    assert_eq!(scene.gate.put("shop", &order).await.unwrap_err().code, "TG-4021");
}

#[tokio::test]
async fn users_are_not_given_to_a_stable_version_that_does_not_answer() {
    let dir = TempDir::new();
    let (nobody, canary) = (Upstream::nobody().await, Upstream::saying("1.1").await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&nobody).into(), (&canary).into(), 1_000_000);
    order.dead_man_ms = Some(100);
    gate.serve("shop", &order).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(gate.service("shop").await.share_ppm, 1_000_000);
    assert_eq!(gate.client("shop").await.get("/", "ann").await.body, "1.1");
}

#[tokio::test]
async fn without_a_limit_or_a_canary_nothing_ever_happens() {
    let scene = scene(None).await;
    let alone = ServiceOrder { dead_man_ms: Some(100), share_ppm: 0, canary: None, ..scene.order.clone() };
    scene.gate.serve("cart", &ServiceOrder { stable: "1.1".into(), ..alone }).await;
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(scene.gate.service("shop").await.share_ppm, 1_000_000);
    assert_eq!(scene.gate.service("cart").await.withdrawn_by_gate, None);
    assert_eq!(scene.gate.client("cart").await.get("/", "ann").await.body, "1.1");
}

impl Running {
    /// A look at something by a control plane with this fence.
    async fn ask_as(&self, fence: u64, path: &str) -> (hyper::StatusCode, bytes::Bytes) {
        self.raw_with(Method::GET, path, "", Some((FENCE, fence.to_string()))).await
    }
}
