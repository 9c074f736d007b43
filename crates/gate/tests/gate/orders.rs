//! Which orders are taken, which are refused, and that a refused one changes nothing.

use std::time::Duration;

use gate::wire::{Problem, ServiceOrder, StickyRule, UpstreamOrder};
use hyper::{Method, StatusCode};

use crate::world::{Client, Running, TempDir, Upstream, order};

struct Scene {
    gate: Running,
    order: ServiceOrder,
    _upstreams: (Upstream, Upstream),
    _dir: TempDir,
}

/// A gate that serves `shop` under `(fence 5, generation 5)`, everybody on stable.
async fn scene() -> Scene {
    let dir = TempDir::new();
    let upstreams = (Upstream::saying("1.0").await, Upstream::saying("1.1").await);
    let gate = Running::start(dir.path()).await;
    let mut order = order((&upstreams.0).into(), (&upstreams.1).into(), 0);
    (order.fence, order.generation) = (5, 5);
    gate.serve("shop", &order).await;
    Scene { gate, order, _upstreams: upstreams, _dir: dir }
}

impl Scene {
    async fn refused(&self, order: &ServiceOrder) -> Problem {
        let before = self.gate.service("shop").await;
        let problem = self.gate.put("shop", order).await.unwrap_err();
        let after = self.gate.service("shop").await;
        assert_eq!(
            (before.generation, before.share_ppm, before.listen),
            (after.generation, after.share_ppm, after.listen)
        );
        assert_eq!(self.gate.client("shop").await.get("/", "ann").await.body, "1.0");
        assert!(!problem.hint.is_empty() && !problem.detail.is_empty());
        problem
    }
}

#[tokio::test]
async fn an_older_order_is_stale_whatever_it_says() {
    let scene = scene().await;
    for (fence, generation) in [(5, 4), (4, 5), (4, 900), (0, 0)] {
        let order = ServiceOrder { fence, generation, share_ppm: 1_000_000, ..scene.order.clone() };
        let problem = scene.refused(&order).await;
        assert_eq!((problem.code.as_str(), problem.status), ("TG-4013", 409));
        assert!(problem.detail.contains("fence 5, generation 5"), "{}", problem.detail);
    }
    let newer = ServiceOrder { fence: 6, generation: 0, share_ppm: 1_000_000, ..scene.order.clone() };
    scene.gate.serve("shop", &newer).await;
    assert_eq!(scene.gate.client("shop").await.get("/", "ann").await.body, "1.1");
}

#[tokio::test]
async fn the_same_order_again_is_fine_and_another_one_with_its_number_is_not() {
    let scene = scene().await;
    let blocks = scene.gate.blocks("shop", 0).await.newest_seq;
    scene.gate.serve("shop", &scene.order).await;
    assert_eq!(scene.gate.blocks("shop", 0).await.newest_seq, blocks, "a repetition closed a block");
    let problem = scene.refused(&ServiceOrder { share_ppm: 10, ..scene.order.clone() }).await;
    assert_eq!((problem.code.as_str(), problem.status), ("TG-4014", 409));
}

#[tokio::test]
async fn a_port_in_use_refuses_the_order_and_the_old_one_still_serves() {
    let scene = scene().await;
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let problem =
        scene.refused(&ServiceOrder { generation: 6, listen, share_ppm: 1_000_000, ..scene.order.clone() }).await;
    assert_eq!((problem.code.as_str(), problem.status), ("TG-4015", 409));
    assert!(
        problem.detail.contains(&listen.to_string()) && problem.hint.contains(&listen.port().to_string()),
        "{problem:?}"
    );
    let other = scene.gate.put("cart", &ServiceOrder { listen, ..scene.order.clone() }).await.unwrap_err();
    assert_eq!(other.code, "TG-4015");
    assert_eq!(scene.gate.status().await.services, ["shop"]);
}

