//! Runs one command to its end, or ends it.

use super::env::Told;
use super::group::Group;
use super::tail::Tail;
use crate::environment::Environment;
use crate::failure::lasting;
use control::ports::{PortError, PortResult};
use engine::Millis;
use policy::EnvValue;
use std::collections::BTreeMap;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::process::Command;
use tokio::time::{Instant, sleep_until, timeout};

/// After the end of a command its output is read for this long: what it left in the background may hold the pipe open for ever.
const LAST_WORDS: Duration = Duration::from_millis(250);

/// A command as a policy has it.
pub(crate) struct Shell<'a> {
    /// What it is for, such as `deploy`.
    pub(crate) what: &'a str,
    pub(crate) command: &'a str,
    pub(crate) timeout: Millis,
    pub(crate) env: &'a BTreeMap<String, EnvValue>,
    pub(crate) workdir: &'a str,
}

/// What a command printed, that ended with status 0.
pub(crate) struct Printed {
    /// Its standard output, unless it was too much.
    pub(crate) stdout: Option<String>,
    /// The end of everything, without secrets.
    pub(crate) shown: String,
}

/// Runs a command with `told` in its environment. If the future is dropped, all its processes are killed.
///
/// # Errors
/// `TG-5012`: its environment is not there. `TG-5020`: it cannot be started. `TG-5021`: it ended with another status than 0.
/// `TG-5022`: it did not end in time.
pub(crate) async fn run(shell: &Shell<'_>, told: Told) -> PortResult<Printed> {
    let deadline = Instant::now() + Duration::from_millis(shell.timeout.0);
    let environment = Environment::read(shell.env).await?;
    let mut child = Command::new("sh")
        .arg("-c")
        .arg(shell.command)
        .current_dir(shell.workdir)
        .envs(&environment.values)
        .envs(told)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .map_err(|error| not_started(shell, &error))?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let mut group = Group::of(child);
    let mut output = Output::default();
    let ended = {
        let mut reading = std::pin::pin!(output.read(stdout, stderr));
        let ended = tokio::select! {
            biased;
            ended = ended_with_pipes(&mut group, reading.as_mut()) => Some(ended),
            () = sleep_until(deadline) => None,
        };
        if ended.is_none() {
            group.end().await;
        }
        ended
    };
    let shown = output.all.shown(|text| environment.hide(text));
    match ended {
        Some(Ok(status)) if status.success() => Ok(Printed { stdout: output.stdout.whole(), shown }),
        Some(Ok(status)) => Err(failed(shell, status, &shown)),
        Some(Err(error)) => Err(not_started(shell, &error)),
        None => Err(late(shell, &shown)),
    }
}

/// Reads until the command has ended, and then what is still in its pipes.
async fn ended_with_pipes(
    group: &mut Group,
    mut reading: std::pin::Pin<&mut impl Future<Output = ()>>,
) -> std::io::Result<ExitStatus> {
    let mut read_up = false;
    let status = {
        let mut ended = std::pin::pin!(group.ended());
        tokio::select! {
            status = &mut ended => status?,
            () = &mut reading => {
                read_up = true;
                ended.await?
            }
        }
    };
    if !read_up {
        // Late words of the background are not waited for.
        let _ = timeout(LAST_WORDS, reading).await;
    }
    Ok(status)
}

/// Both streams: the standard output on its own, and both together as a person would have seen them.
#[derive(Default)]
struct Output {
    stdout: Tail,
    all: Tail,
}

impl Output {
    async fn read(&mut self, stdout: Option<impl AsyncRead + Unpin>, stderr: Option<impl AsyncRead + Unpin>) {
        let (Some(mut stdout), Some(mut stderr)) = (stdout, stderr) else { return };
        let (mut from_stdout, mut from_stderr) = ([0; 4096], [0; 4096]);
        let (mut stdout_open, mut stderr_open) = (true, true);
        while stdout_open || stderr_open {
            // A pipe that cannot be read has nothing more to say, like one that was closed.
            tokio::select! {
                read = stdout.read(&mut from_stdout), if stdout_open => {
                    let bytes = &from_stdout[..read.unwrap_or(0)];
                    stdout_open = !bytes.is_empty();
                    self.stdout.push(bytes);
                    self.all.push(bytes);
                }
                read = stderr.read(&mut from_stderr), if stderr_open => {
                    let bytes = &from_stderr[..read.unwrap_or(0)];
                    stderr_open = !bytes.is_empty();
                    self.all.push(bytes);
                }
            }
        }
    }
}

fn not_started(shell: &Shell<'_>, error: &std::io::Error) -> PortError {
    lasting(
        "TG-5020",
        format!("the `{}` command cannot be run in {}: {error}", shell.what, shell.workdir),
        "check that its `workdir` is there and that `sh` is on the path",
    )
}

fn failed(shell: &Shell<'_>, status: ExitStatus, shown: &str) -> PortError {
    use std::os::unix::process::ExitStatusExt;
    let how = match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => status.to_string(),
    };
    lasting(
        "TG-5021",
        format!("the `{}` command ended with {how}{}", shell.what, printed(shown)),
        format!("run it by hand in {} with the TIDEGATE_ variables of the guide to commands", shell.workdir),
    )
}

fn late(shell: &Shell<'_>, shown: &str) -> PortError {
    lasting(
        "TG-5022",
        format!("the `{}` command did not end within {} and was stopped{}", shell.what, shell.timeout, printed(shown)),
        "find what it waits for; a command that needs longer has a longer `timeout` in the policy",
    )
}

fn printed(shown: &str) -> String {
    if shown.is_empty() { "; it printed nothing".to_owned() } else { format!("; it printed: {shown}") }
}
