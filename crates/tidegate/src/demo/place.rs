//! Where a demo lives: a folder of its own with free ports, so that it never touches what is there already.

use super::control_process::ControlProcess;
use super::fault::Fault;
use super::plan::{Plan, Site, shell_word};
use crate::client::{ADMIN_TOKEN, Client};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::http::Address;
use server::dto::{Leadership, Status};
use std::cell::Cell;
use std::fs::{self, DirBuilder};
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the control plane may take until it leads.
const START_WITHIN: Duration = Duration::from_secs(30);

/// The folder and the ports of a demo. A temporary folder goes with this value, unless it is kept.
#[derive(Debug)]
pub(crate) struct Place {
    dir: PathBuf,
    program: PathBuf,
    api: u16,
    people: u16,
    temporary: Cell<bool>,
}

impl Place {
    /// Makes the folder; one that is given must be new or empty.
    ///
    /// # Errors
    /// The folder is in use or cannot be made, or there is no free port.
    pub(crate) fn make(dir: Option<&Path>) -> Result<Self, Failure> {
        let temporary = dir.is_none();
        let dir = make_folder(dir, "demo")?;
        let (api, people) = free_ports().map_err(|error| no_room(&error))?;
        let program = std::env::current_exe().map_err(|error| no_room(&error))?;
        Ok(Self { dir, program, api, people, temporary: Cell::new(temporary) })
    }

    /// Writes the policy.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write(&self, plan: &Plan, fault: Fault) -> Result<(), Failure> {
        let command = format!(
            "exec {} demo-app --faulty 1.2 --fault {} --drift {} --down-while {}",
            shell_word(&self.program),
            fault.word(),
            plan.drift().0,
            shell_word(&self.outage()),
        );
        let text = plan.policy(&Site { command: &command, port: self.people });
        fs::write(self.policy(), text).map_err(|error| no_room(&error))
    }

    /// The folder.
    #[must_use]
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The program, which is server, gate and application as well.
    #[must_use]
    pub(crate) fn program(&self) -> &Path {
        &self.program
    }

    /// The policy.
    #[must_use]
    pub(crate) fn policy(&self) -> PathBuf {
        self.dir.join("tidegate.yaml")
    }

    /// The server's data directory.
    #[must_use]
    pub(crate) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    /// The log of the control plane.
    #[must_use]
    pub(crate) fn server_log(&self) -> PathBuf {
        self.dir.join("serve.log")
    }

    /// While this file exists, what all versions depend on is down.
    #[must_use]
    pub(crate) fn outage(&self) -> PathBuf {
        self.dir.join("dependency-is-down")
    }

    /// Where the API listens.
    #[must_use]
    pub(crate) fn api(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.api).into()
    }

    /// Where a browser watches. The link brings the token along behind the `#`, which no browser sends to a server.
    ///
    /// # Errors
    /// The server wrote no token yet.
    pub(crate) fn console(&self) -> io::Result<String> {
        let token = fs::read_to_string(self.data().join(ADMIN_TOKEN))?;
        Ok(format!("http://{}/sign-in#token={}", self.api(), token.trim()))
    }

    /// Where users connect.
    #[must_use]
    pub(crate) fn people(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.people).into()
    }

    /// The gate's socket.
    #[must_use]
    pub(crate) fn gate(&self) -> Address {
        Address::Unix(self.data().join("gate").join(gate::wire::SOCKET))
    }

    /// Keeps the folder.
    pub(crate) fn keep(&self) -> &Path {
        self.temporary.set(false);
        &self.dir
    }

    /// Waits until the control plane leads, and answers with a client for it.
    ///
    /// # Errors
    /// It does not come up.
    pub(crate) async fn client(&self, control: &ControlProcess) -> Result<Client, Failure> {
        let since = Instant::now();
        loop {
            if let Some(client) = self.client_if_ready().await {
                return Ok(client);
            }
            if since.elapsed() > START_WITHIN || control.given_up() {
                return Err(Failure::new(Exit::Failed, "TG-7028", "the demo's control plane does not come up")
                    .because(last_lines(&self.server_log()))
                    .hint("the ports it chose may have been taken meanwhile; try again"));
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn client_if_ready(&self) -> Option<Client> {
        let token = fs::read_to_string(self.data().join(ADMIN_TOKEN)).ok()?;
        let client = Client::local(self.api, token.trim().to_owned());
        let status: Status = client.get("/v1/status").await.ok()?;
        matches!(status.leadership, Leadership::Leads { .. }).then_some(client)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if self.temporary.get() {
            // What cannot be removed is in a folder for temporary things.
            let _left_behind = fs::remove_dir_all(&self.dir);
        }
    }
}

/// Makes a folder: one that is given must be new or empty, and without one it is temporary.
///
/// # Errors
/// The folder is in use or cannot be made.
pub(crate) fn make_folder(given: Option<&Path>, what_for: &str) -> Result<PathBuf, Failure> {
    match given {
        Some(dir) => make_given(dir),
        None => make_temporary(what_for).map_err(|error| no_room(&error)),
    }
}

fn make_given(dir: &Path) -> Result<PathBuf, Failure> {
    let refused = |why: String| {
        Failure::new(Exit::Failed, "TG-7031", format!("the demo cannot live in {}", dir.display()))
            .because(why)
            .hint("name a folder that does not exist yet")
    };
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| refused(error.to_string()))?;
    let dir = dir.canonicalize().map_err(|error| refused(error.to_string()))?;
    match fs::read_dir(&dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(dir),
        Ok(false) => Err(refused("it is not empty".into())),
        Err(error) => Err(refused(error.to_string())),
    }
}

fn make_temporary(what_for: &str) -> io::Result<PathBuf> {
    let base = std::env::temp_dir();
    for attempt in 0_u32.. {
        let dir = base.join(format!("tidegate-{what_for}-{}-{attempt}", std::process::id()));
        match DirBuilder::new().mode(0o700).create(&dir) {
            Ok(()) => return dir.canonicalize(),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("every name is taken"))
}

/// Two ports that nobody uses now. Both are held until both are known, so that they differ.
///
/// # Errors
/// The system has none.
pub(crate) fn free_ports() -> io::Result<(u16, u16)> {
    let first = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let second = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    Ok((first.local_addr()?.port(), second.local_addr()?.port()))
}

/// The demo needs a folder, two ports and some threads.
pub(crate) fn no_room(error: &io::Error) -> Failure {
    Failure::new(Exit::Failed, "TG-7032", "the system has no room for the demo")
        .because(error.to_string())
        .hint("free space in the folder for temporary files, or name another with --dir")
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<_> = text.lines().rev().take(4).collect();
    if lines.is_empty() {
        return "it wrote nothing".into();
    }
    lines.into_iter().rev().collect::<Vec<_>>().join(" | ")
}
