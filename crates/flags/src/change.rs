//! What may be done to a flag, as data: a wish, what it makes of a flag, and what it touches. Whether the result is sound is
//! asked of the whole shelf afterwards, since a flag may rest on others; who may is asked of [`crate::access`].

use alloc::collections::BTreeSet;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::access::{Action, Grant, Place, allowed};
use crate::model::{ChannelState, Decision, Flag, Kind, Serve};

/// A flag with what waits for its time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Kept {
    /// The flag.
    pub flag: Flag,
    /// What will be done to it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<Scheduled>,
}

/// Something that will be done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
pub struct Scheduled {
    /// Its number among all that were ever planned for the flag.
    pub id: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: i64,
    /// Who wanted it. The same person is named when it is done.
    pub by: String,
    /// What.
    pub step: Step,
}

/// A change of one channel: what can be planned for later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// On or off.
    Turn {
        /// The channel.
        channel: String,
        /// Whether on.
        on: bool,
    },
    /// Another decision; the flag stays on or off.
    Decide {
        /// The channel.
        channel: String,
        /// The decision.
        decision: Decision,
    },
}

/// A wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A new flag.
    Create(Flag),
    /// The flag is to be this from now on.
    Replace(Flag),
    /// A change of one channel.
    Step(Step),
    /// Off in one channel, at once. The only thing that an operator may do.
    Kill {
        /// The channel.
        channel: String,
    },
    /// A change of one channel, later.
    Schedule {
        /// When.
        at_ms: i64,
        /// What.
        step: Step,
    },
    /// Not any more.
    Unschedule {
        /// The number of what was planned.
        id: u64,
    },
    /// What was planned is done now.
    Run {
        /// Its number.
        id: u64,
    },
    /// Put away.
    Archive,
    /// Taken out again; it is off everywhere.
    Restore,
    /// As it was before the change that the journal keeps under this number of the flag's stream.
    Undo {
        /// The number.
        of: u64,
        /// How it was; nothing if it was created by that change.
        to: Option<Kept>,
    },
}

/// What the journal files a change under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// It began to be.
    Created,
    /// Its definition was changed.
    Edited,
    /// It was turned on in a channel.
    Enabled,
    /// It was turned off in a channel.
    Disabled,
    /// Its kill switch was pulled in a channel.
    Killed,
    /// What it says in a channel was changed.
    Decided,
    /// Something was planned.
    Scheduled,
    /// Something that was planned will not be.
    Unscheduled,
    /// It was put away.
    Archived,
    /// It was taken out again.
    Restored,
    /// A change was taken back.
    Undone,
}

/// Why a wish cannot be granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is one with this key, or it is put away.
    Exists,
    /// There is none with this key.
    Missing,
    /// It is put away.
    Archived,
    /// It is not put away.
    NotArchived,
    /// Its key, kind or type of value would be another: code that reads it would break.
    Fixed(&'static str),
    /// Nothing with this number is planned.
    NotPlanned(u64),
    /// The time is over.
    Past,
    /// It would change nothing.
    Same,
    /// Kill switches alone can be killed; others are turned off by whoever may change them.
    NoKillSwitch,
}

/// How many steps can wait for their time.
pub const MOST_PLANNED: usize = 50;

impl Change {
    /// What becomes of a flag.
    ///
    /// # Errors
    /// [`Refusal`]: it stays as it is.
    pub fn apply(&self, before: Option<&Kept>, by: &str, now_ms: i64, next_id: u64) -> Result<(What, Kept), Refusal> {
        let kept = match (self, before) {
            (Self::Create(flag), None) => {
                return Ok((What::Created, Kept { flag: flag.clone(), schedule: Vec::new() }));
            }
            (Self::Create(_), Some(_)) => return Err(Refusal::Exists),
            (_, None) => return Err(Refusal::Missing),
            (_, Some(kept)) => kept,
        };
        let archived = kept.flag.archived;
        if archived && !matches!(self, Self::Restore | Self::Undo { .. }) {
            return Err(Refusal::Archived);
        }
        let mut after = kept.clone();
        let what = match self {
            Self::Create(_) => return Err(Refusal::Exists),
            Self::Replace(flag) => {
                fixed(&kept.flag, flag)?;
                after.flag = flag.clone();
                What::Edited
            }
            Self::Step(step) => step.apply(&mut after.flag),
            Self::Kill { channel } => {
                if kept.flag.kind != Kind::KillSwitch {
                    return Err(Refusal::NoKillSwitch);
                }
                turn(&mut after.flag, channel, false);
                What::Killed
            }
            Self::Schedule { at_ms, step } => {
                if *at_ms <= now_ms {
                    return Err(Refusal::Past);
                }
                after.schedule.push(Scheduled { id: next_id, at_ms: *at_ms, by: by.into(), step: step.clone() });
                What::Scheduled
            }
            Self::Unschedule { id } => {
                planned(&mut after, *id)?;
                What::Unscheduled
            }
            Self::Run { id } => {
                let step = planned(&mut after, *id)?.step;
                // It is done even if it changes nothing: what was planned must not wait for ever.
                return Ok((step.apply(&mut after.flag), after));
            }
            Self::Archive => {
                after.flag.archived = true;
                after.schedule.clear();
                What::Archived
            }
            Self::Restore => {
                if !archived {
                    return Err(Refusal::NotArchived);
                }
                after.flag.archived = false;
                after.flag.channels.values_mut().for_each(|state| state.on = false);
                What::Restored
            }
            Self::Undo { to, .. } => {
                match to {
                    Some(to) => {
                        after = Kept {
                            schedule: to.schedule.iter().filter(|planned| planned.at_ms > now_ms).cloned().collect(),
                            ..to.clone()
                        }
                    }
                    None => after.flag.archived = true,
                }
                What::Undone
            }
        };
        if after == *kept { Err(Refusal::Same) } else { Ok((what, after)) }
    }

