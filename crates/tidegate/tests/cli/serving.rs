//! What keeps a server from starting, each with its place and a next step; and what it leaves behind.

use crate::environment::Environment;
use expect_test::expect;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_port_in_use() {
    let env = Environment::new();
    env.write_policy();
    let _taken = TcpListener::bind(env.listen()).unwrap();
    expect![[r#"
        error[TG-7010]: the server cannot listen at 127.0.0.1:$PORT
          = why: Address already in use (os error 98)
          = hint: another program listens there; stop it, or name another port with --listen
        exit 1
    "#]]
    .assert_eq(&env.run(&format!("serve --listen {}", env.listen())).screen());
}

#[test]
fn other_machines_are_not_let_in_by_accident() {
    let env = Environment::new();
    env.write_policy();
    expect![[r#"
        error[TG-7011]: 0.0.0.0:$PORT can be reached from other machines
          = why: the API is not encrypted, so tokens could be read on the way
          = hint: listen on 127.0.0.1 behind a proxy that speaks TLS, or insist with --allow-remote
        exit 2
    "#]]
    .assert_eq(&env.run(&format!("serve --listen {}", env.listen().replace("127.0.0.1", "0.0.0.0"))).screen());
    let ran = env.run("serve --listen nowhere");
    assert!(ran.stderr.starts_with("error[TG-7017]: `nowhere` is no address to listen at"), "{}", ran.screen());
}

#[test]
fn a_wrong_policy_at_the_first_start() {
    let env = Environment::new();
    env.write("tidegate.yaml", "services: {}\n");
    let ran = env.run("serve");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.contains("tidegate.yaml:1:"), "{}", ran.screen());
}

#[test]
fn a_damaged_journal() {
    let env = Environment::new();
    env.write_policy();
    fs::create_dir(env.path(".tidegate")).unwrap();
    env.write(".tidegate/journal.db", &"this is no database ".repeat(500));
    let ran = env.run("serve");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error[TG-3031]: $DIR/.tidegate/journal.db is not a journal"), "{}", ran.screen());
    assert!(ran.stderr.contains("= hint: "), "{}", ran.screen());
}

#[test]
fn a_data_directory_that_cannot_be_one() {
    let env = Environment::new();
    env.write_policy();
    env.write("file", "");
    let ran = env.run("serve --data file");
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error[TG-7012]: the data directory file cannot be used"), "{}", ran.screen());
}

#[test]
fn one_server_at_a_time() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    expect![[r#"
        error[TG-7013]: another server runs on $DIR/.tidegate
          = hint: use that one, stop it, or name another directory with --data
        exit 1
    "#]]
    .assert_eq(&env.run("serve").screen());
}

#[test]
fn a_server_starts_keeps_its_token_secret_and_stops() {
    let env = Environment::new();
    env.write_policy();
    let mut server = env.serve();
    let token = env.path(".tidegate/admin.token");
    assert_eq!(fs::metadata(&token).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(env.path(".tidegate")).unwrap().permissions().mode() & 0o777, 0o700);
    let secret = fs::read_to_string(&token).unwrap();
    assert!(!env.read("serve.log").contains(secret.trim()), "the log holds the token");
    let status = env.run("status");
    assert!(status.stdout.contains("leads; the journal has"), "{}", status.screen());
    assert_eq!(server.terminate(), 0);
    // The token outlives the server: nobody has to be told another one.
    let _server = env.serve();
    assert_eq!(fs::read_to_string(&token).unwrap(), secret);
}

/// A directory that somebody made before keeps its mode; what the server writes into it is still its owner's alone.
#[test]
fn files_are_their_owners_alone_in_any_directory() {
    let env = Environment::new();
    env.write_policy();
    let mode = |name: &str, mode| fs::set_permissions(env.path(name), fs::Permissions::from_mode(mode)).unwrap();
    fs::create_dir(env.path(".tidegate")).unwrap();
    mode(".tidegate", 0o755);
    drop(env.serve());
    mode(".tidegate/journal.db", 0o644);
    let _server = env.serve();
    for name in ["journal.db", "journal.db-wal", "journal.db-shm", "lock", "admin.token"] {
        let mode = fs::metadata(env.path(&format!(".tidegate/{name}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}: {mode:o}");
    }
}

#[test]
fn a_directory_that_everybody_writes_is_refused() {
    let env = Environment::new();
    env.write_policy();
    fs::create_dir(env.path(".tidegate")).unwrap();
    fs::set_permissions(env.path(".tidegate"), fs::Permissions::from_mode(0o777)).unwrap();
    expect![[r#"
        error[TG-7034]: everybody may write in $DIR/.tidegate
          = why: whoever can replace the journal or the admin's token there can take the server over
          = hint: `chmod o-w $DIR/.tidegate`, or name another directory with --data
        exit 1
    "#]]
    .assert_eq(&env.run("serve").screen());
}

#[test]
fn a_policy_that_was_broken_since_does_not_stop_control() {
    let env = Environment::new();
    env.write_policy();
    drop(env.serve());
    env.write("tidegate.yaml", "services: {}\n");
    let _server = env.serve();
    assert!(env.read("serve.log").contains("going on without it"), "{}", env.read("serve.log"));
    let ran = env.run("release open shop --version 1.1");
    assert_eq!(ran.code, 5, "{}", ran.screen());
    assert!(ran.stderr.contains("tidegate.yaml"), "{}", ran.screen());
    let status = env.run("status");
    assert_eq!(status.code, 8, "{}", status.screen());
    assert!(status.stdout.contains("the policy: "), "{}", status.screen());
}

/// It is given out only once it is in its file; otherwise a kill between the two would lock the admin out for good.
#[test]
fn the_first_token_waits_for_its_file() {
    let env = Environment::new();
    env.write_policy();
    // What stands where the file should be keeps it from being written, even from root.
    fs::create_dir_all(env.path(".tidegate/admin.token/x")).unwrap();
    let mut server = env.start();
    env.wait_for("TG-7014", || env.read("serve.log").contains("TG-7014"));
    server.kill();
    fs::remove_dir_all(env.path(".tidegate/admin.token")).unwrap();
    let _server = env.serve();
    assert_eq!(env.run("token list").code, 0, "{}", env.read("serve.log"));
}
