//! TLS at the door: both protocols, certificates that are renewed under way, and renewals that go wrong.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use gate::wire::{DoorOrder, ServiceOrder, TlsOrder};
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::world::{Client, Running, TempDir, Upstream, order, until};

/// Puts a new certificate for `shop.example` where the gate looks for it.
pub(crate) fn issue(dir: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
    std::fs::write(dir.join("cert.pem"), cert.pem()).unwrap();
    std::fs::write(dir.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

pub(crate) fn tls(dir: &Path) -> TlsOrder {
    let path = |name: &str| dir.join(name).to_str().unwrap().to_owned();
    TlsOrder { certificate: path("cert.pem"), key: path("key.pem") }
}

/// Connects as a client that believes `certificate` and no other.
pub(crate) async fn connect(
    address: SocketAddr,
    certificate: &CertificateDer<'static>,
    protocols: &[&str],
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let mut config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    let name = ServerName::try_from("shop.example").unwrap();
    TlsConnector::from(Arc::new(config)).connect(name, TcpStream::connect(address).await?).await
}

struct Scene {
    gate: Running,
    order: ServiceOrder,
    address: SocketAddr,
    certificate: CertificateDer<'static>,
    dir: TempDir,
    _upstream: Upstream,
}

/// Says what it was told of the connection.
async fn scene() -> Scene {
    let upstream = Upstream::answering(|request, _| {
        let said = |name: &str| request.headers()[name].to_str().unwrap();
        hyper::Response::new(Full::from(format!("{} {}", said("x-forwarded-proto"), said("forwarded"))))
    })
    .await;
    let dir = TempDir::new();
    let certificate = issue(dir.path());
    let gate = Running::start_with(dir.path(), |options| options.client_timeout = Duration::from_secs(2)).await;
    let mut order = order((&upstream).into(), (&upstream).into(), 0);
    order.door = DoorOrder { tls: Some(tls(dir.path())), ..DoorOrder::default() };
    let address = gate.serve("shop", &order).await;
    Scene { gate, order, address, certificate, dir, _upstream: upstream }
}

#[tokio::test]
async fn both_protocols_are_spoken_inside_and_the_application_is_told() {
    let scene = scene().await;
    let stream = connect(scene.address, &scene.certificate, &["http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("/").header("host", "shop.example").body(Full::<Bytes>::default()).unwrap();
    let answer = sender.send_request(request).await.unwrap().into_body().collect().await.unwrap().to_bytes();
    assert_eq!(answer, "https for=127.0.0.1;proto=https");

    let stream = connect(scene.address, &scene.certificate, &["h2", "http/1.1"]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://shop.example/").body(Full::<Bytes>::default()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.version(), hyper::Version::HTTP_2);
    assert_eq!(response.into_body().collect().await.unwrap().to_bytes(), "https for=127.0.0.1;proto=https");
}

#[tokio::test]
async fn a_renewed_certificate_is_used_and_a_damaged_one_is_not() {
    let scene = scene().await;
    std::fs::write(scene.dir.path().join("cert.pem"), "-----BEGIN CERTIFICATE-----\nrubbish").unwrap();
    let page = async || {
        let (_, page) = scene.gate.raw(hyper::Method::GET, "/metrics", "").await;
        String::from_utf8_lossy(&page).into_owned()
    };
    until("the damage to be seen", async || {
        page().await.contains("tidegate_gate_certificate_current{service=\"shop\"} 0").then_some(())
    })
    .await;
    connect(scene.address, &scene.certificate, &[]).await.unwrap();
    // Such an order may be the one that takes everybody back: what is on disk is no reason to refuse it.
    scene.gate.serve("shop", &ServiceOrder { generation: 2, ..scene.order.clone() }).await;
    let renewed = issue(scene.dir.path());
    until("the new certificate", async || connect(scene.address, &renewed, &[]).await.ok()).await;
    assert!(connect(scene.address, &scene.certificate, &[]).await.is_err(), "the old one is out of use");
}

#[tokio::test]
async fn an_order_with_a_certificate_that_is_none_is_refused() {
    let mut scene = scene().await;
    let other = TempDir::new();
    issue(other.path());
    let mixed = TlsOrder { key: tls(other.path()).key, ..tls(scene.dir.path()) };
    let missing = tls(&scene.dir.path().join("nowhere"));
    let relative = TlsOrder { certificate: "cert.pem".into(), ..tls(scene.dir.path()) };
    scene.order.generation = 2;
    for (order, code) in [(mixed, "TG-4023"), (missing, "TG-4023"), (relative, "TG-4012")] {
        scene.order.door.tls = Some(order);
        assert_eq!(scene.gate.put("shop", &scene.order).await.unwrap_err().code, code);
    }
    connect(scene.address, &scene.certificate, &[]).await.unwrap();
    scene.order.door.tls = None;
    scene.gate.serve("shop", &scene.order).await;
    assert_eq!(Client::connect(scene.address).await.get("/", "ann").await.body, "http for=127.0.0.1;proto=http");
}

#[tokio::test]
async fn a_handshake_that_stops_is_hung_up_on_and_nobody_is_served_in_clear() {
    let scene = scene().await;
    let mut silent = TcpStream::connect(scene.address).await.unwrap();
    let mut clear = TcpStream::connect(scene.address).await.unwrap();
    clear.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    for stream in [&mut silent, &mut clear] {
        let mut said = Vec::new();
        let _ = timeout(Duration::from_secs(20), stream.read_to_end(&mut said)).await.unwrap();
        assert!(!said.starts_with(b"HTTP"), "{said:?}");
    }
    connect(scene.address, &scene.certificate, &[]).await.unwrap();
}

#[tokio::test]
async fn a_gate_that_comes_back_without_its_certificate_lets_nobody_in_until_it_is_there() {
    let scene = scene().await;
    let kept = std::fs::read(scene.dir.path().join("key.pem")).unwrap();
    let listen = scene.address;
    scene.gate.serve("shop", &ServiceOrder { generation: 2, listen, ..scene.order.clone() }).await;
    scene.gate.shut_down(Duration::ZERO).await;
    scene.gate.ended().await.unwrap();
    std::fs::remove_file(scene.dir.path().join("key.pem")).unwrap();
    let gate = Running::start(scene.dir.path()).await;
    assert_eq!(gate.status().await.warnings[0].code, "TG-4023");
    assert!(connect(listen, &scene.certificate, &[]).await.is_err());
    std::fs::write(scene.dir.path().join("key.pem"), kept).unwrap();
    until("the certificate", async || connect(listen, &scene.certificate, &[]).await.ok()).await;
}
