//! Where a campaign lives: a folder with free ports, small disks for the data of control and gate, and the policy of a process
//! whose releases take seconds.

use super::disk::SmallDisk;
use crate::client::{ADMIN_TOKEN, Client};
use crate::demo::place::{free_ports, no_room};
use crate::demo::plan::shell_word;
use crate::failure::Failure;
use crate::http::Address;
use server::dto::{Leadership, Status};
use std::fs;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// The service's name.
pub(super) const SERVICE: &str = "shop";
/// The policy's dead man's switch, in milliseconds.
pub(super) const DEAD_MAN_MS: u64 = 6_000;
/// How versions are named that fail, and how.
pub(super) const FAULTS: [&str; 2] = ["errors", "crash"];
/// Room for the journal of a long campaign, in MiB; only what is used is taken from memory.
const CONTROL_DISK: u32 = 96;
/// Room for the gate's logs.
const GATE_DISK: u32 = 64;

/// The folder, the ports and the disks.
#[derive(Debug)]
pub(super) struct Site {
    // Dropped in this order: the inner disk before the outer one.
    gate_disk: Result<SmallDisk, String>,
    control_disk: Result<SmallDisk, String>,
    dir: PathBuf,
    program: PathBuf,
    api: u16,
    people: u16,
}

impl Site {
    /// Makes it in this folder.
    ///
    /// # Errors
    /// The system has no room for it.
    pub(super) fn make(dir: PathBuf, program: PathBuf) -> Result<Self, Failure> {
        let failed = |error: io::Error| no_room(&error);
        let program = program.canonicalize().map_err(failed)?;
        let control_disk = SmallDisk::mount(&dir.join("data"), CONTROL_DISK);
        let gate_disk = SmallDisk::mount(&dir.join("data/gate"), GATE_DISK);
        let (api, people) = free_ports().map_err(failed)?;
        let site = Self { gate_disk, control_disk, dir, program, api, people };
        fs::write(site.policy(), policy_text(&site.program, people)).map_err(failed)?;
        Ok(site)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(super) fn program(&self) -> &Path {
        &self.program
    }

    /// Its name in the system's list of processes.
    pub(super) fn program_name(&self) -> String {
        let name = self.program.file_name().unwrap_or_default().to_string_lossy();
        name.chars().take(15).collect()
    }

    pub(super) fn policy(&self) -> PathBuf {
        self.dir.join("tidegate.yaml")
    }

    pub(super) fn data(&self) -> PathBuf {
        self.dir.join("data")
    }

    pub(super) fn serve_log(&self) -> PathBuf {
        self.dir.join("serve.log")
    }

    /// The disk of control's data, or why there is none that could be filled.
    pub(super) fn control_disk(&self) -> Result<&SmallDisk, &str> {
        self.control_disk.as_ref().map_err(String::as_str)
    }

    /// The disk of the gate's directory, likewise.
    pub(super) fn gate_disk(&self) -> Result<&SmallDisk, &str> {
        self.gate_disk.as_ref().map_err(String::as_str)
    }

    pub(super) fn api(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.api).into()
    }

    /// Where users connect.
    pub(super) fn people(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.people).into()
    }

    pub(super) fn gate_dir(&self) -> PathBuf {
        self.data().join("gate")
    }

    /// The gate's socket.
    pub(super) fn gate(&self) -> Address {
        Address::Unix(self.gate_dir().join(gate::wire::SOCKET))
    }

    /// A client, when the control plane leads.
    pub(super) async fn client_if_leading(&self) -> Option<Client> {
        let token = fs::read_to_string(self.data().join(ADMIN_TOKEN)).ok()?;
        let client = Client::local(self.api, token.trim().to_owned());
        let status: Status = client.get("/v1/status").await.ok()?;
        matches!(status.leadership, Leadership::Leads { .. }).then_some(client)
    }
}

/// Margins are wide where this machine's own noise is: freezes are blows here, and no fault of a version.
fn policy_text(program: &Path, people: u16) -> String {
    let program = shell_word(program);
    let faulty: String = FAULTS
        .iter()
        .map(|fault| format!("*-{fault}) exec {program} demo-app --faulty \"$TIDEGATE_VERSION\" --fault {fault};; "))
        .collect();
    let command = format!("case \"$TIDEGATE_VERSION\" in {faulty}*) exec {program} demo-app;; esac");
    format!(
        "extends: standard\n\
         services:\n  {SERVICE}: {{ target: local, lever: edge }}\n\
         targets:\n  local:\n    process:\n      command: '{command}'\n      health: /healthz\n      \
         health_every: 250 ms\n      start_within: 20 s\n      stop_grace: 2 s\n\
         levers:\n  edge:\n    gate:\n      listen: 127.0.0.1:{people}\n      sticky: [{{ cookie: uid }}]\n      \
         dead_man: {DEAD_MAN_MS} ms\n\
         rollouts:\n  canary:\n    phases:\n      \
         - {{ share: 30 %, soak: 4 s, on_undecided: advance }}\n      \
         - {{ share: 60 %, soak: 4 s, on_undecided: hold }}\n      \
         - {{ share: 100 % }}\n    \
         watch: 3 s\n    interval: 500 ms\n    stale_after: 4 s\n    deploy_within: 40 s\n    \
         margins: {{ error_rate: 3 points, response_time: 100 %, quantiles: [p50], \
         harm: {{ error_rate: 0.5 points, response_time: 100 % }} }}\n    \
         judge: {{ warm_up: 500 ms, horizon: 10 s, incident: 500 ms, latency_floor: 150 ms }}\n    \
         triggers:\n      error_rate: {{ above: 2 %, for: 3 s, window: 1 s, min_samples: 8 }}\n      \
         response_time: {{ worse_by: 400 %, for: 5 s, window: 1 s, min_samples: 8 }}\n",
        command = command.replace('\'', "''"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policy_is_one() {
        let text = policy_text(Path::new("/opt/it's/tidegate"), 8080);
        let policy = policy::read(&text, "crash.yaml").unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        policy.compile(SERVICE, "production", "feature").unwrap().plan.check().unwrap();
    }
}
