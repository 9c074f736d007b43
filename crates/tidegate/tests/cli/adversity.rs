//! What the world does to a server: the disk fills up, the journal cannot be written or is damaged, the policy is edited in
//! the middle of a release. Each is told with a code and a next step, and users can be taken back as long as anything works.

use crate::environment::{Environment, Ran, Server};
use serde_json::Value;
use std::fs::{self, File, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;

/// A user that owns nothing.
const STRANGER: u32 = 65_534;

#[test]
fn a_full_disk_refuses_what_it_must_and_takes_users_back() {
    let env = Environment::new();
    env.write_policy();
    let Some(disk) = SmallDisk::mount(env.path(".tidegate")) else { return };
    let _server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();

    let filler = disk.fill();
    let refused = env.run("release pause latest --reason lunch");
    assert_eq!(refused.code, 1, "{}", refused.screen());
    assert!(refused.stderr.contains("error[TG-") && refused.stderr.contains("disk is full"), "{}", refused.screen());
    assert_told(&refused);
    // It is taken even if it cannot be written yet; what matters is where users are.
    let _taken = env.run("rollback latest --reason 'it is bad'");
    env.wait_for("users on the old version", || env.read("share").trim() == "0");

    fs::remove_file(filler).unwrap();
    let ended = env.run("release watch latest");
    assert_eq!(ended.code, 3, "{}", ended.screen());
    let verified = env.run("audit verify");
    assert_eq!(verified.code, 0, "{}", verified.screen());
}

#[test]
fn a_first_start_on_a_full_disk() {
    let env = Environment::new();
    env.write_policy();
    let Some(disk) = SmallDisk::mount(env.path(".tidegate")) else { return };
    let filler = disk.fill();
    let ran = env.run(&format!("serve --listen {}", env.listen()));
    assert_eq!(ran.code, 1, "{}", ran.screen());
    assert_told(&ran);
    fs::remove_file(filler).unwrap();
    let _server = env.serve();
}

#[test]
fn a_journal_that_cannot_be_written() {
    let env = Environment::new();
    env.write_policy();
    env.serve().terminate();
    let journal = env.path(".tidegate/journal.db");
    fs::set_permissions(&journal, Permissions::from_mode(0o400)).unwrap();
    let mut command = env.command("serve");
    // Rights mean nothing to root.
    if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
        let program = env.path("tidegate");
        fs::copy(command.get_program(), &program).unwrap();
        command = env.command_of(&program, "serve");
        command.uid(STRANGER).gid(STRANGER);
        for path in [env.path(".tidegate"), journal, env.path(".tidegate/lock")] {
            chown(path, Some(STRANGER), Some(STRANGER)).unwrap();
        }
    }
    let ran = env.ran(&command.output().unwrap());
    assert_eq!(ran.code, 1, "{}", ran.screen());
    assert!(ran.stderr.starts_with("error[TG-3011]: "), "{}", ran.screen());
    assert_told(&ran);
    let verified = env.run("audit verify");
    assert_eq!(verified.code, 0, "{}", verified.screen());
}

#[test]
fn an_entry_that_was_changed_is_found_and_its_release_is_not_driven() {
    let env = Environment::new();
    env.write_policy();
    let mut server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1 --note 'the invoices are new'").code, 0);
    env.ramping();
    assert_eq!(server.terminate(), 0);
    damage(&env, |file, at| file[at] ^= 1);

    let verified = env.run("audit verify");
    assert_eq!(verified.code, 1, "{}", verified.screen());
    assert!(verified.stderr.contains(": entry 2 was altered"), "the place is named: {}", verified.screen());
    assert_told(&verified);
    let _server = env.start();
    env.wait_for("a release that cannot be read", || env.run("status").stdout.contains("r1 cannot be read"));
    let status = env.run("status --json");
    let value: Value = serde_json::from_str(&status.stdout).unwrap();
    assert_eq!((status.code, &value["well"], &value["exit_code"]), (8, &false.into(), &8.into()));
    assert_eq!(value["status"]["unreadable"][0]["code"], "TG-3012");
    let refused = env.run("release open shop --version 1.2 --supersede");
    assert_eq!((refused.code, refused.stderr.contains("TG-2110")), (1, true), "{}", refused.screen());
}

