//! Orders as control gives them.

use crate::house::Scratch;
use control::ports::{Installed, Order, Turn};
use engine::Millis;
use policy::{
    CommandLever, CommandTarget, EnvValue, GateLever, Lever, Port, ProcessTarget, Signal, StickyBy, Target, Wiring,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A service of local processes behind the gate, on a port that the system chooses.
pub(crate) fn process_wiring(scratch: &Scratch) -> Wiring {
    Wiring {
        service: "shop".into(),
        channel: "production".into(),
        target: Target::Process(process(scratch)),
        lever: Lever::Gate(GateLever {
            listen: "127.0.0.1:0".into(),
            sticky: vec![StickyBy::Header("x-user".into())],
            upstream_timeout: Millis::seconds(5),
            connect_timeout: Millis::seconds(1),
            dead_man: None,
            expose_arm: true,
            request_id: true,
            trace_context: false,
            allow_forced_arm: false,
            tls: None,
            most_connections: 100,
        }),
        signals: vec![Signal::Gate],
        probe: None,
        hooks: Vec::new(),
        live: None,
    }
}

pub(crate) fn process(scratch: &Scratch) -> ProcessTarget {
    ProcessTarget {
        command: "exec python3 -S -E server.py".into(),
        health: Some("/healthz".into()),
        port: Port::Auto,
        instances: 1,
        env: BTreeMap::new(),
        workdir: scratch.path().display().to_string(),
        start_within: Millis::seconds(30),
        stop_grace: Millis::seconds(2),
        health_every: Millis(50),
        protocol: policy::Protocol::Http1,
    }
}

/// A service that commands deploy and move; every command notes its name and a variable in the file `log`.
pub(crate) fn command_wiring(scratch: &Scratch) -> Wiring {
    let workdir = scratch.path().display().to_string();
    let noted = |what: &str| format!("echo {what} $TIDEGATE_VERSION $TIDEGATE_SHARE_PERCENT >> log");
    Wiring {
        target: Target::Command(CommandTarget {
            deploy: noted("deploy"),
            ready: None,
            promote: noted("promote"),
            withdraw: noted("withdraw"),
            timeout: Millis::seconds(10),
            env: BTreeMap::new(),
            workdir: workdir.clone(),
        }),
        lever: Lever::Command(CommandLever {
            shift: format!("{}; echo $TIDEGATE_SHARE_PERCENT > share", noted("shift")),
            observe: "cat share".into(),
            timeout: Millis::seconds(10),
            env: BTreeMap::new(),
            workdir,
        }),
        signals: Vec::new(),
        ..process_wiring(scratch)
    }
}

pub(crate) fn installed(wiring: &Wiring, version: &str) -> Arc<Installed> {
    let target = wiring.target.clone();
    Arc::new(Installed { version: version.into(), artifact: format!("sha256:{version}"), target })
}

/// The next order of a release from `stable` to `canary`.
pub(crate) fn order(wiring: &Wiring, stable: Option<&str>, canary: &str) -> Order {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    Order {
        release: format!("release of {canary}"),
        wiring: Arc::new(wiring.clone()),
        stable: stable.map(|version| installed(wiring, version)),
        canary: installed(wiring, canary),
        taken_back: None,
        turn: Turn { fence: 7, count: NEXT.fetch_add(1, Ordering::Relaxed) },
        interval: Millis(100),
    }
}

pub(crate) fn env(name: &str, value: EnvValue) -> BTreeMap<String, EnvValue> {
    BTreeMap::from([(name.to_owned(), value)])
}