    /// What somebody must be allowed to do for this change.
    fn action(&self) -> Action {
        match self {
            Self::Kill { .. } => Action::Kill,
            Self::Create(_)
            | Self::Replace(_)
            | Self::Step(_)
            | Self::Schedule { .. }
            | Self::Unschedule { .. }
            | Self::Run { .. }
            | Self::Archive
            | Self::Restore
            | Self::Undo { .. } => Action::Edit,
        }
    }

    /// Whether these grants allow a change from `before` to `after`: in every channel that it touches, and for flags of this kind.
    #[must_use]
    pub fn allowed(&self, grants: &[Grant], before: Option<&Kept>, after: &Kept) -> bool {
        let kind = Some(after.flag.kind);
        let action = self.action();
        let touched = touched(before, after);
        if touched.is_empty() {
            // Words about it, or a flag that is off everywhere: whoever may change it somewhere may change that.
            return grants.iter().any(|grant| {
                let channel = grant.channels.as_ref().and_then(|names| names.first()).map(String::as_str);
                allowed(core::slice::from_ref(grant), action, Place { channel, kind })
            });
        }
        touched.iter().all(|channel| allowed(grants, action, Place { channel: Some(channel), kind }))
    }
}

impl Step {
    /// The channel that it changes.
    #[must_use]
    pub fn channel(&self) -> &str {
        match self {
            Self::Turn { channel, .. } | Self::Decide { channel, .. } => channel,
        }
    }

    fn apply(&self, flag: &mut Flag) -> What {
        match self {
            Self::Turn { channel, on } => {
                turn(flag, channel, *on);
                if *on { What::Enabled } else { What::Disabled }
            }
            Self::Decide { channel, decision } => {
                let on = flag.is_on(channel);
                flag.channels.insert(channel.clone(), ChannelState { on, decision: decision.clone() });
                What::Decided
            }
        }
    }
}

/// The channels whose users may see something else afterwards, or that have something planned.
fn touched<'a>(before: Option<&'a Kept>, after: &'a Kept) -> BTreeSet<&'a str> {
    let mut touched = BTreeSet::new();
    let Some(before) = before else {
        touched.extend(after.flag.channels.keys().map(String::as_str));
        return touched;
    };
    let names = before.flag.channels.keys().chain(after.flag.channels.keys());
    let spoken = |kept: &Kept| {
        let Flag { variants, off, prerequisites, metadata, archived, .. } = kept.flag.clone();
        (variants, off, prerequisites, metadata, archived)
    };
    let everywhere = spoken(before) != spoken(after);
    touched.extend(
        names
            .filter(|name| {
                before.flag.channels.get(*name) != after.flag.channels.get(*name)
                    || (everywhere && (before.flag.is_on(name) || after.flag.is_on(name)))
            })
            .map(String::as_str),
    );
    let planned = before.schedule.iter().chain(&after.schedule);
    touched.extend(
        planned
            .filter(|planned| before.schedule.contains(planned) != after.schedule.contains(planned))
            .map(|planned| planned.step.channel()),
    );
    touched
}

fn turn(flag: &mut Flag, channel: &str, on: bool) {
    match flag.channels.get_mut(channel) {
        Some(state) => state.on = on,
        None => {
            let decision = Decision::Rules { rules: Vec::new(), otherwise: on_variant(flag) };
            flag.channels.insert(channel.into(), ChannelState { on, decision });
        }
    }
}

/// What a flag says where it was never told what to say: its first variant that is not the one for off.
fn on_variant(flag: &Flag) -> Serve {
    let on = flag.variants.iter().find(|variant| Some(&variant.name) != flag.off.as_ref());
    on.map_or(Serve::CodeDefault, |variant| Serve::Variant(variant.name.clone()))
}

fn fixed(before: &Flag, after: &Flag) -> Result<(), Refusal> {
    if before.key != after.key {
        Err(Refusal::Fixed("key"))
    } else if before.kind != after.kind {
        Err(Refusal::Fixed("kind"))
    } else if before.value_type != after.value_type {
        Err(Refusal::Fixed("value_type"))
    } else if before.archived != after.archived {
        Err(Refusal::Fixed("archived"))
    } else {
        Ok(())
    }
}

fn planned(kept: &mut Kept, id: u64) -> Result<Scheduled, Refusal> {
    let at = kept.schedule.iter().position(|planned| planned.id == id).ok_or(Refusal::NotPlanned(id))?;
    Ok(kept.schedule.remove(at))
}
