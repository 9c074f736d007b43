//! Opening a release: what stands against it, and what it takes along.

use crate::ReleaseId;
use crate::board::{self, ServiceKey};
use crate::control::{Inner, OpenRelease};
use crate::driver::Message;
use crate::error::ControlError;
use crate::live::Live;
use crate::record::{Undecodable, draft};
use crate::recover::{Recovered, recover};
use crate::run::{Start, live_installed, shown};
use engine::{Command, Input, Opened, Record, Stage, Stamp, State};
use journal::{AppendError, Fence};
use policy::{CommandLever, Compiled, EnvValue, Hook, Lever, Policy, Target, Wiring};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use tokio::sync::oneshot;

pub(crate) async fn open(
    inner: &Inner,
    fence: Fence,
    actor: &str,
    ask: OpenRelease,
    (policy, base): (&Policy, &Path),
) -> Result<Arc<Live>, ControlError> {
    check_version(&ask.version)?;
    if let Some(unreadable) = inner.unreadable.first() {
        return Err(unreadable);
    }
    take_in(inner, fence).await?;
    let Compiled { plan, mut wiring } = policy
        .compile(&ask.service, &ask.channel, &ask.release_type)
        .map_err(|problem| ControlError::Policy(Box::new(problem)))?;
    anchor(&mut wiring, base);
    let key = ServiceKey { service: ask.service.clone(), channel: ask.channel.clone() };
    let artifact = ask.digest.clone().unwrap_or_else(|| format!("version:{}", ask.version));
    let wiring_text = serde_json::to_string(&wiring).map_err(|e| Undecodable::new("the wiring", &e))?;
    let in_front = release_in_front(inner, &key, ask.supersede)?;
    check_quarantine(inner, (&ask.service, &artifact), ask.lift_quarantine.as_deref())?;
    let live = live_installed(inner, &key, &wiring_text);
    if live.as_ref().is_some_and(|live| live.version == ask.version) {
        return Err(ControlError::AlreadyLive { version: ask.version });
    }
    let opened = Opened {
        service: ask.service,
        channel: ask.channel,
        release_type: ask.release_type,
        version: ask.version,
        artifact,
        live: live.map(|live| live.version),
        waits_for: in_front.as_ref().map(|other| other.id.to_string()),
        plan,
        wiring: wiring_text,
        policy: policy.digest().to_string(),
        quarantine_lifted: ask.lift_quarantine,
        note: ask.note,
    };
    let stamp = Stamp { at: inner.clock.now(), actor: actor.to_string() };
    let (id, recovered) = write(inner, fence, &stamp, opened).await?;
    let live = Arc::new(shown(id, &recovered));
    drive(inner, fence, (id, recovered), &live)?;
    if let Some(other) = in_front {
        supersede(inner, actor, &other, id).await;
    }
    Ok(live)
}

/// Takes in what was opened and never answered: it stands in the way like any other, and nobody may open beside it.
async fn take_in(inner: &Inner, fence: Fence) -> Result<(), ControlError> {
    for id in inner.newcomers.unknown(inner.journal.as_ref(), &inner.roster).await? {
        let recovered = recover(inner.journal.as_ref(), id).await?;
        let live = Arc::new(shown(id, &recovered));
        drive(inner, fence, (id, recovered), &live)?;
    }
    Ok(())
}

/// Has a release driven, unless a leadership that began meanwhile has found it in the journal and drives it already.
fn drive(
    inner: &Inner,
    fence: Fence,
    (id, recovered): (ReleaseId, Recovered),
    live: &Arc<Live>,
) -> Result<(), ControlError> {
    let Some(door) = inner.roster.drive(Arc::clone(live)) else { return Ok(()) };
    let start = Start { id, fence, recovered, door };
    inner.starts.send(start).map_err(|_| ControlError::NotLeader { leader: None })
}

/// The names of versions become names of folders, processes and routes.
fn check_version(version: &str) -> Result<(), ControlError> {
    let first_is_fine = version.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    let rest_is_fine = version.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+'));
    if first_is_fine && rest_is_fine && version.len() <= 64 {
        Ok(())
    } else {
        Err(ControlError::BadVersion { given: version.chars().take(80).collect() })
    }
}

