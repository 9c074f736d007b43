//! Feature flags on the command line, from nothing to a flip and back.

use crate::environment::{Environment, Ran, Server};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// A server with a flag `new_ui` that is off everywhere.
fn stage() -> (Environment, Server) {
    let env = Environment::new();
    env.write_policy();
    let server = env.serve();
    let _ = done(&env, "flag create new_ui --owner ada --ends 2027-01-31 -m 'new code'");
    (env, server)
}

#[track_caller]
fn done(env: &Environment, line: &str) -> Ran {
    let ran = env.run(line);
    assert_eq!(ran.code, 0, "{line}: {}", ran.screen());
    ran
}

#[track_caller]
fn json(env: &Environment, line: &str) -> Value {
    serde_json::from_str(&done(env, &format!("{line} --json")).stdout).unwrap()
}

/// It ends with this code and says this first.
#[track_caller]
fn refused(ran: &Ran, code: i32, error: &str) {
    assert_eq!(ran.code, code, "{}", ran.screen());
    assert!(ran.stderr.starts_with(&format!("error[{error}]")), "{}", ran.screen());
    assert!(ran.stderr.contains("= hint: "), "{}", ran.screen());
}

#[test]
fn a_flag_is_created_set_turned_on_and_explained() {
    let (env, _server) = stage();
    let list = done(&env, "flag list").stdout;
    let row = list.lines().find(|line| line.starts_with("new_ui")).unwrap();
    assert_eq!(row.split_whitespace().collect::<Vec<_>>()[1..5], ["release", "boolean", "–", "ada"], "{list}");
    refused(&env.run("flag create new_ui --owner bob -m again"), 5, "TG-8003");

    let looked = done(&env, "flag set new_ui --channel production --percent 25 --dry-run -m look");
    assert_eq!(
        looked.stdout,
        "new_ui in production, off, revision 1\n  + otherwise -> on 25%, off 75%\n  nobody sees something else\n"
    );
    let set = "flag set new_ui --channel production --percent 25 -m 'a first look'";
    refused(&env.run(set), 2, "TG-7072");
    assert_eq!(json(&env, "flag show new_ui")["revision"], 1, "a look changes nothing");
    let set = done(&env, &format!("{set} --yes"));
    assert!(set.stdout.ends_with("new_ui is changed in production (revision 2)\n"), "{}", set.screen());
    let on = done(&env, "flag on new_ui --channel production -m 'a first look'");
    assert_eq!(on.stdout, "new_ui is on in production (revision 3): 25 % of users see something else\n");
    let more = done(&env, "flag set new_ui --channel production --percent 50 --dry-run -m look");
    assert!(
        more.stdout.contains("  - otherwise -> on 25%, off 75%\n  + otherwise -> on 50%, off 50%\n"),
        "{}",
        more.screen()
    );
    assert!(more.stdout.contains("\n  25 % of users see something else\n"), "{}", more.screen());

    let rule = "'staff: country is DE, AT and not plan is 1 -> on'";
    let ruled = done(&env, &format!("flag set new_ui --channel production --rule {rule} --serve off --yes -m staff"));
    assert!(ruled.stdout.contains("cannot be said: it depends on whom the rules name"), "{}", ruled.screen());
    let shown = done(&env, "flag show new_ui").stdout;
    assert!(
        shown.contains("\n    staff: country is DE, AT and plan is not 1 -> on\n    otherwise -> off\n"),
        "{shown}"
    );

    let told = done(&env, "flag explain new_ui --channel production --user ada --set country=DE");
    assert_eq!(
        told.stdout,
        "new_ui in production gives on = true\n  because the rule \"staff\" matches\n  ✓ staff: matches, and decides\n"
    );
    let told = done(&env, r#"flag explain new_ui --channel production --context '{"country":"FR","plan":1}'"#);
    assert!(
        told.stdout.starts_with("new_ui in production gives off = false\n  because no rule matches\n"),
        "{}",
        told.screen()
    );
    assert!(
        told.stdout.contains("✗ staff: does not match\n      it needs country is DE, AT; country is \"FR\"\n"),
        "{}",
        told.screen()
    );
    let elsewhere = done(&env, "flag explain new_ui --channel staging --user ada");
    assert!(elsewhere.stdout.contains("because it is off there"), "{}", elsewhere.screen());
    assert_eq!(json(&env, "flag explain new_ui --channel production --user ada")["variant"], "off");
}

#[test]
fn changes_are_told_taken_back_and_put_away() {
    let (env, _server) = stage();
    let _ = done(&env, "flag on new_ui --channel production -m go");
    let _ = done(&env, "flag edit new_ui --owner bob --add-variant maybe=true --yes -m 'bob has it now'");
    assert_eq!(json(&env, "flag show new_ui")["flag"]["variants"][2]["name"], "maybe");
    let undone = done(&env, "flag undo new_ui -m 'not yet'");
    assert!(undone.stdout.starts_with("new_ui is as it was before (revision 4)\n"), "{}", undone.screen());
    refused(&env.run("flag undo new_ui --of 2 -m 'too late'"), 5, "TG-8008");

    let history = done(&env, "flag history new_ui").stdout;
    let heads: Vec<String> = history
        .lines()
        .filter(|line| !line.starts_with(' '))
        .map(|line| line.split("  ").take(2).collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(heads, ["4 taken back (revision 3)", "3 edited", "2 turned on", "1 created"], "{history}");
    assert!(history.contains(" by token:bootstrap: bob has it now\n"), "{history}");
    assert!(history.contains("    /owner: \"ada\" → \"bob\"\n"), "{history}");

    assert!(done(&env, "flag archive new_ui -m over").stdout.contains("is put away"));
    assert!(!done(&env, "flag list").stdout.contains("new_ui"));
    assert!(done(&env, "flag list --archived").stdout.contains("put away"));
    refused(&env.run("flag on new_ui --channel production -m again"), 5, "TG-8003");
    let _ = done(&env, "flag restore new_ui -m 'still needed'");
    assert_eq!(json(&env, "flag show new_ui")["flag"]["channels"]["production"]["on"], false);
}

#[test]
fn a_kill_says_how_many_it_reached() {
    let (env, _server) = stage();
    let _ = done(&env, "flag create stop_mail --kind kill-switch --owner ops -m 'a way out'");
    let _ = done(&env, "flag on stop_mail --channel production -m ready");
    refused(&env.run("flag kill new_ui --channel production"), 5, "TG-8003");
    let secret = done(&env, "token create web --flags evaluate@production").stdout.trim().to_owned();
    let mut stream = events(&env, &secret);
    env.wait_for("a client that has all", || {
        done(&env, "flag clients").stdout.contains("production: 1 of 1 clients have edition")
    });
    let killed = done(&env, "flag kill stop_mail --channel production");
    let mut lines = killed.stdout.lines();
    assert_eq!(lines.next(), Some("stop_mail is off in production (revision 3)"));
    let reached = lines.next().unwrap();
    assert!(reached.starts_with("the kill reached 1 of 1 client in ") && reached.ends_with(" ms"), "{reached}");
    let news = (&mut stream).lines().map(Result::unwrap).find(|line| line.contains("refetchEvaluation"));
    assert!(news.is_some());
    assert_eq!(json(&env, "flag history stop_mail")["changes"][0]["what"], "killed");
}

/// A stream of changes, as browsers have it.
fn events(env: &Environment, secret: &str) -> BufReader<TcpStream> {
    let mut asking = TcpStream::connect(env.listen()).unwrap();
    write!(
        asking,
        "POST /ofrep/v1/evaluate/flags HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {secret}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
    )
    .unwrap();
    let mut answer = String::new();
    asking.read_to_string(&mut answer).unwrap();
    let uri = answer.split("\"requestUri\":\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let mut stream = TcpStream::connect(env.listen()).unwrap();
    write!(stream, "GET {uri} HTTP/1.1\r\nHost: x\r\nAccept: text/event-stream\r\n\r\n").unwrap();
    BufReader::new(stream)
}

#[test]
fn what_is_planned_is_done_in_time() {
    let (env, _server) = stage();
    let planned = done(&env, "flag schedule new_ui --channel staging --at '+1 s' --on -m 'after lunch'");
    assert!(planned.stdout.starts_with("new_ui is planned as 1, at ") && planned.stdout.ends_with(": on in staging\n"));
    let _ = done(&env, "flag schedule new_ui --channel production --at '+2 h' --percent 5 -m later");
    assert!(done(&env, "flag show new_ui").stdout.contains("in production: otherwise -> on 5%, off 95%"));
    let _ = done(&env, "flag schedule new_ui --cancel 2 -m never");
    refused(&env.run("flag schedule new_ui --cancel 2 -m never"), 5, "TG-8003");
    refused(&env.run("flag schedule new_ui --channel staging --at 2020-01-01T00:00:00Z --off -m x"), 5, "TG-8003");
    refused(&env.run("flag schedule new_ui --channel staging --at soon --off -m x"), 2, "TG-7022");
    env.wait_for("the time", || json(&env, "flag show new_ui")["flag"]["channels"]["staging"]["on"] == true);
    let newest = json(&env, "flag history new_ui");
    let enabled = newest["changes"].as_array().unwrap().iter().find(|change| change["what"] == "enabled").unwrap();
    assert_eq!(enabled["planned"], true, "{enabled}");
}

#[test]
fn flagds_json_goes_in_and_comes_out_again() {
    let (env, _server) = stage();
    let document = r#"{"flags":{"colour":{"state":"ENABLED","variants":{"red":"r","blue":"b"},"defaultVariant":"red",
        "targeting":{"if":[{"in":[{"var":"country"},["DE","AT"]]},"blue",null]}}}}"#;
    env.write("flags.json", document);
    let imported = done(&env, "flag import flags.json --channel production --owner ada -m 'from flagd'");
    assert_eq!(imported.stdout, "colour: created\n");
    assert!(done(&env, "flag import flags.json --channel production -m again").stdout.contains("colour: as it was"));
    let _ = done(&env, "flag export --channel production --out out.json");
    let colour = |text: &str| serde_json::from_str::<Value>(text).unwrap()["flags"]["colour"].clone();
    let (sent, back) = (colour(document), colour(&env.read("out.json")));
    for member in ["state", "variants", "defaultVariant", "targeting"] {
        assert_eq!(back[member], sent[member], "{member}: {back}");
    }
    assert_eq!(json(&env, "flag explain colour --channel production --set country=AT")["variant"], "blue");
    refused(&env.run("flag set colour --channel production --add-rule 'a exists -> red' --yes -m x"), 2, "TG-7073");

    env.write(
        "flags.json",
        r#"{"flags":{"colour":{"state":"ENABLED","variants":{"red":"r"},"defaultVariant":"green"}}}"#,
    );
    let wrong = env.run("flag import flags.json --channel production -m wrong");
    refused(&wrong, 5, "TG-8005");
    assert!(wrong.stderr.contains("/flags/colour/"), "{}", wrong.screen());
    env.write("flags.json", r#"{"flags":{},"flags":{}}"#);
    refused(&env.run("flag import flags.json --channel production -m twice"), 2, "TG-7076");
    refused(&env.run("flag import none.json --channel production -m none"), 2, "TG-7075");
}

#[test]
fn nobody_overwrites_anybody() {
    let (env, _server) = stage();
    let _ = done(&env, "flag on new_ui --channel production -m go");
    let late = env.run("flag set new_ui --channel production --percent 5 --revision 1 --yes -m late");
    refused(&late, 5, "TG-8004");
    assert!(late.stderr.contains("revision 2 now, by token:bootstrap"), "{}", late.screen());
    refused(&env.run("flag off new_ui --channel production --revision 1 -m late"), 5, "TG-8004");
    assert_eq!(json(&env, "flag show new_ui")["revision"], 2);
}

#[test]
fn roles_are_kept() {
    let (env, _server) = stage();
    let _ = done(&env, "flag create stop_mail --kind kill-switch --owner ops -m 'a way out'");
    let _ = done(&env, "flag on stop_mail --channel production -m ready");
    let token = |name: &str, roles: &str| {
        done(&env, &format!("token create {name} --flags '{roles}'")).stdout.trim().to_owned()
    };
    let (viewer, operator) = (token("viewer", "viewer"), token("night", "operator"));
    let editor = token("editor", "editor@staging:release|experiment,viewer");
    let evaluator = token("web", "evaluate@production");
    let run = |secret: &str, line: &str| env.run_with("TIDEGATE_TOKEN", secret, line);

    assert_eq!(run(&viewer, "flag list").code, 0);
    refused(&run(&viewer, "flag on new_ui --channel staging -m x"), 5, "TG-8007");
    refused(&run(&operator, "flag off stop_mail --channel production -m x"), 5, "TG-8007");
    assert_eq!(run(&operator, "flag kill stop_mail --channel production").code, 0);
    assert_eq!(run(&editor, "flag on new_ui --channel staging -m x").code, 0);
    refused(&run(&editor, "flag on new_ui --channel production -m x"), 5, "TG-8007");
    refused(&run(&editor, "flag segment put all --when everybody -m x"), 5, "TG-8007");
    refused(&run(&evaluator, "flag show new_ui"), 5, "TG-8001");
    refused(&run(&viewer, "release list"), 5, "TG-6005");

    let list = done(&env, "token list").stdout;
    assert!(list.contains("editor@staging:release+experiment, viewer"), "{list}");
    let wrong = env.run("token create x --flags viewer,editor@staging:cats");
    refused(&wrong, 2, "TG-7081");
    assert!(wrong.stderr.contains("    editor@staging:cats\n                   ^\n"), "{}", wrong.screen());
    assert_eq!(env.run("token create x").code, 2, "a token for nothing");
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let (env, _server) = stage();
    let wrong = env.run("flag set new_ui --channel production --rule 'country is DE => on' --yes -m x");
    refused(&wrong, 2, "TG-7070");
    assert!(wrong.stderr.contains("    country is DE => on\n                  ^\n"), "{}", wrong.screen());
    let told = env.run("flag set new_ui --channel production --rule 'country is' --yes -m x --json");
    let error: Value = serde_json::from_str(&told.stderr).unwrap();
    assert_eq!(error["error"]["place"]["character"], 11, "{error}");

    refused(&env.run("flag on new_ui --channel prod -m x"), 5, "TG-8006");
    refused(&env.run("flag on new_ux --channel production -m x"), 5, "TG-8001");
    refused(&env.run("flag on ../tokens --channel production -m x"), 2, "TG-7071");
    refused(&env.run("flag set new_ui --channel a/b --serve on --yes -m x"), 2, "TG-7078");
    refused(&env.run("flag set new_ui --channel production --yes -m x"), 2, "TG-7077");
    refused(&env.run("flag set new_ui --channel production --percent 101 --yes -m x"), 2, "TG-7074");
    refused(&env.run("flag explain new_ui --channel production --set x"), 2, "TG-7080");
    refused(&env.run("flag create other --type string --owner ada -m x"), 2, "TG-7079");
    let unknown = env.run("flag set new_ui --channel production --serve green --yes -m x");
    refused(&unknown, 5, "TG-8005");
    assert!(unknown.stderr.contains("`green` is no variant of the flag `new_ui`"), "{}", unknown.screen());
    refused(&env.run("flag on new_ui --channel production -m ' '"), 5, "TG-6017");
    assert_eq!(json(&env, "flag show new_ui")["revision"], 1, "nothing was changed");
}

#[test]
fn segments_are_named_used_and_taken_away() {
    let (env, _server) = stage();
    let put = done(&env, "flag segment put staff --when 'email ends with @example.com' -m 'who works here'");
    assert_eq!(put.stdout, "staff is now: email ends with @example.com (revision 1)\n");
    let _ = done(&env, "flag set new_ui --channel production --rule 'segment staff -> on' --serve off --yes -m staff");
    let _ = done(&env, "flag on new_ui --channel production -m staff");
    let told = json(&env, "flag explain new_ui --channel production --set email=ada@example.com");
    assert_eq!((&told["variant"], &told["decided"]), (&"on".into(), &0.into()));
    refused(&env.run("flag segment delete staff -m over"), 5, "TG-8005");
    let _ = done(&env, "flag set new_ui --channel production --no-rules --yes -m over");
    let _ = done(&env, "flag segment delete staff -m over");
    refused(&env.run("flag segment delete staff -m over"), 5, "TG-8002");
    let again = done(&env, "flag segment put staff --when everybody -m 'back again'");
    assert_eq!(again.stdout, "staff is now: everybody (revision 3)\n");
}

#[test]
fn what_others_wrote_cannot_steer_a_terminal() {
    let (env, _server) = stage();
    let mut create = env.command("flag create evil -m x");
    create.args(["--owner", "\u{1b}[2Jada", "--description", "a\u{202e}b", "--requires", "new_ui=on"]);
    let created = env.ran(&create.output().unwrap());
    assert!(created.code == 0 || created.code == 5, "{}", created.screen());
    for line in ["flag list", "flag show evil", "flag history evil", "flag stale"] {
        let ran = env.run(line);
        assert!(!ran.screen().contains(['\u{1b}', '\u{202e}']), "{line}: {:?}", ran.screen());
    }
}
