//! A place where a command runs with nothing around it: no variables, no home, no server.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// A folder and a port of its own.
pub(crate) struct Environment {
    dir: PathBuf,
    port: u16,
}

impl Environment {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let dir = std::env::temp_dir().join(format!("tg-cli-{}-{n}", std::process::id()));
        fs::create_dir_all(&dir).unwrap();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        Self { dir: dir.canonicalize().unwrap(), port }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    pub(crate) fn listen(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub(crate) fn server(&self) -> String {
        format!("http://{}", self.listen())
    }

    /// A command here, against the server of this environment.
    pub(crate) fn command(&self, line: &str) -> Command {
        self.command_of(Path::new(env!("CARGO_BIN_EXE_tidegate")), line)
    }

    /// As [`Environment::command`], by a copy of the program.
    pub(crate) fn command_of(&self, program: &Path, line: &str) -> Command {
        let mut command = Command::new(program);
        command
            .args(words(line))
            .current_dir(&self.dir)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("TIDEGATE_SERVER", self.server())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn run(&self, line: &str) -> Ran {
        self.ran(&self.command(line).output().unwrap())
    }

    /// As [`Environment::run`], with a variable.
    pub(crate) fn run_with(&self, name: &str, value: &str, line: &str) -> Ran {
        self.ran(&self.command(line).env(name, value).output().unwrap())
    }

    pub(crate) fn ran(&self, output: &Output) -> Ran {
        let text = |bytes: &[u8]| {
            String::from_utf8_lossy(bytes)
                .replace(&self.dir.display().to_string(), "$DIR")
                .replace(&self.port.to_string(), "$PORT")
        };
        Ran { code: output.status.code().unwrap(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }

    /// A policy for one service that any command can be, without traffic.
    pub(crate) fn write_policy(&self) {
        self.write(
            "tidegate.yaml",
            "extends: standard\n\
             services:\n  shop: { target: anywhere, lever: anyhow, live: \"1.0\" }\n\
             targets:\n  anywhere:\n    command: { deploy: \"true\", promote: \"true\", withdraw: \"true\" }\n\
             levers:\n  anyhow:\n    command: { shift: echo $TIDEGATE_SHARE_PERCENT > share, observe: cat share }\n",
        );
        self.write("share", "0");
    }

    /// A server that leads.
    pub(crate) fn serve(&self) -> Server {
        let server = self.start();
        self.wait_for("a server that leads", || self.ready());
        server
    }

    /// A server that was just started.
    pub(crate) fn start(&self) -> Server {
        let child = self
            .command(&format!("serve --listen {}", self.listen()))
            .stdout(Stdio::null())
            .stderr(fs::File::create(self.path("serve.log")).unwrap())
            .spawn()
            .unwrap();
        Server { child }
    }

    /// Waits as long as a slow machine may need.
    pub(crate) fn wait_for(&self, what: &str, mut there: impl FnMut() -> bool) {
        let since = Instant::now();
        while !there() {
            assert!(since.elapsed() < Duration::from_secs(60), "{what} never came: {}", self.read("serve.log"));
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Waits until the first phase of the newest release is reached.
    pub(crate) fn ramping(&self) {
        self.wait_for("the first phase", || {
            self.run("release show latest --json").stdout.contains("\"confirmed_percent\":5")
        });
    }

    fn ready(&self) -> bool {
        Path::exists(&self.path(".tidegate/admin.token")) && self.run("status --json").stdout.contains("\"leads\"")
    }
}

impl Drop for Environment {
    fn drop(&mut self) {
        let _left_behind = fs::remove_dir_all(&self.dir);
    }
}

/// A server, or another process that stays, which ends with the test.
pub(crate) struct Server {
    child: Child,
}

impl Server {
    pub(crate) fn of(mut command: Command) -> Self {
        Self { child: command.spawn().unwrap() }
    }

    /// Its exit code, if it has ended.
    pub(crate) fn ended(&mut self) -> Option<i32> {
        self.child.try_wait().unwrap().map(|status| status.code().unwrap())
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to stop with SIGTERM, and answers its exit code.
    pub(crate) fn terminate(&mut self) -> i32 {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").arg(&pid).status().unwrap().success());
        self.child.wait().unwrap().code().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _ended_already = self.child.wait();
    }
}

/// What a command did. With its folder and port replaced, so that it can be compared.
#[must_use]
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Everything on one screen.
    pub(crate) fn screen(&self) -> String {
        format!("{}{}exit {}\n", self.stdout, self.stderr, self.code)
    }
}

/// Words at spaces; quotes keep them together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
