//! Roles for flags as they are typed and listed: `editor@staging+production:release+experiment`.

use crate::exit::Exit;
use crate::failure::Failure;
use flags::Kind;
use flags::access::{Grant, Role};

const ROLES: [(&str, Role); 6] = [
    ("evaluate", Role::Evaluate),
    ("sync", Role::Sync),
    ("viewer", Role::Viewer),
    ("operator", Role::Operator),
    ("editor", Role::Editor),
    ("admin", Role::Admin),
];
const KINDS: [(&str, Kind); 4] = [
    ("release", Kind::Release),
    ("experiment", Kind::Experiment),
    ("kill-switch", Kind::KillSwitch),
    ("configuration", Kind::Configuration),
];

/// `role[@channel+channel][:kind+kind]`; `|` separates as well as `+`.
///
/// # Errors
/// It is none; with the place.
pub(super) fn grant(text: &str) -> Result<Grant, Failure> {
    let wrong = |part: &str, why: String| {
        // Parts are slices of the text, so that the distance of their beginnings is the place.
        let at = text[..part.as_ptr() as usize - text.as_ptr() as usize].chars().count();
        Failure::new(Exit::Usage, "TG-7081", format!("`{text}` is no role for flags"))
            .because(why)
            .hint("write it as role[@channel+channel][:kind+kind]: evaluate@production, editor@staging:release+experiment")
            .at(text, at)
    };
    let (head, kinds) = text.split_once(':').map_or((text, None), |(head, kinds)| (head, Some(kinds)));
    let (role, channels) = head.split_once('@').map_or((head, None), |(role, channels)| (role, Some(channels)));
    let named = |part: &str, known: &[&str], what: &str| {
        wrong(part, format!("there is no {what} `{part}`; there are {}", known.join(", ")))
    };
    let role = ROLES.iter().find(|known| known.0 == role).map(|known| known.1);
    let role =
        role.ok_or_else(|| named(head.split('@').next().unwrap_or(head), &ROLES.map(|known| known.0), "role"))?;
    let channels = channels.map(|channels| {
        let one = |name: &str| match name {
            "" => Err(()),
            name => Ok(name.to_owned()),
        };
        channels
            .split(['+', '|'])
            .map(|name| one(name).map_err(|()| wrong(name, "a channel has no name".into())))
            .collect::<Result<Vec<_>, _>>()
    });
    let kinds = kinds.map(|kinds| {
        let one = |name: &str| {
            let known = KINDS.iter().find(|known| known.0 == name.replace('_', "-")).map(|known| known.1);
            known.ok_or_else(|| named(name, &KINDS.map(|known| known.0), "kind of flag"))
        };
        kinds.split(['+', '|']).map(one).collect::<Result<Vec<_>, _>>()
    });
    Ok(Grant { role, channels: channels.transpose()?, kinds: kinds.transpose()? })
}

/// A role as it is typed.
#[must_use]
pub(super) fn grant_text(grant: &Grant) -> String {
    let word = |known: &[(&'static str, Role)]| known.iter().find(|known| known.1 == grant.role).map(|known| known.0);
    let kind = |kind: &Kind| KINDS.iter().find(|known| known.1 == *kind).map_or("", |known| known.0);
    let channels = grant.channels.as_ref().map(|names| format!("@{}", names.join("+"))).unwrap_or_default();
    let kinds = grant.kinds.as_ref().map(|kinds| kinds.iter().map(kind).collect::<Vec<_>>().join("+"));
    let kinds = kinds.map(|kinds| format!(":{kinds}")).unwrap_or_default();
    format!("{}{channels}{kinds}", word(&ROLES).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::paint::Paint;

    #[test]
    fn what_is_typed_is_what_is_listed() {
        for text in [
            "admin",
            "evaluate@production",
            "editor@staging+production:release+experiment",
            "operator:kill-switch",
            "sync@development:configuration",
        ] {
            assert_eq!(grant_text(&grant(text).unwrap()), text);
        }
        assert_eq!(grant("editor:release|kill_switch").unwrap(), grant("editor:release+kill-switch").unwrap());
    }

    #[test]
    fn what_is_none_is_told_with_its_place() {
        for (text, at) in
            [("boss", 0), ("editor@", 7), ("editor@a+", 9), ("editor@a:releases", 9), ("", 0), ("viewer:", 7)]
        {
            let told = grant(text).unwrap_err().render(Paint::new(false));
            let caret = told.lines().find_map(|line| line.strip_suffix('^')).unwrap();
            assert_eq!(caret.len() - 4, at, "{told}");
        }
    }
}
