//! Servers that do not let us in, say nothing, or say what cannot be: each has a code, and none has counts.

use super::fake::{asks_time, matrix, serve, silent, time};
use super::{arms, counted_by, release, signal_of};
use crate::house::Scratch;
use adapters::Prometheus;
use control::ports::Reading;
use engine::{Gap, Millis};
use policy::{BasicAuth, EnvValue, PrometheusAuth};
use std::time::{Duration, Instant};

/// What a signal says of a server, as if it had been read up to the second 100.
async fn said(url: &str) -> Reading {
    let scratch = Scratch::new();
    let wiring = counted_by(&scratch, url, None, arms());
    let order = release(&wiring, Some("1.0"), "1.1");
    signal_of(&wiring).read(&order, "prometheus:99000").await
}

async fn code(url: &str) -> String {
    match said(url).await {
        Reading::None(Gap::Unreachable { detail }) => detail[..7].to_owned(),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn secrets_are_told_to_the_server_and_to_nobody_else() {
    let scratch = Scratch::new();
    let file = scratch.write("token", "s3cr3t-t0ken\n");
    let lets_in = |request: &str| {
        let known = ["authorization: Bearer s3cr3t-t0ken\r\n", "authorization: Basic bWU6czNjcjN0LXQwa2Vu\r\n"];
        if known.iter().any(|known| request.contains(known)) {
            time(100)
        } else {
            ("401 Unauthorized", "who are you".into())
        }
    };
    let fake = serve(lets_in).await;
    let client = |auth| Prometheus::new(&fake.url, auth, Millis(1_000)).unwrap();
    let bearer = PrometheusAuth::Bearer(EnvValue::FromFile(file.clone()));
    assert_eq!(client(Some(bearer)).now().await.unwrap().0, 100_000);
    let basic = BasicAuth { user: "me".into(), password: EnvValue::FromFile(file) };
    assert_eq!(client(Some(PrometheusAuth::Basic(basic))).now().await.unwrap().0, 100_000);
    assert!(fake.asked.lock().unwrap().starts_with("POST /api/v1/query HTTP/1.1\r\n"));
    let refused = client(None).now().await.unwrap_err();
    assert_eq!((refused.code, refused.retry), ("TG-5052", false));
    let wrong = scratch.write("wrong", "other-s3cr3t");
    let refused = client(Some(PrometheusAuth::Bearer(EnvValue::FromFile(wrong)))).now().await.unwrap_err();
    assert!(refused.code == "TG-5052" && !refused.to_string().contains("s3cr3t"), "{refused}");
    let gone = client(Some(PrometheusAuth::Bearer(EnvValue::FromEnv("TIDEGATE_NO_SUCH_VARIABLE".into()))));
    assert_eq!(gone.now().await.unwrap_err().code, "TG-5012");
    let torn = scratch.write("torn", "two\nlines");
    let torn = client(Some(PrometheusAuth::Bearer(EnvValue::FromFile(torn)))).now().await.unwrap_err();
    assert!(torn.code == "TG-5012" && !torn.to_string().contains("two"), "{torn}");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_given_up() {
    let begun = Instant::now();
    assert_eq!(code(&silent().await).await, "TG-5051");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn answers_that_are_none() {
    for (status, body, expected) in [
        ("403 Forbidden", String::new(), "TG-5052"),
        ("404 Not Found", "404 page not found".to_owned(), "TG-5053"),
        ("302 Found", String::new(), "TG-5053"),
        (
            "503 Service Unavailable",
            r#"{"status":"error","errorType":"unavailable","error":"not ready"}"#.into(),
            "TG-5053",
        ),
        ("200 OK", "<html>a login page</html>".to_owned(), "TG-5054"),
        ("200 OK", " ".repeat(33 * 1024 * 1024), "TG-5055"),
        ("200 OK", matrix("").1, "TG-5054"),
    ] {
        let shown: String = body.chars().take(20).collect();
        let fake = serve(move |_| (status, body.clone())).await;
        assert_eq!(code(&fake.url).await, expected, "{status} {shown}");
    }
}

/// A server whose counters of requests are `values` at the seconds 99 and 101, and all else is well.
async fn with_samples(before: &'static str, after: &'static str, le: &'static str) -> String {
    let fake = serve(move |request| {
        if asks_time(request) {
            return time(110);
        }
        let series = |more: &str, before: &str, after: &str| {
            format!(r#"{{"metric":{{"job":"shop","instance":"a","version":"x","code":"200"{more}}},"values":[[99,"{before}"],[101,"{after}"]]}}"#)
        };
        if request.contains("bucket") {
            let (first, last) = (format!(r#","le":"{le}""#), r#","le":"+Inf""#);
            return matrix(&format!("{},{}", series(&first, "0", "3"), series(last, "0", "5")));
        }
        matrix(&series("", before, after))
    })
    .await;
    fake.url
}

#[tokio::test]
async fn samples_that_are_no_counts() {
    let reading = said(&with_samples("0", "5", "0.1").await).await;
    let Reading::Counts(counts) = reading else { panic!("{reading:?}") };
    let canary = counts[0].canary.as_ref().unwrap();
    assert_eq!((canary.requests, canary.errors, canary.latency.total()), (5, 5, 5));
    for (before, after) in [("0", "NaN"), ("0", "+Inf"), ("-Inf", "0"), ("0", "1e300"), ("0.5", "7"), ("-1", "7")] {
        assert_eq!(code(&with_samples(before, after, "0.1").await).await, "TG-5056", "{before} {after}");
    }
    for le in ["NaN", "one", "-1", "0"] {
        assert_eq!(code(&with_samples("0", "5", le).await).await, "TG-5057", "{le}");
    }
    assert_eq!(code(&with_samples("0", "2", "0.1").await).await, "TG-5058", "more times than requests");
    assert_eq!(code(&with_samples("0", "NaN and more", "0.1").await).await, "TG-5054");
}
