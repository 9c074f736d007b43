//! flagd's protocols beside the API, where they are asked for.

use super::{Args, listen};
use crate::failure::Failure;
use flagd::{Protocol, Published};
use server::{App, FlagdPort};
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;

/// Where flagd's protocols are served.
pub(super) struct Listeners(Vec<(Protocol, TcpListener)>);

impl Listeners {
    pub(super) async fn bind(args: &Args) -> Result<Self, Failure> {
        let mut listeners = Vec::new();
        for (protocol, address) in [(Protocol::Sync, &args.flagd_sync), (Protocol::Evaluation, &args.flagd_evaluation)]
        {
            if let Some(address) = address {
                listeners.push((protocol, listen::bind(address, args.allow_remote).await?));
            }
        }
        Ok(Self(listeners))
    }
}

/// Servers that run until they are told to stop.
pub(super) struct Running(watch::Sender<bool>);

impl Running {
    pub(super) fn stop(&self) {
        self.0.send_replace(true);
    }
}

/// Serves what was bound. Clients that come before flags are known wait: an empty answer would be a wrong one.
pub(super) async fn begin(app: &App, listeners: Listeners) -> Running {
    let stop = watch::Sender::new(false);
    if !listeners.0.is_empty() {
        let (app, stop) = (app.clone(), stop.clone());
        tokio::spawn(async move {
            app.flags().known().await;
            let published: Arc<dyn Published> = Arc::new(FlagdPort::new(&app));
            for (protocol, listener) in listeners.0 {
                let (published, mut stopping) = (Arc::clone(&published), stop.subscribe());
                tokio::spawn(async move {
                    let stopped = async {
                        // A sender that is gone means the same as one that spoke.
                        let _ = stopping.wait_for(|stop| *stop).await;
                    };
                    if let Err(error) = flagd::serve(protocol, listener, published, stopped).await {
                        tracing::error!(code = "TG-7024", %error, ?protocol, "flagd's protocol is not served any more");
                    }
                });
            }
        });
    }
    Running(stop)
}
