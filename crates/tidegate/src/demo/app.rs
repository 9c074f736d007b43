//! The application that the demo releases: a small HTTP server in as many versions as are asked for, one of which has a
//! fault. Hidden from the help; the gate starts it as it would start any other program.

mod alarm_clock;
mod behaviour;
mod metrics;

use super::fault::Fault;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::runtime;
use alarm_clock::AlarmClock;
use behaviour::{Behaviour, Reply};
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use metrics::Metrics;
use serde_json::json;
use std::convert::Infallible;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The version that has the fault
    #[arg(long, default_value = "")]
    faulty: String,
    /// What is wrong with it
    #[arg(long, value_enum, default_value_t = Fault::None)]
    fault: Fault,
    /// While this file exists, what every version depends on is down
    #[arg(long, value_name = "FILE")]
    down_while: Option<PathBuf>,
    /// How many milliseconds a drifting version needs until it is twice as slow
    #[arg(long, value_name = "MS", default_value_t = 20_000)]
    drift: u64,
    /// The port; PORT is used without it
    #[arg(long, env = "PORT")]
    port: u16,
    /// The version; TIDEGATE_VERSION is used without it
    #[arg(long, env = "TIDEGATE_VERSION", default_value = "0")]
    version: String,
}

pub(crate) fn run(args: &Args) -> Result<Exit, Failure> {
    let fault = if args.version == args.faulty { args.fault } else { Fault::None };
    let behaviour = Behaviour::new(&args.version, fault, Duration::from_millis(args.drift), args.down_while.clone());
    let app = Arc::new(App {
        version: args.version.clone(),
        behaviour: Mutex::new(behaviour),
        metrics: Mutex::new(Metrics::new(&args.version)),
        clock: AlarmClock::start().map_err(|error| cannot_listen(args.port, &error))?,
    });
    runtime::here(serve(args.port, app))
}

struct App {
    version: String,
    behaviour: Mutex<Behaviour>,
    metrics: Mutex<Metrics>,
    clock: AlarmClock,
}

async fn serve(port: u16, app: Arc<App>) -> Result<Exit, Failure> {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.map_err(|error| cannot_listen(port, &error))?;
    loop {
        // A connection that could not be taken is its client's affair; the next one may be fine.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _slower = stream.set_nodelay(true);
        let app = Arc::clone(&app);
        tokio::spawn(async move {
            let answer = service_fn(|request| answer(Arc::clone(&app), request));
            // What a connection dies of is its client's affair as well.
            let _gone = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
        });
    }
}

async fn answer(app: Arc<App>, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    if request.uri().path() == "/healthz" {
        return Ok(say(StatusCode::OK, &json!({ "version": app.version, "well": true })));
    }
    if request.uri().path() == "/metrics" {
        let page = app.metrics.lock().unwrap_or_else(PoisonError::into_inner).page();
        return Ok(body(StatusCode::OK, "text/plain; version=0.0.4", page));
    }
    let reply = app.behaviour.lock().unwrap_or_else(PoisonError::into_inner).reply();
    let (status, after) = match reply {
        Reply::Answer(after) => (StatusCode::OK, after),
        Reply::Fail(status, after) => (status, after),
        // As a process ends that met what it cannot survive.
        Reply::Die => std::process::exit(70),
    };
    app.clock.sleep(after).await;
    app.metrics.lock().unwrap_or_else(PoisonError::into_inner).count(status, after);
    let text = if status.is_success() { "Welcome to the shop" } else { "something went wrong" };
    Ok(say(status, &json!({ "version": app.version, "message": text })))
}

fn say(status: StatusCode, said: &serde_json::Value) -> Response<Full<Bytes>> {
    body(status, "application/json", said.to_string())
}

fn body(status: StatusCode, kind: &'static str, text: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    response
}

fn cannot_listen(port: u16, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, "TG-7030", format!("the demo's application cannot listen on port {port}"))
        .because(error.to_string())
        .hint("the gate will start it again on another port")
}
