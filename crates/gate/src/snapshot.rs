//! The orders in force, on disk, so that a gate that comes back alone serves what it served.
//!
//! One line that says what follows, with a checksum, then JSON. A torn or altered file is found, moved aside and reported; it is
//! never half believed.

use std::collections::BTreeMap;
use std::fs;
use std::io;

use serde::{Deserialize, Serialize};

use crate::error::GateError;
use crate::home::{Durable, Home};
use crate::order::{Order, check_name};
use crate::wire::{ServiceOrder, WithdrawnByGate};

const FILE: &str = "snapshot.json";
const HEADING: &str = "tidegate gate snapshot 1";

/// What is kept.
#[derive(Debug, Default)]
pub(crate) struct Snapshot {
    pub(crate) services: BTreeMap<String, Order>,
    /// `(fence, generation)` of services that were removed: an order from before the removal must not bring one back.
    pub(crate) removed: BTreeMap<String, (u64, u64)>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    services: BTreeMap<String, ServiceOrder>,
    removed: BTreeMap<String, (u64, u64)>,
    /// Services whose users the gate took back by itself.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    withdrawn: BTreeMap<String, WithdrawnByGate>,
}

pub(crate) fn save(home: &Home, snapshot: Snapshot) -> Result<(), GateError> {
    let failed = |cause| GateError::SnapshotNotSaved { path: home.file(FILE), cause };
    let text = written(snapshot).map_err(|error| failed(io::Error::other(error)))?;
    home.replace(FILE, text.as_bytes(), Durable::Yes).map_err(failed)
}

/// The text of the file.
pub(crate) fn written(snapshot: Snapshot) -> Result<String, serde_json::Error> {
    let withdrawn = snapshot.services.iter();
    let withdrawn =
        withdrawn.filter_map(|(name, order)| Some((name.clone(), order.withdrawn_by_gate()?.clone()))).collect();
    let services = snapshot.services.into_iter().map(|(name, order)| (name, order.wire().clone())).collect();
    let written = Written { services, removed: snapshot.removed, withdrawn };
    Ok(sealed(&serde_json::to_string_pretty(&written)?))
}

/// JSON under its heading.
pub(crate) fn sealed(json: &str) -> String {
    format!("{HEADING} {:08x}\n{json}\n", checksum(json))
}

/// The snapshot, or an empty one if there is none.
///
/// # Errors
/// [`GateError::SnapshotDamaged`] when there is one that cannot be believed. It is out of the way then.
pub(crate) fn load(home: &Home) -> Result<Snapshot, GateError> {
    let path = home.file(FILE);
    let read = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Snapshot::default()),
        Err(error) => Err(error.to_string()),
        Ok(text) => parse(&text),
    };
    read.map_err(|reason| {
        let aside = home.file("snapshot.damaged");
        GateError::SnapshotDamaged { reason, aside: fs::rename(&path, &aside).map(|()| aside) }
    })
}

pub(crate) fn parse(text: &str) -> Result<Snapshot, String> {
    let (heading, json) = text.split_once('\n').ok_or("it ends in its first line")?;
    let sum = heading.strip_prefix(HEADING).ok_or_else(|| format!("it does not begin with {HEADING:?}"))?;
    let json = json.strip_suffix('\n').ok_or("its last line is torn")?;
    if u32::from_str_radix(sum.trim(), 16) != Ok(checksum(json)) {
        return Err("its checksum does not fit its content".to_owned());
    }
    let written: Written = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let mut services = BTreeMap::new();
    for (name, order) in written.services {
        check_name("service", &name).map_err(|error| error.to_string())?;
        let order = Order::check(order).map_err(|error| format!("service {name:?}: {error}"))?;
        let withdrawn = written.withdrawn.get(&name).map(|withdrawn| order.withdrawn(withdrawn.clone()));
        services.insert(name, withdrawn.unwrap_or(order));
    }
    Ok(Snapshot { services, removed: written.removed })
}

/// Finds accidents, not forgers: who can write here can run anything anyway.
fn checksum(json: &str) -> u32 {
    flags::bucket::hash(&[json])
}