#[test]
fn a_damaged_page_is_found() {
    let env = Environment::new();
    env.write_policy();
    let mut server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1 --note 'the invoices are new'").code, 0);
    env.ramping();
    assert_eq!(server.terminate(), 0);
    damage(&env, |file, at| file[at / 4096 * 4096..][..4096].fill(0xa5));
    for line in ["audit verify", "audit export --out copy.jsonl"] {
        let ran = env.run(line);
        assert_eq!(ran.code, 1, "{line}: {}", ran.screen());
        assert!(ran.stderr.starts_with("error[TG-3"), "{line}: {}", ran.screen());
        assert_told(&ran);
    }
}

#[test]
fn a_policy_that_is_edited_changes_nothing_for_a_release_under_way() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();
    let plan = |id: &str| {
        let shown = env.run(&format!("release show {id} --json"));
        serde_json::from_str::<Value>(&shown.stdout).unwrap()["plan"].clone()
    };
    let before = plan("r1");

    let good = env.read("tidegate.yaml");
    env.write("tidegate.yaml", "services: [nothing, that, fits]\n");
    assert_eq!(env.run("status").code, 8);
    let refused = env.run("release open shop --version 1.2 --supersede");
    assert_eq!(refused.code, 5, "{}", refused.screen());
    assert!(refused.stderr.contains("tidegate.yaml:1:"), "{}", refused.screen());
    assert_told(&refused);
    let paused = env.run("release pause r1 --reason lunch");
    assert_eq!(paused.code, 0, "{}", paused.screen());

    env.write("tidegate.yaml", &format!("{good}types:\n  feature: {{ rollout: extended }}\n"));
    assert_eq!(env.run("release resume r1").code, 0);
    assert_eq!(plan("r1"), before, "the plan that it was opened with");
    assert_eq!(env.run("release open shop --version 1.2 --supersede").code, 0);
    let after = plan("r2");
    assert_eq!((&before["name"], &after["name"]), (&"canary".into(), &"extended".into()));
    assert_eq!(env.run("release watch r1").code, 6);
}

#[test]
fn a_log_that_cannot_be_written_ends_nobody() {
    let env = Environment::new();
    env.write_policy();
    // A device on which every write finds the disk full.
    let begin = |line: &str| {
        let mut command = env.command(line);
        command.stderr(File::options().write(true).open("/dev/full").unwrap());
        Server::of(command)
    };
    env.write("serve.log", "it cannot be written");
    let mut gate = begin("gate --dir gate");
    let mut server = begin(&format!("serve --listen {}", env.listen()));
    env.wait_for("a server that leads, and an answer of the gate", || {
        assert_eq!((server.ended(), gate.ended()), (None, None), "server and gate run");
        let leads = env.path(".tidegate/admin.token").exists() && env.run("status").code == 0;
        leads && UnixStream::connect(env.path("gate/gate.sock")).is_ok()
    });
    assert_eq!(env.run("release open shop --version 1.1").code, 0);
    env.ramping();
    assert_eq!((gate.terminate(), server.terminate()), (0, 0));
}

/// Every error has a code, and says what to do next.
#[track_caller]
fn assert_told(ran: &Ran) {
    assert!(ran.stderr.contains("error[TG-") && ran.stderr.contains("= hint: "), "{}", ran.screen());
}

/// Changes the journal's file where the note of r1 is.
fn damage(env: &Environment, change: impl FnOnce(&mut Vec<u8>, usize)) {
    let path = env.path(".tidegate/journal.db");
    assert!(!env.path(".tidegate/journal.db-wal").exists(), "a server that stops leaves one whole file");
    let mut file = fs::read(&path).unwrap();
    let note = b"the invoices are new";
    let at = file.windows(note.len()).position(|window| window == note).unwrap();
    change(&mut file, at);
    fs::write(path, file).unwrap();
}

/// A disk of its own for the data directory.
struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Only root may; whoever is not is told that nothing was tested.
    fn mount(at: PathBuf) -> Option<Self> {
        fs::create_dir(&at).unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=3m,mode=700", "tidegate-test"]).arg(&at).output();
        if mount.as_ref().is_ok_and(|mount| mount.status.success()) {
            return Some(Self { at });
        }
        // Past the capture of the test's output: what was not tested must not look tested.
        let _nobody_reads =
            writeln!(io::stderr(), "SKIPPED: a full disk needs the right to mount a small one: {mount:?}");
        None
    }

    /// Takes all that is left, and answers the file that holds it.
    fn fill(&self) -> PathBuf {
        let path = self.at.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[0; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that is just being ended may still have files open.
        let _gone_already = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}
