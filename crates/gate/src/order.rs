//! An order that was checked: every value in range, every name usable as a file name, every arm among the versions.

use std::time::Duration;

use flags::bucket::{PPM, Ppm};
use hyper::header::{HeaderName, HeaderValue};

use crate::error::GateError;
use crate::wire::{DoorOrder, ServiceOrder, StickyRule, UpstreamOrder, WithdrawnByGate};

/// Longest name of a service or version. With the suffixes that the gate adds it stays a legal file name.
const LONGEST_NAME: usize = 100;
const MOST_VERSIONS: usize = 16;
/// All of them are looked at for every request.
const MOST_INSTANCES: u64 = 32;
const DAY_MS: u64 = 86_400_000;

/// A [`ServiceOrder`] that makes sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    wire: ServiceOrder,
    /// What is in force: what was asked for, unless the gate took users back by itself.
    share: Ppm,
    withdrawn: Option<WithdrawnByGate>,
}

impl Order {
    pub(crate) fn check(wire: ServiceOrder) -> Result<Self, GateError> {
        let share = check_share(&wire)?;
        check_versions(&wire)?;
        check_sticky(&wire.sticky)?;
        check_door(&wire.door)?;
        within("interval_ms", wire.interval_ms, 20, 3_600_000)?;
        within("upstream_timeout_ms", wire.upstream_timeout_ms, 1, DAY_MS)?;
        within("connect_timeout_ms", wire.connect_timeout_ms, 1, DAY_MS)?;
        if wire.salt.len() > 1_000 {
            return Err(wrong("salt", "longer than 1,000 bytes".to_owned()));
        }
        if let Some(limit) = wire.dead_man_ms {
            within("dead_man_ms", limit, 100, DAY_MS)?;
        }
        Ok(Order { wire, share, withdrawn: None })
    }

    /// The same order after the gate took users back by itself.
    pub(crate) fn withdrawn(&self, withdrawn: WithdrawnByGate) -> Self {
        Order { wire: self.wire.clone(), share: Ppm::NONE, withdrawn: Some(withdrawn) }
    }

    /// This order in the place of `before`. That the gate took users back by itself holds on until somebody who knows of it moves
    /// them again, or until the canary is another one.
    ///
    /// # Errors
    /// [`GateError::Withdrawn`] when it would move users without that knowledge.
    pub(crate) fn after(self, before: &Order) -> Result<Self, GateError> {
        let Some(withdrawn) = before.withdrawn.clone() else { return Ok(self) };
        let wire = &self.wire;
        let another = wire.salt != before.wire.salt
            || wire.stable == withdrawn.version
            || wire.canary.as_ref().is_some_and(|canary| *canary != withdrawn.version);
        let moves = self.share > Ppm::NONE;
        if another || (moves && wire.knows_withdrawn_ms == Some(withdrawn.at_ms)) {
            Ok(self)
        } else if moves {
            Err(GateError::Withdrawn { withdrawn })
        } else {
            Ok(Order { withdrawn: Some(withdrawn), ..self })
        }
    }

    pub(crate) fn withdrawn_by_gate(&self) -> Option<&WithdrawnByGate> {
        self.withdrawn.as_ref()
    }

    /// What orders are compared by.
    pub(crate) fn number(&self) -> (u64, u64) {
        (self.wire.fence, self.wire.generation)
    }

    pub(crate) fn wire(&self) -> &ServiceOrder {
        &self.wire
    }

    pub(crate) fn share(&self) -> Ppm {
        self.share
    }

    pub(crate) fn interval(&self) -> Duration {
        Duration::from_millis(self.wire.interval_ms)
    }
}

/// Names become directories and files, so nothing that a path could mean something by.
pub(crate) fn check_name(what: &'static str, name: &str) -> Result<(), GateError> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-+".contains(&byte);
    let starts_well = name.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric());
    if starts_well && name.len() <= LONGEST_NAME && name.bytes().all(allowed) {
        Ok(())
    } else {
        Err(GateError::Name { what, name: name.chars().take(LONGEST_NAME).collect() })
    }
}

fn check_share(wire: &ServiceOrder) -> Result<Ppm, GateError> {
    let share = Ppm::new(wire.share_ppm).map_err(|over| wrong("share_ppm", format!("{over}; give 0 to {PPM}")))?;
    if share > Ppm::NONE && wire.canary.is_none() {
        return Err(wrong(
            "share_ppm",
            format!("{} parts per million for a canary that is not named; name one or give 0", share.get()),
        ));
    }
    Ok(share)
}

fn check_versions(wire: &ServiceOrder) -> Result<(), GateError> {
    if wire.versions.len() > MOST_VERSIONS {
        return Err(wrong(
            "versions",
            format!("{} of them; at most {MOST_VERSIONS} are kept running", wire.versions.len()),
        ));
    }
    for (index, one) in wire.versions.iter().enumerate() {
        check_name("version", &one.version)?;
        if wire.versions[..index].iter().any(|earlier| earlier.version == one.version) {
            return Err(wrong(&format!("versions[{index}]"), format!("{:?} is listed twice", one.version)));
        }
        check_upstream(&format!("versions[{index}].upstream"), &one.upstream)?;
    }
    let listed = |version: &str| wire.versions.iter().any(|one| one.version == version);
    if !listed(&wire.stable) {
        return Err(wrong("stable", format!("{:?} is not among the versions", wire.stable)));
    }
    match &wire.canary {
        Some(canary) if *canary == wire.stable => {
            Err(wrong("canary", format!("{canary:?} is the stable version as well")))
        }
        Some(canary) if !listed(canary) => Err(wrong("canary", format!("{canary:?} is not among the versions"))),
        Some(_) | None => Ok(()),
    }
}

