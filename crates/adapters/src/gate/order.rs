//! What control wants of a service, in the gate's words. The only place where a [`ServiceOrder`] is made.

use super::held::Held;
use crate::failure::lasting;
use ::gate::wire::{
    DoorOrder, ProcessOrder, ServiceOrder, StickyRule, TlsOrder, UpstreamOrder, UpstreamProtocol, VersionOrder,
};
use control::ports::{Installed, Order, PortResult, Turn};
use engine::{Millis, Share, Timestamp};
use policy::{GateLever, Lever, Port, Protocol, StickyBy, Target, Wiring};
use std::net::SocketAddr;

/// The name under which the gate knows the service. Channels other than production are services of their own there.
/// Services and channels have no dots in their names, so that two of them never share one.
pub(crate) fn key(wiring: &Wiring) -> String {
    if wiring.channel == "production" {
        wiring.service.clone()
    } else {
        format!("{}.{}", wiring.service, wiring.channel)
    }
}

/// Which version stands where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cast<'a> {
    pub(super) stable: &'a Installed,
    /// With the share of users that it has.
    pub(super) canary: Option<(&'a Installed, Share)>,
}

impl<'a> Cast<'a> {
    /// Both versions run; `share` of the users are on the new one. The first version of a service is on its own: there is nobody
    /// else to be stable.
    pub(super) fn beside(order: &'a Order, share: Share) -> Self {
        match &order.stable {
            Some(stable) => Self { stable, canary: Some((&order.canary, share)) },
            None => Self::alone(&order.canary),
        }
    }

    /// One version serves everybody, and no other runs.
    pub(super) fn alone(stable: &'a Installed) -> Self {
        Self { stable, canary: None }
    }
}

/// What holds for an order whoever stands where.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame<'a> {
    pub(super) wiring: &'a Wiring,
    pub(super) turn: Turn,
    pub(super) interval: Millis,
    /// Another one moves other users first.
    pub(super) salt: &'a str,
    /// When the gate took users back by itself, as far as control knows.
    pub(super) taken_back: Option<Timestamp>,
}

/// The gate's order for `cast`.
///
/// # Errors
/// A wiring that the gate cannot follow (`TG-5010`, `TG-5011`), or an environment that is not there (`TG-5012`).
pub(super) async fn service_order(held: &Held, frame: Frame<'_>, cast: Cast<'_>) -> PortResult<ServiceOrder> {
    let Frame { wiring, turn, interval, salt, taken_back } = frame;
    let lever = gate_lever(wiring)?;
    let mut versions = vec![version(held, wiring, cast.stable).await?];
    if let Some((canary, _)) = cast.canary {
        versions.push(version(held, wiring, canary).await?);
    }
    Ok(ServiceOrder {
        fence: turn.fence,
        generation: turn.count,
        listen: listen(lever)?,
        sticky: lever.sticky.iter().map(sticky).collect(),
        salt: salt.to_owned(),
        share_ppm: cast.canary.map_or(0, |(_, share)| share.ppm()),
        interval_ms: interval.0,
        stable: cast.stable.version.clone(),
        canary: cast.canary.map(|(canary, _)| canary.version.clone()),
        versions,
        upstream_timeout_ms: lever.upstream_timeout.0,
        connect_timeout_ms: lever.connect_timeout.0,
        expose_arm: lever.expose_arm,
        dead_man_ms: lever.dead_man.map(|limit| limit.0),
        knows_withdrawn_ms: taken_back.map(|at| at.0),
        door: door(lever),
    })
}

async fn version(held: &Held, wiring: &Wiring, installed: &Installed) -> PortResult<VersionOrder> {
    let target = match &installed.target {
        Target::Process(target) => target,
        Target::Command(_) | Target::Running {} => {
            return Err(lasting(
                "TG-5010",
                format!(
                    "{} of {} was not brought up by the gate; the gate cannot run it",
                    installed.version, wiring.service
                ),
                "keep a command lever for this release, or give the service a new name under the gate",
            ));
        }
    };
    let key = key(wiring);
    let mut env = held.environment(&key, &installed.version, &target.env).await?;
    // The gate knows the service by its key; the application is told the names of the policy.
    for (name, value) in [("TIDEGATE_SERVICE", &wiring.service), ("TIDEGATE_CHANNEL", &wiring.channel)] {
        env.entry(name.to_owned()).or_insert_with(|| value.clone());
    }
    Ok(VersionOrder {
        version: installed.version.clone(),
        upstream: UpstreamOrder::Process(ProcessOrder {
            command: target.command.clone(),
            port: match target.port {
                Port::Auto => 0,
            },
            instances: target.instances,
            health_path: target.health.clone(),
            health_interval_ms: target.health_every.0,
            start_timeout_ms: target.start_within.0,
            env,
            workdir: Some(target.workdir.clone()),
            stop_grace_ms: target.stop_grace.0,
        }),
        protocol: match target.protocol {
            Protocol::Http1 => UpstreamProtocol::Http1,
            Protocol::H2c => UpstreamProtocol::H2c,
        },
    })
}

fn gate_lever(wiring: &Wiring) -> PortResult<&GateLever> {
    match &wiring.lever {
        Lever::Gate(lever) => Ok(lever),
        Lever::Command(_) | Lever::Flag(_) => Err(lasting(
            "TG-5010",
            format!("users of {} are not moved by the gate", wiring.service),
            "give the service a gate lever, or a command target",
        )),
    }
}

fn door(lever: &GateLever) -> DoorOrder {
    DoorOrder {
        request_id: lever.request_id,
        trace_context: lever.trace_context,
        allow_forced_arm: lever.allow_forced_arm,
        tls: lever.tls.as_ref().map(|tls| TlsOrder { certificate: tls.certificate.clone(), key: tls.key.clone() }),
        most_connections: lever.most_connections,
        ..DoorOrder::default()
    }
}

fn listen(lever: &GateLever) -> PortResult<SocketAddr> {
    lever.listen.parse().map_err(|_| {
        lasting(
            "TG-5011",
            format!("the gate cannot listen on {:?}", lever.listen),
            "write an IP address and a port in the lever, such as 127.0.0.1:8080",
        )
    })
}

fn sticky(by: &StickyBy) -> StickyRule {
    match by {
        StickyBy::Cookie(name) => StickyRule::Cookie(name.clone()),
        StickyBy::Header(name) => StickyRule::Header(name.clone()),
        StickyBy::Address => StickyRule::Address,
    }
}
