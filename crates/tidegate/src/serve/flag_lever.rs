//! Flags as levers of releases: the registry behind the adapters' port. Control is made before the server that holds the registry,
//! so the registry is filled in once it is there.

use adapters::{FlagOrder, Flags};
use control::ports::{BoxFuture, PortError, PortResult};
use engine::Share;
use flags::access::{Grant, Role};
use flags::change::Change;
use flags::model::WHOLE;
use flags::{ChannelState, Decision, Flag, Serve, Split, Weight};
use registry::{FlagError, Registry, Wish};
use std::sync::{Arc, OnceLock, Weak};

/// How often a share is set anew when people change the flag at the same moment.
const TRIES: usize = 5;

/// A share in parts per million has this many of them in each unit of a flag's weight.
const PPM_PER_WEIGHT: u32 = Share::ALL.ppm() / WHOLE;

/// The registry, once it is there.
#[derive(Clone, Default)]
pub(crate) struct FlagLever(Arc<OnceLock<Weak<Registry>>>);

impl FlagLever {
    /// From now on this registry is moved.
    pub(crate) fn attach(&self, registry: &Arc<Registry>) {
        // A second registry would be a second truth; the first stays.
        // Weak, since the registry holds control, and control holds this: together they would hold the journal open for ever.
        let _ = self.0.set(Arc::downgrade(registry));
    }

    fn registry(&self) -> PortResult<Arc<Registry>> {
        let missing = || PortError {
            code: "TG-5090",
            message: "flags are not known yet".into(),
            hint: "it is tried again by itself".into(),
            retry: true,
        };
        self.0.get().and_then(Weak::upgrade).ok_or_else(missing)
    }

    /// Makes a flag what `change` makes of it.
    async fn change(
        &self,
        of: FlagOrder<'_>,
        reason: &str,
        urgent: bool,
        change: impl Fn(&mut Flag) -> PortResult<()>,
    ) -> PortResult<()> {
        let registry = self.registry()?;
        let all = [Grant::everywhere(Role::Admin)];
        for _ in 0..TRIES {
            let entry = registry.get(of.key).map_err(failed)?;
            let mut flag = entry.kept.flag.clone();
            change(&mut flag)?;
            if flag == entry.kept.flag {
                return Ok(());
            }
            let wish = Wish {
                key: of.key,
                change: Change::Replace(flag),
                reason,
                expected: Some(entry.revision),
                by: "tidegate",
                grants: &all,
                urgent,
            };
            match registry.change(wish).await {
                Ok(_) => return Ok(()),
                Err(FlagError::Conflict { .. }) => {}
                Err(error) => return Err(failed(error)),
            }
        }
        Err(PortError {
            code: "TG-5091",
            message: format!("others change flag `{}` again and again", of.key),
            hint: "let the release move it alone".into(),
            retry: true,
        })
    }
}

impl Flags for FlagLever {
    fn claim<'a>(&'a self, of: FlagOrder<'a>) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            let reason = format!("release {} moves it", of.release);
            self.change(of, &reason, false, |flag| {
                for variant in [of.canary, of.stable] {
                    if flag.variant(variant).is_none() {
                        return Err(unfit(format!("flag `{}` has no variant `{variant}`", of.key)));
                    }
                }
                if flag.off.as_deref().is_some_and(|off| off != of.stable) {
                    return Err(unfit(format!("flag `{}` does not say `{}` while it is off", of.key, of.stable)));
                }
                let mine = flag.release.as_deref() == Some(of.release);
                if !mine && share(flag, of)? != Share::NONE {
                    return Err(unfit(format!(
                        "flag `{}` gives `{}` to users in {} already; this release would take them from it",
                        of.key, of.canary, of.channel
                    )));
                }
                flag.release = Some(of.release.to_owned());
                Ok(())
            })
            .await
        })
    }

    fn shift<'a>(&'a self, of: FlagOrder<'a>, share: Share) -> BoxFuture<'a, PortResult<()>> {
        Box::pin(async move {
            let reason = format!("release {} gives `{}` to {share}", of.release, of.canary);
            let taking_back = share == Share::NONE;
            self.change(of, &reason, taking_back, |flag| {
                set(flag, of, share);
                Ok(())
            })
            .await
        })
    }

    fn observe<'a>(&'a self, of: FlagOrder<'a>) -> BoxFuture<'a, PortResult<Share>> {
        Box::pin(async move {
            let entry = self.registry()?.get(of.key).map_err(failed)?;
            share(&entry.kept.flag, of)
        })
    }
}

fn set(flag: &mut Flag, of: FlagOrder<'_>, share: Share) {
    let canary = share.ppm() / PPM_PER_WEIGHT;
    let weight = |variant: &str, weight| Weight { variant: variant.to_owned(), weight };
    let otherwise = match share {
        Share::ALL => Serve::Variant(of.canary.to_owned()),
        Share::NONE => Serve::Variant(of.stable.to_owned()),
        _ => Serve::Split(Split {
            by: flags::model::TARGETING_KEY.to_owned(),
            salt: None,
            // The canary first, so that whoever is in a share is in every larger one.
            weights: vec![weight(of.canary, canary), weight(of.stable, WHOLE - canary)],
        }),
    };
    let rules = match flag.channels.remove(of.channel) {
        Some(ChannelState { decision: Decision::Rules { rules, .. }, .. }) => rules,
        Some(ChannelState { decision: Decision::Logic { .. }, .. }) | None => Vec::new(),
    };
    let decision = Decision::Rules { rules, otherwise };
    // Nobody means nobody: off, so that rules which give the new variant to testers rest as well.
    flag.channels.insert(of.channel.to_owned(), ChannelState { on: share != Share::NONE, decision });
}

/// The share of a flag as it is.
fn share(flag: &Flag, of: FlagOrder<'_>) -> PortResult<Share> {
    let Some(state) = flag.channels.get(of.channel).filter(|state| state.on && !flag.archived) else {
        return Ok(Share::NONE);
    };
    let changed = || unfit(format!("flag `{}` was changed by hand: its share in {} is not known", of.key, of.channel));
    let Decision::Rules { otherwise, .. } = &state.decision else { return Err(changed()) };
    match otherwise {
        Serve::Variant(name) if name == of.canary => Ok(Share::ALL),
        Serve::Variant(_) | Serve::CodeDefault => Ok(Share::NONE),
        Serve::Split(split) => {
            let weight =
                split.weights.iter().filter(|weight| weight.variant == of.canary).map(|w| w.weight).sum::<u32>();
            Share::from_ppm(weight.saturating_mul(PPM_PER_WEIGHT)).map_err(|_| changed())
        }
    }
}

fn failed(error: FlagError) -> PortError {
    let retry = matches!(error, FlagError::Unread { .. } | FlagError::Journal { .. });
    PortError { code: error.code(), message: error.to_string(), hint: error.hint(), retry }
}

fn unfit(message: String) -> PortError {
    PortError {
        code: "TG-5092",
        message,
        hint: "give the release a flag of its own that nobody has yet: `tidegate flag show` says how it is".into(),
        retry: false,
    }
}
