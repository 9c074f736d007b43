//! What the tests start as processes: `gate-test-app serve` is a small application that listens on `$PORT`, and
//! `gate-test-app gate DIR [ACCESS LOG]` is the gate itself, where it can be killed.

use std::convert::Infallible;
use std::error::Error;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["serve"] => tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(serve()),
        ["gate", dir] => Ok(gate::run(&gate::Options::new(*dir))?),
        ["gate", dir, log] => {
            Ok(gate::run(&gate::Options { access_log: Some(log.into()), ..gate::Options::new(*dir) })?)
        }
        other => Err(format!("{other:?}: give `serve`, or `gate DIR [ACCESS LOG]`").into()),
    }
}

async fn serve() -> Result<(), Box<dyn Error>> {
    let port: u16 = std::env::var("PORT")?.parse()?;
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)));
    }
}

/// `/version`, `/pid`, `/health`, `/status/CODE`, `/slow/MS`, `/exit/CODE`; anything else says how long its body was.
async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let path = request.uri().path().to_owned();
    let steps: Vec<&str> = path.split('/').skip(1).collect();
    let number = |text: &str| text.parse::<u16>().unwrap_or(0);
    let mut status = StatusCode::OK;
    let body = match steps.as_slice() {
        ["version"] => std::env::var("TIDEGATE_VERSION").unwrap_or_default(),
        ["pid"] => std::process::id().to_string(),
        ["health"] => "well".to_owned(),
        ["status", code] => {
            status = StatusCode::from_u16(number(code)).unwrap_or(StatusCode::BAD_REQUEST);
            String::new()
        }
        ["slow", ms] => {
            tokio::time::sleep(Duration::from_millis(number(ms).into())).await;
            std::env::var("TIDEGATE_VERSION").unwrap_or_default()
        }
        ["exit", code] => std::process::exit(number(code).into()),
        _ => request.into_body().collect().await.map_or(0, |body| body.to_bytes().len()).to_string(),
    };
    let mut response = Response::new(Full::from(body));
    *response.status_mut() = status;
    Ok(response)
}
