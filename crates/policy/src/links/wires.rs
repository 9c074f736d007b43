//! Target, lever and signals of a service must be able to work together, in every channel.

use super::Links;
use crate::definition::{Definitions, Service, SignalKind};
use crate::findings::Finding;
use crate::problem::Code;
use crate::wiring::{Lever, Target};
use std::net::SocketAddr;

impl Links<'_, '_, '_> {
    pub(super) fn wires(&mut self, definitions: &Definitions) {
        let mut taken: Vec<(SocketAddr, &str)> = Vec::new();
        for (name, service) in &definitions.services {
            let everywhere = format!("services.{name}");
            self.service(&everywhere, service, definitions);
            let mut used = vec![(everywhere.clone(), service.lever.clone())];
            for (channel, own) in &service.channels {
                let path = format!("{everywhere}.channels.{channel}");
                self.service(&path, &service.local_to(channel), definitions);
                used.extend(own.lever.clone().map(|lever| (path, lever)));
            }
            let mut mine = Vec::new();
            for (path, lever) in used {
                let Some(address) = address_of(&lever, definitions) else { continue };
                match taken.iter().find(|(other, _)| overlap(*other, address)) {
                    Some((_, other)) => self.shared_address(&path, name, other, address),
                    None => mine.push((address, name.as_str())),
                }
            }
            taken.extend(mine);
        }
    }

    fn service(&mut self, path: &str, service: &Service, definitions: &Definitions) {
        let lever = definitions.levers.get(&service.lever);
        match (definitions.targets.get(&service.target), lever) {
            (Some(Target::Process(_)), Some(Lever::Command(_))) => {
                let why = format!(
                    "the target `{}` runs processes, the lever `{}` runs commands",
                    service.target, service.lever
                );
                let finding = Finding::new(Code::Mismatch, "this lever cannot move users between these processes", why)
                    .hint("a `process` target needs a `gate` lever: the gate knows on which port each version listens");
                self.tell(&format!("{path}.lever"), finding);
            }
            (Some(Target::Command(_)), Some(Lever::Gate(_))) => {
                let why =
                    format!("the target `{}` runs commands, the lever `{}` is a gate", service.target, service.lever);
                let finding = Finding::new(Code::Mismatch, "this lever does not know where the versions are", why)
                    .hint("a `command` target needs a `command` lever; a `gate` needs a `process` target");
                self.tell(&format!("{path}.lever"), finding);
            }
            (Some(Target::Process(_) | Target::Command(_)), Some(Lever::Flag(_)))
            | (Some(Target::Running {}), Some(Lever::Gate(_) | Lever::Command(_))) => {
                let why = format!(
                    "the target is `{}`, the lever is `{}`: a flag chooses between code that runs already, and nothing else does",
                    service.target, service.lever
                );
                let finding = Finding::new(Code::Mismatch, "this lever cannot move users of this target", why)
                    .hint("a `flag` lever needs a `running` target, and the other way round");
                self.tell(&format!("{path}.lever"), finding);
            }
            (Some(Target::Process(_)), Some(Lever::Gate(_)))
            | (Some(Target::Command(_)), Some(Lever::Command(_)))
            | (Some(Target::Running {}), Some(Lever::Flag(_)))
            | (None, _)
            | (_, None) => {}
        }
        for (i, name) in service.signals.iter().flatten().enumerate() {
            let gate = matches!(definitions.signals.get(name), Some(SignalKind::Gate {}));
            if gate && matches!(lever, Some(Lever::Command(_) | Lever::Flag(_))) {
                let why =
                    format!("the signal `{name}` is the gate's counts, the lever `{}` is not a gate", service.lever);
                let finding = Finding::new(Code::Mismatch, "this signal has nothing to count", why)
                    .hint("use a `prometheus` or a `push` signal, or a `gate` lever with a `process` target");
                self.tell(&format!("{path}.signals[{i}]"), finding);
            }
        }
        self.one_counts(path, service, definitions);
        if let Some(probe) = &service.probe {
            self.probe(&format!("{path}.probe"), probe.every, probe.timeout);
        }
    }

    fn shared_address(&mut self, path: &str, name: &str, other: &str, address: SocketAddr) {
        let why = format!("`{name}` and `{other}` would both listen on {address}");
        let finding = Finding::new(Code::SharedAddress, "two services cannot listen on one address", why)
            .hint("define a second `gate` lever with another port");
        self.tell(&format!("{path}.lever"), finding);
    }
}

fn address_of(lever: &str, definitions: &Definitions) -> Option<SocketAddr> {
    match definitions.levers.get(lever)? {
        Lever::Gate(gate) => gate.listen.parse().ok().filter(|address: &SocketAddr| address.port() != 0),
        Lever::Command(_) | Lever::Flag(_) => None,
    }
}

/// Whether both cannot be listened on: `0.0.0.0` is every address of the machine.
fn overlap(a: SocketAddr, b: SocketAddr) -> bool {
    a.port() == b.port() && (a.ip() == b.ip() || a.ip().is_unspecified() || b.ip().is_unspecified())
}