fn check_upstream(field: &str, upstream: &UpstreamOrder) -> Result<(), GateError> {
    match upstream {
        UpstreamOrder::Process(process) => {
            let field = format!("{field}.process");
            if process.command.trim().is_empty() {
                return Err(wrong(&format!("{field}.command"), "empty".to_owned()));
            }
            if process.command.contains('\0') || process.workdir.as_deref().is_some_and(|dir| dir.contains('\0')) {
                return Err(wrong(&field, "a NUL byte in `command` or `workdir`".to_owned()));
            }
            for (name, value) in &process.env {
                if name.is_empty() || name.contains(['=', '\0']) || value.contains('\0') {
                    return Err(wrong(
                        &format!("{field}.env"),
                        format!("{name:?} cannot be a variable, or its value holds a NUL byte"),
                    ));
                }
            }
            within(&format!("{field}.instances"), process.instances.into(), 1, MOST_INSTANCES)?;
            if process.instances > 1 && process.port != 0 {
                let reason =
                    format!("{} instances cannot share port {}; leave it out", process.instances, process.port);
                return Err(wrong(&format!("{field}.port"), reason));
            }
            within(&format!("{field}.health_interval_ms"), process.health_interval_ms, 10, 3_600_000)?;
            within(&format!("{field}.start_timeout_ms"), process.start_timeout_ms, 10, DAY_MS)?;
            within(&format!("{field}.stop_grace_ms"), process.stop_grace_ms, 0, 3_600_000)?;
            check_health_path(&field, process.health_path.as_deref())
        }
        UpstreamOrder::Address(server) => {
            within(&format!("{field}.addresses"), server.others.len() as u64 + 1, 1, MOST_INSTANCES)?;
            let addresses: Vec<_> = std::iter::once(&server.address).chain(&server.others).collect();
            if addresses.iter().any(|address| address.port() == 0) {
                return Err(wrong(&format!("{field}.address"), "port 0 is nobody's".to_owned()));
            }
            if let Some(twice) = addresses.iter().enumerate().find(|(at, one)| addresses[..*at].contains(one)) {
                return Err(wrong(&format!("{field}.addresses"), format!("{} is listed twice", twice.1)));
            }
            within(&format!("{field}.health_interval_ms"), server.health_interval_ms, 10, 3_600_000)?;
            check_health_path(field, server.health_path.as_deref())
        }
    }
}

fn check_health_path(field: &str, path: Option<&str>) -> Result<(), GateError> {
    match path {
        Some(path) if !path.starts_with('/') || path.parse::<hyper::http::uri::PathAndQuery>().is_err() => {
            Err(wrong(&format!("{field}.health_path"), format!("{path:?} is no path; it would start with '/'")))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_sticky(rules: &[StickyRule]) -> Result<(), GateError> {
    for (index, rule) in rules.iter().enumerate() {
        let field = format!("sticky[{index}]");
        match rule {
            StickyRule::Cookie(name) => {
                let token = !name.is_empty() && HeaderName::from_bytes(name.as_bytes()).is_ok();
                if !token || HeaderValue::from_str(name).is_err() {
                    return Err(wrong(&field, format!("{name:?} cannot be the name of a cookie")));
                }
            }
            StickyRule::Header(name) => {
                if HeaderName::from_bytes(name.as_bytes()).is_err() {
                    return Err(wrong(&field, format!("{name:?} cannot be the name of a header")));
                }
            }
            StickyRule::Address => {}
        }
    }
    Ok(())
}

fn check_door(door: &DoorOrder) -> Result<(), GateError> {
    within("door.most_connections", door.most_connections.into(), 1, 1_000_000)?;
    within("door.largest_head", door.largest_head.into(), 1_024, 1_048_576)?;
    let Some(tls) = &door.tls else { return Ok(()) };
    for (field, path) in [("door.tls.certificate", &tls.certificate), ("door.tls.key", &tls.key)] {
        // The gate outlives whoever starts it, and what is relative to is no part of an order.
        if !path.starts_with('/') || path.contains('\0') {
            return Err(wrong(field, format!("{path:?} is no absolute path")));
        }
    }
    Ok(())
}

fn within(field: &str, value: u64, least: u64, most: u64) -> Result<(), GateError> {
    if (least..=most).contains(&value) {
        Ok(())
    } else {
        Err(wrong(field, format!("{value} is not between {least} and {most}")))
    }
}

fn wrong(field: &str, reason: String) -> GateError {
    GateError::Order { field: field.to_owned(), reason }
}

#[cfg(test)]
mod tests {
    use super::check_name;

    #[test]
    fn names_cannot_mean_anything_to_a_path() {
        for good in ["shop", "1.0", "2026-11-23_rc1+build.7", "a"] {
            assert!(check_name("version", good).is_ok(), "{good}");
        }
        let long = "x".repeat(101);
        for bad in [
            "",
            ".",
            "..",
            "../etc",
            "a/b",
            "a\\b",
            ".hidden",
            "-rf",
            "a b",
            "a\0b",
            "a\nb",
            "é",
            "a%2fb",
            long.as_str(),
        ] {
            assert!(check_name("version", bad).is_err(), "{bad:?}");
        }
    }
}