/// The newest release that must end first. Only a person's `--supersede` may push it aside.
fn release_in_front(inner: &Inner, key: &ServiceKey, supersede: bool) -> Result<Option<Arc<Live>>, ControlError> {
    let there = inner.roster.lives_at(key);
    let Some(newest) = board::in_flight(&there).max_by_key(|live| live.id) else { return Ok(None) };
    if !supersede {
        return Err(ControlError::InFlight { key: key.clone(), other: newest.id, stage: newest.state.stage_word() });
    }
    Ok(Some(Arc::clone(newest)))
}

fn check_quarantine(
    inner: &Inner,
    (service, artifact): (&str, &str),
    lifted: Option<&str>,
) -> Result<(), ControlError> {
    let brought = inner.roster.lives_of(artifact);
    let Some(by) = board::quarantined_by(&brought, service, artifact) else { return Ok(()) };
    if lifted.is_some_and(|reason| !reason.trim().is_empty()) {
        return Ok(());
    }
    let cause = match &by.state.stage {
        Stage::RollingBack(rollback) | Stage::Ended(rollback) => rollback.cause.to_string(),
        _ => String::new(),
    };
    Err(ControlError::Quarantined { artifact: artifact.to_string(), by: by.id, cause })
}

/// Writes the first entry of a new stream. Ids are given by the journal itself: a number that is taken is a conflict.
async fn write(
    inner: &Inner,
    fence: Fence,
    stamp: &Stamp,
    opened: Opened,
) -> Result<(ReleaseId, Recovered), ControlError> {
    let state = State::open(stamp, opened.clone()).map_err(ControlError::Plan)?;
    let record = Record::Opened(Box::new(opened));
    let first = draft(stamp, &record, None)?;
    let mut id = inner.roster.next_id();
    loop {
        match inner.journal.append(&id.stream(), 0, fence, vec![first.clone()]).await {
            Ok(_) => {
                let recovered =
                    Recovered { state, seq: 1, samples: 0, last_sample: None, last: None, counted_to: None };
                return Ok((id, recovered));
            }
            Err(AppendError::Conflict { .. }) => id = ReleaseId(id.0.saturating_add(1)),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Asks the release in front to go. If it cannot any more, it is ending by itself, and the new one waits for that.
async fn supersede(inner: &Inner, actor: &str, other: &Live, by: ReleaseId) {
    let (reply, answer) = oneshot::channel();
    let stamp = Stamp { at: inner.clock.now(), actor: actor.to_string() };
    let input = Input::Command(Command::Supersede { by: by.to_string() });
    if let Some(inbox) = inner.roster.inbox(other.id)
        && inbox.send(Message::Say { stamp, input, reply }).await.is_ok()
        && let Ok(Err(refusal)) = answer.await
    {
        tracing::info!(release = %other.id, %refusal, "was not superseded, it ends by itself");
    }
}

/// Folders in a policy are relative to it. A release must find them again after a restart from anywhere.
fn anchor(wiring: &mut Wiring, base: &Path) {
    let anchored = |workdir: &mut String, env: &mut BTreeMap<String, EnvValue>| {
        *workdir = base.join(&*workdir).display().to_string();
        for value in env.values_mut() {
            if let EnvValue::FromFile(path) = value {
                *path = base.join(&*path).display().to_string();
            }
        }
    };
    match &mut wiring.target {
        Target::Process(target) => anchored(&mut target.workdir, &mut target.env),
        Target::Command(target) => anchored(&mut target.workdir, &mut target.env),
        Target::Running {} => {}
    }
    match &mut wiring.lever {
        Lever::Command(CommandLever { workdir, env, .. }) => anchored(workdir, env),
        Lever::Flag(_) => {}
        Lever::Gate(lever) => {
            for path in lever.tls.iter_mut().flat_map(|tls| [&mut tls.certificate, &mut tls.key]) {
                *path = base.join(&*path).display().to_string();
            }
        }
    }
    for (_, hook) in &mut wiring.hooks {
        match hook {
            Hook::Command(hook) => anchored(&mut hook.workdir, &mut hook.env),
            Hook::Http(_) => {}
        }
    }
}
