//! Tokens on the command line.

use crate::environment::Environment;

#[test]
fn a_token_does_what_its_scopes_allow_until_it_is_revoked() {
    let env = Environment::new();
    env.write_policy();
    let _server = env.serve();
    let created = env.run("token create ci --scope read");
    assert_eq!(created.code, 0, "{}", created.screen());
    let secret = created.stdout.trim().to_owned();
    assert!(secret.starts_with("tg_"), "{}", created.screen());

    assert_eq!(env.run_with("TIDEGATE_TOKEN", &secret, "release list").code, 0);
    let refused = env.run_with("TIDEGATE_TOKEN", &secret, "release open shop --version 1.1");
    assert_eq!(refused.code, 5, "{}", refused.screen());
    assert!(refused.stderr.starts_with("error[TG-60"), "{}", refused.screen());

    let late = env.run("token create late --scope read --expires 2020-01-01T00:00:00Z");
    assert_eq!(late.code, 5, "{}", late.screen());
    assert!(late.stderr.contains("2020-01-01T00:00:00Z is not after 2"), "{}", late.screen());
    let unknown = env.run("token revoke t99");
    assert!(unknown.stderr.contains("tidegate token list"), "{}", unknown.screen());

    let list = env.run("token list");
    assert!(!list.stdout.contains(&secret), "a list shows no secrets");
    let id = list.stdout.lines().find(|line| line.contains(" ci ")).unwrap().split_whitespace().next().unwrap();
    assert_eq!(env.run(&format!("token revoke {id}")).code, 0);
    let stale = env.run_with("TIDEGATE_TOKEN", &secret, "release list");
    assert_eq!(stale.code, 5, "{}", stale.screen());
    assert!(stale.stderr.contains("= hint: "), "{}", stale.screen());
    assert!(!stale.stderr.contains(&secret));
}
