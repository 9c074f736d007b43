//! A Prometheus of one test's own.

use super::apps::App;
use crate::house::{Scratch, eventually};
use std::net::TcpListener;
use std::process::Stdio;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

pub(super) struct Server {
    pub(super) scratch: Scratch,
    pub(super) address: String,
    process: Option<Child>,
}

impl Server {
    /// Scrapes these applications every second.
    pub(super) async fn scraping(apps: &[&App]) -> Self {
        let addresses: Vec<_> = apps.iter().map(|app| app.address.as_str()).collect();
        Self::scraping_at(&addresses).await
    }

    /// Scrapes these addresses every second.
    pub(super) async fn scraping_at(addresses: &[&str]) -> Self {
        let scratch = Scratch::new();
        let targets: Vec<_> = addresses.iter().map(|address| format!("\"{address}\"")).collect();
        scratch.write(
            "prometheus.yml",
            &format!(
                "global: {{scrape_interval: 1s, scrape_timeout: 900ms}}\nscrape_configs: [{{job_name: shop, static_configs: [{{targets: [{}]}}]}}]\n",
                targets.join(", ")
            ),
        );
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let mut server = Self { scratch, address: format!("127.0.0.1:{port}"), process: None };
        server.start().await;
        server
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Starts it, with what it stored before.
    pub(super) async fn start(&mut self) {
        let folder = self.scratch.path();
        let log = std::fs::File::options().create(true).append(true).open(folder.join("prometheus.log")).unwrap();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", folder.join("prometheus.yml").display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address={}", self.address))
            .arg("--storage.tsdb.retention.time=1h")
            .arg("--enable-feature=native-histograms")
            .env("GOMAXPROCS", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        let process = process.unwrap_or_else(|error| {
            panic!("these tests run a Prometheus of their own, and `prometheus` cannot be started: {error}; run tools/setup as root, or `apt-get install prometheus`")
        });
        self.process = Some(process);
        let address = self.address.clone();
        eventually("Prometheus is ready", async || ready(&address).await).await;
    }

    /// Kills it.
    pub(super) async fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().await.unwrap();
        }
    }
}

async fn ready(address: &str) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else { return false };
    let request = "GET /-/ready HTTP/1.1\r\nhost: p\r\nconnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).await.is_ok()
        && stream.read_to_string(&mut answer).await.is_ok()
        && answer.starts_with("HTTP/1.1 200")
}