/// Somebody took the address while the gate was away. Orders, the one that takes everybody back among them, are in force all the same.
#[tokio::test]
async fn a_service_whose_address_is_taken_still_takes_orders_and_listens_when_it_can() {
    let scene = scene().await;
    let listen = scene.gate.service("shop").await.listen;
    let order = ServiceOrder { generation: 6, listen, ..scene.order.clone() };
    scene.gate.serve("shop", &order).await;
    scene.gate.shut_down(Duration::ZERO).await;
    let Scene { gate, _dir: dir, _upstreams, .. } = scene;
    gate.ended().await.unwrap();
    let taken = std::net::TcpListener::bind(listen).unwrap();
    let gate = Running::start(dir.path()).await;
    assert_eq!(gate.service("shop").await.not_listening.unwrap().code, "TG-4015");
    gate.put("shop", &ServiceOrder { generation: 7, share_ppm: 0, ..order }).await.unwrap();
    assert_eq!(gate.service("shop").await.share_ppm, 0);
    drop(taken);
    crate::world::until("the gate to listen", async || {
        gate.service("shop").await.not_listening.is_none().then_some(())
    })
    .await;
    assert_eq!(gate.client("shop").await.get("/", "ann").await.body, "1.0");
}

#[tokio::test]
async fn a_removal_holds_for_a_service_that_is_not_there_yet() {
    let scene = scene().await;
    assert!(!scene.gate.delete("cart", (5, 6)).await.unwrap().existed);
    let late = scene.gate.put("cart", &ServiceOrder { generation: 6, ..scene.order.clone() }).await.unwrap_err();
    assert_eq!(late.code, "TG-4013");
    scene.gate.serve("cart", &ServiceOrder { generation: 7, ..scene.order.clone() }).await;
}

#[tokio::test]
async fn a_service_moves_to_another_address_without_losing_a_connection() {
    let scene = scene().await;
    let before = scene.gate.service("shop").await.listen;
    let mut kept = Client::connect(before).await;
    assert_eq!(kept.get("/", "ann").await.status, StatusCode::OK);
    let listen = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let after = scene.gate.serve("shop", &ServiceOrder { generation: 6, listen, ..scene.order.clone() }).await;
    assert_eq!(after, listen);
    assert_eq!(Client::connect(after).await.get("/", "ann").await.status, StatusCode::OK);
    crate::world::until("the old address to be free", async || std::net::TcpListener::bind(before).ok()).await;
}

type Change = fn(&mut ServiceOrder);

#[tokio::test]
async fn values_that_make_no_sense_are_named() {
    let scene = scene().await;
    let cases: [(Change, &str); 10] = [
        (|order| order.share_ppm = 1_000_001, "share_ppm"),
        (|order| (order.canary, order.share_ppm) = (None, 1), "share_ppm"),
        (|order| order.stable = "2.0".into(), "stable"),
        (|order| order.canary = Some("2.0".into()), "canary"),
        (|order| order.canary = Some("1.0".into()), "canary"),
        (|order| order.versions[1].version = "1.0".into(), "versions[1]"),
        (|order| order.interval_ms = 0, "interval_ms"),
        (|order| order.sticky = vec![StickyRule::Cookie("a b".into())], "sticky[0]"),
        (|order| order.sticky.push(StickyRule::Header("x:y".into())), "sticky[1]"),
        (
            |order| order.versions[0].upstream = UpstreamOrder::Process(gate::wire::ProcessOrder::new(" ")),
            "versions[0].upstream.process.command",
        ),
    ];
    for (change, field) in cases {
        let mut order = ServiceOrder { generation: 6, ..scene.order.clone() };
        change(&mut order);
        let problem = scene.refused(&order).await;
        assert_eq!((problem.code.as_str(), problem.status), ("TG-4012", 422), "{field}");
        assert!(problem.detail.starts_with(&format!("{field}:")) && problem.hint.contains(field), "{problem:?}");
    }
}

#[tokio::test]
async fn hostile_names_are_refused_and_make_no_files() {
    let scene = scene().await;
    for name in ["..", "..%2f..%2fetc", "a%2Fb", ".hidden", "a%00b", "-rf", "%C3%A9", &"x".repeat(101)] {
        let problem = scene.gate.put(name, &scene.order).await.unwrap_err();
        assert_eq!(problem.code, "TG-4011", "{name}");
    }
    for version in ["../../x", "a/b", "", "a\nb", "a\0b", "x y"] {
        let mut order = ServiceOrder { generation: 6, ..scene.order.clone() };
        order.versions[0].version = version.into();
        order.stable = version.into();
        assert_eq!(scene.refused(&order).await.code, "TG-4011", "{version:?}");
    }
    assert_eq!(scene.gate.status().await.services, ["shop"]);
}

