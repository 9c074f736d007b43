//! Files that are no policies, or no YAML.

use crate::{check, fine, shop};
use expect_test::expect;

#[test]
fn an_empty_file() {
    check(
        "",
        &expect![[r#"
        error[TG-1005]: the file is empty
         --> tidegate.yaml:1:1
          |
        1 | 
          | ^ found nothing, expected a policy
          |
          = hint: `tidegate init` writes a first one

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "# only a comment\n---\n",
        &expect![[r#"
        error[TG-1005]: the file is empty
         --> tidegate.yaml:1:1
          |
        1 | # only a comment
          | ^ found nothing, expected a policy
          |
          = hint: `tidegate init` writes a first one

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn another_file_altogether() {
    check(
        "just a sentence\n",
        &expect![[r#"
        error[TG-1011]: this is not a map
         --> tidegate.yaml:1:1
          |
        1 | just a sentence
          | ^^^^^^^^^^^^^^^ found `just a sentence`, expected a map with `extends`, `services`, `targets`, `levers`, `signals`, `hooks`, `rollouts`, `types` or `channels`
          |
          = hint: write `key: value`, one on each line

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "- a\n- list\n",
        &expect![[r#"
        error[TG-1011]: this is not a map
         --> tidegate.yaml:1:1
          |
        1 | - a
          | ^ found a list, expected a map with `extends`, `services`, `targets`, `levers`, `signals`, `hooks`, `rollouts`, `types` or `channels`
          |
          = hint: write `key: value`, one on each line

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn not_yaml() {
    check(
        "services:\n  shop: { target: local\n",
        &expect![[r#"
            error[TG-1001]: this is not YAML
             --> tidegate.yaml:3:1
              |
            3 | 
              | ^ the parser stopped here: while parsing a flow mapping, did not find expected ',' or '}'
              |
              = hint: close the bracket, or put a comma between its items

            1 problem; each code has a page in docs/errors/
        "#]],
    );
    check(
        "services:\n\tshop: x\n",
        &expect![[r#"
        error[TG-1001]: this is not YAML
         --> tidegate.yaml:2:2
          |
        2 |  shop: x
          |  ^ the parser stopped here: tabs disallowed within this context (block indentation)
          |
          = hint: indent with spaces; YAML does not allow tabs there

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "services:\n  shop: a: b\n",
        &expect![[r#"
        error[TG-1001]: this is not YAML
         --> tidegate.yaml:2:10
          |
        2 |   shop: a: b
          |          ^ the parser stopped here: mapping values are not allowed in this context
          |
          = hint: put quotes around a text that contains `: `

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "extends: \"standard\n",
        &expect![[r#"
            error[TG-1001]: this is not YAML
             --> tidegate.yaml:1:10
              |
            1 | extends: "standard
              |          ^ the parser stopped here: while scanning a quoted scalar, found unexpected end of stream
              |
              = hint: close the quote

            1 problem; each code has a page in docs/errors/
        "#]],
    );
}

#[test]
fn a_control_character_does_not_cut_the_file_off() {
    check(
        "extends: standard\nservices: {}\0\nchecks: []\n",
        &expect![[r#"
        error[TG-1001]: this is not YAML
         --> tidegate.yaml:2:13
          |
        2 | services: {}�
          |             ^ found a control character, expected text
          |
          = hint: remove it; in a double-quoted text it can be written as an escape such as `\x07`

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn duplicate_keys() {
    check(
        &shop("hooks: {}\nservices:\n  other: { target: local, lever: edge }\n"),
        &expect![[r#"
        error[TG-1002]: a key is here twice
         --> tidegate.yaml:9:1
          |
        9 | services:
          | ^^^^^^^^ `services` is already on line 2
          |
          = hint: keep one of the two

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn parts_of_yaml_that_policies_do_not_use() {
    check(
        "extends: !!str standard\n",
        &expect![[r#"
        error[TG-1003]: policies do not use this part of YAML
         --> tidegate.yaml:1:10
          |
        1 | extends: !!str standard
          |          ^^^^^^^^^^^^^^ found a tag (`!…`)
          |
          = hint: remove it; what a value is follows from its key

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "extends: standard\n---\nextends: standard\n",
        &expect![[r#"
        error[TG-1003]: policies do not use this part of YAML
         --> tidegate.yaml:3:1
          |
        3 | extends: standard
          | ^ found a second document
          |
          = hint: keep one document in a file

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "? [a, b]\n: c\n",
        &expect![[r#"
        error[TG-1003]: policies do not use this part of YAML
         --> tidegate.yaml:1:3
          |
        1 | ? [a, b]
          |   ^ found a key that is not a plain text
          |
          = hint: write the key as a text

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "a: &a { b: *a }\n",
        &expect![[r#"
        error[TG-1003]: policies do not use this part of YAML
         --> tidegate.yaml:1:12
          |
        1 | a: &a { b: *a }
          |            ^^ found an alias inside of what it stands for
          |
          = hint: write the value out

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "base: &base { a: b }\nservices:\n  shop:\n    <<: *base\n",
        &expect![[r#"
        error[TG-1003]: policies do not use this part of YAML
         --> tidegate.yaml:4:5
          |
        4 |     <<: *base
          |     ^^ found a merge key
          |
          = hint: name the keys, or `extends` a rollout

        1 problem; each code has a page in docs/errors/
    "#]],
    );
}

#[test]
fn aliases_are_read() {
    let policy = fine(&shop("hooks:\n  a: &smoke { command: { run: ./smoke.sh } }\n  b: *smoke\n"));
    assert_eq!(policy.hooks()["a"], policy.hooks()["b"]);
}

#[test]
fn places_hold_with_other_line_ends_and_letters() {
    check(
        &shop("hookz: {}\n").replace('\n', "\r\n"),
        &expect![[r#"
        error[TG-1010]: unknown key `hookz`
         --> tidegate.yaml:8:1
          |
        8 | hookz: {}
          | ^^^^^ expected `extends`, `services`, `targets`, `levers`, `signals`, `hooks`, `rollouts`, `types` or `channels`
          |
          = path: hookz
          = hint: did you mean `hooks`?

        1 problem; each code has a page in docs/errors/
    "#]],
    );
    check(
        "extends: standard\nservices: { shöp: { tärget: x } }\n",
        &expect![[r#"
            error[TG-1012]: the key `lever` is missing
             --> tidegate.yaml:2:13
              |
            2 | services: { shöp: { tärget: x } }
              |             ^^^^ `lever` must be here: what moves its users
              |
              = path: services.shöp
              = hint: add `lever: …`, the name of a lever that you define under `levers`

            error[TG-1016]: this is not a name
             --> tidegate.yaml:2:13
              |
            2 | services: { shöp: { tärget: x } }
              |             ^^^^ found `shöp`, expected a name such as `shop`
              |
              = path: services.shöp
              = hint: write `sh-p`

            error[TG-1010]: unknown key `tärget`
             --> tidegate.yaml:2:21
              |
            2 | services: { shöp: { tärget: x } }
              |                     ^^^^^^ expected `target`, `lever`, `signals`, `probe`, `hooks`, `live`, `traffic` or `channels`
              |
              = path: services.shöp.tärget
              = hint: did you mean `target`?

            3 problems; each code has a page in docs/errors/
        "#]],
    );
}

#[test]
fn what_a_terminal_would_obey_is_not_shown() {
    check(
        "extends: standard\n\"se\\e[31mrvices\": {}\n\u{202e}services: {}\n",
        &expect![[r#"
            error[TG-1010]: unknown key `se�[31mrvices`
             --> tidegate.yaml:2:1
              |
            2 | "se\e[31mrvices": {}
              | ^^^^^^^^^^^^^^^^ expected `extends`, `services`, `targets`, `levers`, `signals`, `hooks`, `rollouts`, `types` or `channels`
              |
              = path: se�[31mrvices
              = hint: did you mean `services`?

            error[TG-1010]: unknown key `�services`
             --> tidegate.yaml:3:1
              |
            3 | �services: {}
              | ^^^^^^^^^ expected `extends`, `services`, `targets`, `levers`, `signals`, `hooks`, `rollouts`, `types` or `channels`
              |
              = path: �services
              = hint: did you mean `services`?

            2 problems; each code has a page in docs/errors/
        "#]],
    );
}
