//! Deals one blow and looks at what must hold at once: the gate is back in time with the same split, users are off the canary when
//! control is gone for too long.

use super::blow::{Deck, Kind};
use super::control::Control;
use super::disk::Filler;
use super::gate;
use super::ledger::{Kill, Killed};
use super::process;
use super::record::{Record, TakenBack};
use super::site::{DEAD_MAN_MS, Site};
use crate::demo::gate_view::now_ms;
use ::gate::wire::ServiceStatus;
use rustix::process::Signal;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// The gate is back this soon after its kill.
pub(super) const BACK_WITHIN: Duration = Duration::from_secs(2);
/// Beyond that it is not waited for any longer.
const GIVE_UP: Duration = Duration::from_secs(30);
/// How much later than its limit the dead man's switch may be seen.
const DEAD_MAN_SLACK: Duration = Duration::from_millis(1_500);
/// How long a canary with users is waited for.
const CANARY_WITHIN: Duration = Duration::from_secs(12);
const LOOK: Duration = Duration::from_millis(20);

/// Whoever deals blows.
pub(super) struct Striker<'a> {
    pub(super) site: &'a Site,
    pub(super) control: &'a Control,
    pub(super) record: &'a Record,
}

impl Striker<'_> {
    /// Deals it, and says what was seen. `Err`: it could not be dealt just now.
    pub(super) async fn deal(&self, kind: Kind, deck: &mut Deck) -> Result<String, String> {
        let length = deck.length();
        if kind.wants_canary() {
            self.wait_for_canary().await;
        }
        match kind {
            Kind::KillControl => self.kill_control().await,
            Kind::KillGate => self.kill_gate(false).await,
            Kind::KillBoth => self.kill_gate(true).await,
            Kind::KillStable => self.kill_version(Arm::Stable).await,
            Kind::KillCanary => self.kill_version(Arm::Canary).await,
            Kind::FreezeControl => self.freeze(self.control_pid()?, length).await,
            Kind::FreezeGate => self.freeze(self.gate_pid().await?, length).await,
            Kind::FreezeStable => self.freeze_version(Arm::Stable, length).await,
            Kind::FreezeCanary => self.freeze_version(Arm::Canary, length).await,
            Kind::LoseControl => self.lose_control().await,
            Kind::FillControl | Kind::FillAndKillControl => {
                let filler = fill(self.site.control_disk())?;
                sleep(length / 2).await;
                let killed = kind == Kind::FillAndKillControl;
                if killed {
                    self.control.kill(false).map_err(|error| error.to_string())?;
                }
                sleep(length / 2).await;
                drop(filler);
                let leads = self.wait_for_leader().await?;
                Ok(format!("full for {}, leads {} after there was room", ms(length), ms(leads)))
            }
            Kind::FillGate => {
                let filler = fill(self.site.gate_disk())?;
                sleep(length).await;
                drop(filler);
                Ok(format!("full for {}", ms(length)))
            }
            Kind::FillAndKillGate => {
                let filler = fill(self.site.gate_disk())?;
                sleep(length / 2).await;
                let seen = self.kill_gate(false).await;
                drop(filler);
                seen
            }
            Kind::StarveControl => self.starve(self.control_pid()?, length).await,
            Kind::StarveGate => self.starve(self.gate_pid().await?, length).await,
        }
    }

    async fn kill_control(&self) -> Result<String, String> {
        self.control.kill(false).map_err(|error| error.to_string())?;
        Ok(format!("leads again after {}", ms(self.wait_for_leader().await?)))
    }

    /// Promise 4.
    async fn kill_gate(&self, with_control: bool) -> Result<String, String> {
        let before = gate::service(self.site).await.ok_or("the gate does not answer")?;
        let pid = self.gate_pid().await?;
        let (from, gone) = kill(pid).await?;
        let index = {
            let mut kept = self.record.kept();
            kept.kills.push(Kill { of: Killed::Gate { back: None }, from, gone });
            kept.struck.extend(before.canary.iter().map(|canary| (canary.clone(), now_ms())));
            kept.kills.len() - 1
        };
        if with_control {
            self.control.kill(false).map_err(|error| error.to_string())?;
        }
        let mut door = None;
        let after = loop {
            if door.is_none() && gate::door_is_open(self.site).await {
                door = Some(Instant::now());
                if let Some(kill) = self.record.kept().kills.get_mut(index) {
                    kill.of = Killed::Gate { back: door };
                }
            }
            // An older order can only be in force if the last one could not be saved; control gives it again.
            let after = gate::service(self.site).await.filter(|after| turn(after) >= turn(&before));
            if let (Some(after), Some(_)) = (after, door) {
                break after;
            }
            if from.elapsed() > GIVE_UP {
                self.record.broke(4, format!("the gate was not back {} after its kill", ms(GIVE_UP)));
                return Err("the gate did not come back".into());
            }
            sleep(LOOK).await;
        };
        let away = from.elapsed();
        self.record.kept().gate_away.push(away);
        if away > BACK_WITHIN {
            self.record.broke(4, format!("the gate was back only {} after its kill", ms(away)));
        }
        let same =
            (after.share_ppm, &after.stable, &after.canary) == (before.share_ppm, &before.stable, &before.canary);
        // Whoever has a later order was given another split since.
        if !same && turn(&after) == turn(&before) {
            let (before, after) = (gate::split(&before), gate::split(&after));
            self.record.broke(4, format!("the gate split {before} before its kill, and {after} after it"));
        }
        Ok(format!("back after {} with {}", ms(away), gate::split(&after)))
    }

    async fn kill_version(&self, arm: Arm) -> Result<String, String> {
        let (version, pid) = self.version(arm).await?;
        let (from, gone) = kill(pid).await?;
        let mut kept = self.record.kept();
        match arm {
            Arm::Stable => {
                let of = Killed::Stable { version: version.clone() };
                kept.kills.push(Kill { of, from, gone });
            }
            Arm::Canary => {}
        }
        kept.struck.push((version.clone(), now_ms()));
        Ok(format!("{version}, process {pid}"))
    }

    async fn freeze_version(&self, arm: Arm, length: Duration) -> Result<String, String> {
        let (version, pid) = self.version(arm).await?;
        self.record.kept().struck.push((version.clone(), now_ms()));
        Ok(format!("{version}, {}", self.freeze(pid, length).await?))
    }

    async fn freeze(&self, pid: u32, length: Duration) -> Result<String, String> {
        process::send(pid, Signal::STOP).map_err(|error| error.to_string())?;
        sleep(length).await;
        // It may have been killed in its sleep by whoever looks after it.
        let ended = process::send(pid, Signal::CONT).is_err();
        Ok(format!("process {pid} for {}{}", ms(length), if ended { ", and it was ended meanwhile" } else { "" }))
    }

    async fn starve(&self, pid: u32, length: Duration) -> Result<String, String> {
        let before = process::starve_of_files(pid).map_err(|error| error.to_string())?;
        sleep(length).await;
        process::feed_files(pid, before).map_err(|error| error.to_string())?;
        Ok(format!("process {pid} for {}", ms(length)))
    }

    /// Promise 5.
    async fn lose_control(&self) -> Result<String, String> {
        let before = gate::service(self.site).await.ok_or("the gate does not answer")?;
        self.control.kill(true).map_err(|error| error.to_string())?;
        sleep(Duration::from_millis(DEAD_MAN_MS) + DEAD_MAN_SLACK).await;
        let after = gate::service(self.site).await;
        self.control.come_back();
        let after = after.ok_or("the gate does not answer")?;
        let seen = match (&before.canary, &after.withdrawn_by_gate) {
            (Some(canary), _) if after.share_ppm > 0 => {
                let still = gate::split(&after);
                self.record.broke(5, format!("control was gone for too long, and {canary} still has users: {still}"));
                still
            }
            (Some(_), Some(withdrawn)) => {
                let mut kept = self.record.kept();
                kept.lost_control += u32::from(before.share_ppm > 0);
                let (version, at_ms) = (withdrawn.version.clone(), withdrawn.at_ms);
                kept.taken_back.push(TakenBack { version, at_ms });
                format!("the gate took users back from {} by itself", withdrawn.version)
            }
            (Some(canary), None) => format!("nobody was on {canary}"),
            (None, _) => "there was no canary".to_owned(),
        };
        Ok(format!("{seen}; leads again after {}", ms(self.wait_for_leader().await?)))
    }

    async fn wait_for_leader(&self) -> Result<Duration, String> {
        let since = Instant::now();
        while since.elapsed() < GIVE_UP {
            if self.site.client_if_leading().await.is_some() {
                return Ok(since.elapsed());
            }
            sleep(LOOK).await;
        }
        self.record.broke(7, format!("control did not lead again within {}", ms(GIVE_UP)));
        Err("control does not lead".into())
    }

    async fn wait_for_canary(&self) {
        let since = Instant::now();
        while since.elapsed() < CANARY_WITHIN {
            if gate::service(self.site).await.is_some_and(|service| service.canary.is_some() && service.share_ppm > 0) {
                return;
            }
            sleep(LOOK * 5).await;
        }
    }

    async fn version(&self, arm: Arm) -> Result<(String, u32), String> {
        let service = gate::service(self.site).await.ok_or("the gate does not answer")?;
        let version = match arm {
            Arm::Stable => Some(service.stable.clone()),
            Arm::Canary => service.canary.clone(),
        };
        let version = version.ok_or("there is no canary")?;
        let pid = gate::pid_of(&service, &version).ok_or_else(|| format!("{version} does not run"))?;
        Ok((version, pid))
    }

    async fn gate_pid(&self) -> Result<u32, String> {
        Ok(gate::status(self.site).await.ok_or("the gate does not answer")?.pid)
    }

    fn control_pid(&self) -> Result<u32, String> {
        self.control.pid().ok_or_else(|| "control does not run".into())
    }
}

#[derive(Clone, Copy)]
enum Arm {
    Stable,
    Canary,
}

/// Kills a process; answers when the signal was sent, and when the process was gone.
async fn kill(pid: u32) -> Result<(Instant, Instant), String> {
    let from = Instant::now();
    process::send(pid, Signal::KILL).map_err(|error| error.to_string())?;
    while !process::has_ended(pid) {
        if from.elapsed() > GIVE_UP {
            return Err(format!("process {pid} does not die"));
        }
        sleep(Duration::from_millis(1)).await;
    }
    Ok((from, Instant::now()))
}

fn fill(disk: Result<&super::disk::SmallDisk, &str>) -> Result<Filler, String> {
    let filler = disk.map_err(str::to_owned)?.fill();
    if filler.is_there() { Ok(filler) } else { Err("the disk was full already".into()) }
}

fn turn(service: &ServiceStatus) -> (u64, u64) {
    (service.fence, service.generation)
}

fn ms(time: Duration) -> String {
    format!("{} ms", time.as_millis())
}
