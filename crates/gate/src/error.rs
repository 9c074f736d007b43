//! Everything that can go wrong with the gate itself or with what it is told, each with its stable code and a next step.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use crate::wire::{Problem, WithdrawnByGate};

/// Why the gate cannot start, or why it refuses an order.
#[derive(Debug)]
pub enum GateError {
    /// `TG-4001`: the gate's directory cannot be used.
    Directory {
        /// The path that failed.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4002`: another gate runs in this directory.
    AnotherGate {
        /// The directory that is taken.
        dir: PathBuf,
    },
    /// `TG-4003`: the admin socket cannot be made.
    Socket {
        /// The socket's path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4004`: a thread or its event loop cannot be started, or ended.
    Threads {
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4005`: the snapshot on disk cannot be understood; it was moved aside.
    SnapshotDamaged {
        /// What is wrong with it.
        reason: String,
        /// Where it is now, or why it could not be moved.
        aside: Result<PathBuf, io::Error>,
    },
    /// `TG-4006`: the snapshot cannot be written.
    SnapshotNotSaved {
        /// The snapshot's path.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4007`: the address for metrics cannot be used.
    MetricsAddress {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4008`: the access log cannot be written.
    AccessLog {
        /// Where it was to be.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4010`: the body of a call is not what the call takes.
    Body {
        /// What is wrong and where.
        reason: String,
    },
    /// `TG-4011`: a name that cannot be one.
    Name {
        /// What the name is for.
        what: &'static str,
        /// The name as it came.
        name: String,
    },
    /// `TG-4012`: a value in an order that makes no sense.
    Order {
        /// Where in the order.
        field: String,
        /// What was found and what would be right.
        reason: String,
    },
    /// `TG-4013`: an order older than the one in force.
    StaleOrder {
        /// `(fence, generation)` of the refused order.
        got: (u64, u64),
        /// `(fence, generation)` of the order in force.
        in_force: (u64, u64),
    },
    /// `TG-4014`: another order with the number of the one in force.
    ConflictingOrder {
        /// `(fence, generation)` of both orders.
        number: (u64, u64),
    },
    /// `TG-4015`: the gate cannot listen where it is told to.
    Listen {
        /// The address that was asked for.
        address: SocketAddr,
        /// What the system said.
        cause: io::Error,
    },
    /// `TG-4016`: no such service.
    NoSuchService {
        /// The name that was asked for.
        name: String,
    },
    /// `TG-4017`: no such call.
    NoSuchCall {
        /// Method and path that were asked for.
        call: String,
    },
    /// `TG-4018`: a body larger than any order.
    TooLarge {
        /// The most that is read, in bytes.
        limit: usize,
    },
    /// `TG-4019`: the gate is stopping.
    Stopping,
    /// `TG-4020`: the versions of a service that was restored are still starting.
    VersionsStarting,
    /// `TG-4022`: the gate cannot make way for another program.
    NotUpgraded {
        /// Why.
        reason: String,
    },
    /// `TG-4021`: users were taken back by the gate, and the order does not know of it.
    Withdrawn {
        /// When and after what silence.
        withdrawn: WithdrawnByGate,
    },
    /// `TG-4023`: a certificate or its key cannot be used.
    Certificate {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// What a code means, whatever the particulars.
struct Meaning {
    code: &'static str,
    status: u16,
    title: &'static str,
    hint: String,
}

impl GateError {
    /// The stable code, explained in `docs/errors/`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.meaning().code
    }

    /// What to do next.
    #[must_use]
    pub fn hint(&self) -> String {
        self.meaning().hint
    }

    /// The error as it goes over the wire.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let Meaning { code, status, title, hint } = self.meaning();
        Problem {
            kind: format!("urn:tidegate:error:{code}"),
            title: title.to_owned(),
            status,
            code: code.to_owned(),
            detail: self.to_string(),
            hint,
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table with a row for each code, which reads best in one piece")]
    fn meaning(&self) -> Meaning {
        let (code, status, title, hint) = match self {
            GateError::Directory { .. } => (
                "TG-4001",
                500,
                "the gate's directory cannot be used",
                "give a directory that this user may create and write, with --dir".to_owned(),
            ),
            GateError::AnotherGate { dir } => (
                "TG-4002",
                409,
                "another gate runs in this directory",
                format!(
                    "use the running gate through {}/{}, stop it, or give another --dir",
                    dir.display(),
                    crate::wire::SOCKET
                ),
            ),
            GateError::Socket { .. } => (
                "TG-4003",
                500,
                "the admin socket cannot be made",
                "give a --dir on a local file system whose path is shorter than 90 bytes".to_owned(),
            ),
            GateError::Threads { .. } => (
                "TG-4004",
                500,
                "a thread of the gate failed",
                "raise the limits of processes and open files, or lower --workers".to_owned(),
            ),
            GateError::SnapshotDamaged { .. } => (
                "TG-4005",
                500,
                "the snapshot on disk cannot be understood",
                "nothing, if a control plane is running: it sends its orders again; otherwise send them by hand"
                    .to_owned(),
            ),
            GateError::SnapshotNotSaved { .. } => (
                "TG-4006",
                500,
                "the snapshot cannot be written",
                "free space or repair the file system; the order is in force and the gate keeps trying to save it"
                    .to_owned(),
            ),
            GateError::MetricsAddress { address, .. } => (
                "TG-4007",
                500,
                "the address for metrics cannot be used",
                format!(
                    "find who listens there (`ss -ltnp 'sport = :{}'`), or give another address for metrics",
                    address.port()
                ),
            ),
            GateError::AccessLog { .. } => (
                "TG-4008",
                500,
                "the access log cannot be written",
                "name a file in a directory that this user may write, with --access-log, or leave it out".to_owned(),
            ),
            GateError::Body { .. } => (
                "TG-4010",
                400,
                "the body is not what this call takes",
                "compare it with the order in the guide to the gate".to_owned(),
            ),
            GateError::Name { .. } => (
                "TG-4011",
                422,
                "a name that cannot be one",
                "use 1 to 100 letters, digits, '.', '_', '-' or '+', the first one a letter or a digit".to_owned(),
            ),
            GateError::Order { field, .. } => {
                ("TG-4012", 422, "a value that makes no sense", format!("correct `{field}` and send the order again"))
            }
            GateError::StaleOrder { in_force, .. } => (
                "TG-4013",
                409,
                "an order older than the one in force",
                format!(
                    "read the service's status and give an order above fence {}, generation {}",
                    in_force.0, in_force.1
                ),
            ),
            GateError::ConflictingOrder { number } => (
                "TG-4014",
                409,
                "another order with the same number",
                format!("give the changed order a generation above {}", number.1),
            ),
            GateError::Listen { address, cause } => {
                ("TG-4015", 409, "the gate cannot listen there", listen_hint(*address, cause))
            }
            GateError::NoSuchService { .. } => {
                ("TG-4016", 404, "no such service", "list the services with GET /v1/status".to_owned())
            }
            GateError::NoSuchCall { .. } => {
                ("TG-4017", 404, "no such call", "see the table of calls in the guide to the gate".to_owned())
            }
            GateError::TooLarge { .. } => {
                ("TG-4018", 413, "a body larger than any order", "send one service's order at a time".to_owned())
            }
            GateError::Stopping => {
                ("TG-4019", 503, "the gate is stopping", "start it again and send the order to the new one".to_owned())
            }
            GateError::VersionsStarting => (
                "TG-4020",
                503,
                "the versions of a restored service are still starting",
                "wait a moment; who connects now is served as soon as they have answered".to_owned(),
            ),
            GateError::NotUpgraded { .. } => (
                "TG-4022",
                409,
                "the gate cannot make way for another program",
                "correct what the detail names; the gate goes on as it is".to_owned(),
            ),
            GateError::Withdrawn { withdrawn } => (
                "TG-4021",
                409,
                "the gate took users back by itself",
                format!(
                    "look at the canary; to move users to it again, give the order with `knows_withdrawn_ms` {}",
                    withdrawn.at_ms
                ),
            ),
            GateError::Certificate { .. } => (
                "TG-4023",
                422,
                "a certificate that cannot be used",
                "put PEM files there that belong together and that this user may read; a certificate that was good before stays in use"
                    .to_owned(),
            ),
        };
        Meaning { code, status, title, hint }
    }
}

fn listen_hint(address: SocketAddr, cause: &io::Error) -> String {
    let port = address.port();
    match cause.kind() {
        io::ErrorKind::AddrInUse => {
            format!(
                "find who listens there (`ss -ltnp 'sport = :{port}'`) and stop it, or give another port; what was in force before still serves"
            )
        }
        io::ErrorKind::PermissionDenied => {
            format!(
                "use a port above 1023, or allow this program to use port {port}; what was in force before still serves"
            )
        }
        _ => "give an address of this machine; what was in force before still serves".to_owned(),
    }
}

impl fmt::Display for GateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            GateError::Directory { path, cause } => write!(f, "{}: {cause}", path.display()),
            GateError::AnotherGate { dir } => write!(f, "{} is locked by a gate that runs", dir.display()),
            GateError::Socket { path, cause } => write!(f, "{}: {cause}", path.display()),
            GateError::Threads { cause } => write!(f, "a thread or its event loop: {cause}"),
            GateError::SnapshotDamaged { reason, aside: Ok(path) } => {
                write!(f, "{reason}; it was moved to {}", path.display())
            }
            GateError::SnapshotDamaged { reason, aside: Err(cause) } => {
                write!(f, "{reason}; it could not be moved aside: {cause}")
            }
            GateError::AccessLog { path, cause } | GateError::SnapshotNotSaved { path, cause } => {
                write!(f, "{}: {cause}", path.display())
            }
            GateError::MetricsAddress { address, cause } | GateError::Listen { address, cause } => {
                write!(f, "{address}: {cause}")
            }
            GateError::Body { reason } | GateError::NotUpgraded { reason } => f.write_str(reason),
            GateError::Certificate { path, reason } => write!(f, "{}: {reason}", path.display()),
            GateError::Name { what, name } => write!(f, "{name:?} cannot be the name of a {what}"),
            GateError::Order { field, reason } => write!(f, "{field}: {reason}"),
            GateError::StaleOrder { got, in_force } => write!(
                f,
                "fence {}, generation {} came after fence {}, generation {} was in force",
                got.0, got.1, in_force.0, in_force.1
            ),
            GateError::ConflictingOrder { number } => {
                write!(f, "fence {}, generation {} is in force with another content", number.0, number.1)
            }
            GateError::NoSuchService { name } => write!(f, "the gate serves no {name:?}"),
            GateError::NoSuchCall { call } => write!(f, "{call} is no call of the gate"),
            GateError::TooLarge { limit } => write!(f, "more than {limit} bytes"),
            GateError::Stopping => f.write_str("it takes no more orders"),
            GateError::VersionsStarting => {
                f.write_str("its address is held; connections wait until both arms have answered")
            }
            GateError::Withdrawn { withdrawn: WithdrawnByGate { version, at_ms, after_ms } } => {
                write!(f, "nobody is on {version} since {at_ms}: there had been no word from control for {after_ms} ms")
            }
        }
    }
}

impl std::error::Error for GateError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            GateError::Directory { cause, .. }
            | GateError::Socket { cause, .. }
            | GateError::Threads { cause }
            | GateError::SnapshotNotSaved { cause, .. }
            | GateError::AccessLog { cause, .. }
            | GateError::MetricsAddress { cause, .. }
            | GateError::Listen { cause, .. } => Some(cause),
            GateError::SnapshotDamaged { .. }
            | GateError::AnotherGate { .. }
            | GateError::Body { .. }
            | GateError::Name { .. }
            | GateError::Order { .. }
            | GateError::StaleOrder { .. }
            | GateError::ConflictingOrder { .. }
            | GateError::NoSuchService { .. }
            | GateError::NoSuchCall { .. }
            | GateError::TooLarge { .. }
            | GateError::Stopping
            | GateError::VersionsStarting
            | GateError::Withdrawn { .. }
            | GateError::NotUpgraded { .. }
            | GateError::Certificate { .. } => None,
        }
    }
}
