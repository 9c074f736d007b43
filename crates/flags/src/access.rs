//! Who may do what with flags. Nobody may do anything that no grant of theirs allows.
//!
//! | role | may |
//! |---|---|
//! | `evaluate` | ask what a context gets (OFREP, flagd's evaluation) |
//! | `sync` | have all definitions of a channel (flagd's sync); may evaluate too |
//! | `viewer` | see definitions, history, clients |
//! | `operator` | see, and turn kill switches off; nothing else |
//! | `editor` | see, and change |
//! | `admin` | all of it |

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::model::Kind;

/// A role, where it holds, and for which kinds of flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// What its holder may do.
    pub role: Role,
    /// In these channels; in all of them when there is no list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channels: Option<Vec<String>>,
    /// With flags of these kinds; with all of them when there is no list.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kinds: Option<Vec<Kind>>,
}

/// What somebody is to flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Asks for values.
    Evaluate,
    /// Takes definitions away to evaluate them itself.
    Sync,
    /// Looks.
    Viewer,
    /// Pulls kill switches.
    Operator,
    /// Changes.
    Editor,
    /// All of it.
    Admin,
}

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Know what a context gets.
    Evaluate,
    /// Have all definitions of a channel, as clients get them.
    Sync,
    /// See definitions and history.
    View,
    /// Turn a kill switch off.
    Kill,
    /// Anything else.
    Edit,
}

impl Role {
    /// Whether the role is enough for the action, wherever it holds.
    #[must_use]
    pub fn allows(self, action: Action) -> bool {
        match (self, action) {
            (Self::Admin, _)
            | (Self::Editor, Action::View | Action::Kill | Action::Edit)
            | (Self::Operator, Action::View | Action::Kill)
            | (Self::Viewer, Action::View)
            | (Self::Sync, Action::Sync | Action::Evaluate)
            | (Self::Evaluate, Action::Evaluate) => true,
            (Self::Editor | Self::Operator | Self::Viewer | Self::Sync | Self::Evaluate, _) => false,
        }
    }
}

/// Where an action takes place. Nothing means: for all of them, which a grant for some does not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place<'a> {
    /// The channel.
    pub channel: Option<&'a str>,
    /// The kind of the flag.
    pub kind: Option<Kind>,
}

/// Whether one of the grants covers the action at this place.
#[must_use]
pub fn allowed(grants: &[Grant], action: Action, place: Place<'_>) -> bool {
    grants.iter().any(|grant| grant.role.allows(action) && grant.holds_at(place))
}

impl Grant {
    /// A role that holds everywhere.
    #[must_use]
    pub fn everywhere(role: Role) -> Self {
        Self { role, channels: None, kinds: None }
    }

    fn holds_at(&self, place: Place<'_>) -> bool {
        let in_channel = match (&self.channels, place.channel) {
            (None, _) => true,
            (Some(names), Some(channel)) => names.iter().any(|name| name == channel),
            (Some(_), None) => false,
        };
        let for_kind = match (&self.kinds, place.kind) {
            (None, _) => true,
            (Some(kinds), Some(kind)) => kinds.contains(&kind),
            (Some(_), None) => false,
        };
        in_channel && for_kind
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    const PRODUCTION: Place<'static> = Place { channel: Some("production"), kind: Some(Kind::KillSwitch) };

    #[test]
    fn nobody_may_anything_without_a_grant() {
        for action in [Action::Evaluate, Action::Sync, Action::View, Action::Kill, Action::Edit] {
            assert!(!allowed(&[], action, PRODUCTION));
        }
    }

    #[test]
    fn an_operator_pulls_kill_switches_and_does_nothing_else() {
        let grants = [Grant::everywhere(Role::Operator)];
        assert!(allowed(&grants, Action::Kill, PRODUCTION) && allowed(&grants, Action::View, PRODUCTION));
        assert!(!allowed(&grants, Action::Edit, PRODUCTION) && !allowed(&grants, Action::Sync, PRODUCTION));
    }

    #[test]
    fn a_grant_for_some_does_not_cover_all() {
        let some =
            Grant { role: Role::Editor, channels: Some(vec!["staging".into()]), kinds: Some(vec![Kind::Release]) };
        let at = |channel, kind| Place { channel, kind };
        let may = |place| allowed(core::slice::from_ref(&some), Action::Edit, place);
        assert!(may(at(Some("staging"), Some(Kind::Release))));
        assert!(!may(at(Some("production"), Some(Kind::Release))));
        assert!(!may(at(Some("staging"), Some(Kind::Experiment))));
        assert!(!may(at(None, Some(Kind::Release))) && !may(at(Some("staging"), None)));
    }
}