#[tokio::test]
async fn bodies_and_calls_that_are_none_are_explained() {
    let scene = scene().await;
    let shop = "/v1/services/shop";
    let unknown = serde_json::to_string(&scene.order).unwrap().replacen("\"salt\"", "\"pepper\"", 1);
    let both = serde_json::to_string(&scene.order).unwrap().replacen(
        "{\"address\"",
        "{\"process\":{\"command\":\"x\"},\"address\"",
        1,
    );
    for (method, path, body, status, code, says) in [
        (Method::PUT, shop, "{", 400, "TG-4010", "line 1"),
        (Method::PUT, shop, unknown.as_str(), 400, "TG-4010", "unknown field `pepper`"),
        (Method::PUT, shop, both.as_str(), 400, "TG-4010", "either a `process` or an `address`"),
        (Method::PUT, shop, &" ".repeat(1_100_000), 413, "TG-4018", "1048576 bytes"),
        (Method::POST, shop, "", 404, "TG-4017", "POST /v1/services/shop"),
        (Method::GET, "/v2/status", "", 404, "TG-4017", "/v2/status"),
        (Method::GET, "/v1/services/cart", "", 404, "TG-4016", "\"cart\""),
        (Method::GET, "/v1/services/cart/blocks", "", 404, "TG-4016", "\"cart\""),
        (Method::GET, "/v1/services/shop/blocks?after=x", "", 400, "TG-4010", "`after`"),
        (Method::GET, "/v1/services/shop/blocks?since=1", "", 400, "TG-4010", "\"since\""),
        (Method::DELETE, shop, "", 400, "TG-4010", "`fence` is missing"),
    ] {
        let (got, answer) = scene.gate.raw(method.clone(), path, body.to_owned()).await;
        let problem: Problem = serde_json::from_slice(&answer).unwrap();
        assert_eq!((got.as_u16(), problem.code.as_str()), (status, code), "{method} {path}: {problem:?}");
        assert!(problem.detail.contains(says), "{method} {path}: {}", problem.detail);
    }
}

#[tokio::test]
async fn a_removed_service_frees_its_port_and_old_orders_do_not_bring_it_back() {
    let scene = scene().await;
    let listen = scene.gate.service("shop").await.listen;
    assert_eq!(scene.gate.delete("shop", (5, 4)).await.unwrap_err().code, "TG-4013");
    assert!(scene.gate.delete("shop", (5, 6)).await.unwrap().existed);
    drop(std::net::TcpListener::bind(listen).unwrap());
    assert!(!scene.gate.delete("shop", (5, 6)).await.unwrap().existed, "once more does no harm");
    for generation in [5, 6] {
        let problem = scene.gate.put("shop", &ServiceOrder { generation, ..scene.order.clone() }).await.unwrap_err();
        assert_eq!(problem.code, "TG-4013", "generation {generation}");
    }
    let again = ServiceOrder { generation: 7, listen, ..scene.order.clone() };
    assert_eq!(scene.gate.serve("shop", &again).await, listen);
    assert_eq!(scene.gate.client("shop").await.get("/", "ann").await.body, "1.0");
}

#[tokio::test]
async fn only_its_user_may_open_the_socket_and_one_gate_holds_a_directory() {
    use std::os::unix::fs::PermissionsExt;
    let dir = TempDir::new();
    let gate = Running::start(dir.path()).await;
    let mode = std::fs::metadata(dir.path().join(gate::wire::SOCKET)).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let mut options = gate::Options::new(dir.path());
    options.handle_signals = false;
    let second = tokio::task::spawn_blocking(move || gate::run(&options)).await.unwrap().unwrap_err();
    assert_eq!(second.code(), "TG-4002");
    assert_eq!(gate.status().await.services, Vec::<String>::new(), "the first one is not disturbed");
}
