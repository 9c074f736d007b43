//! A control plane that is started, crashes, and is started again on the same journal, for as long as the world lasts.

use crate::faulty::Faulty;
use crate::life::Life;
use crate::ports::Ports;
use crate::world::{Event, WallClock, World};
use control::Control;
use engine::Millis;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Where people find the control planes that are alive.
#[derive(Clone)]
pub(crate) struct Desk {
    seats: watch::Sender<Vec<Option<Seat>>>,
}

/// A control plane that is alive.
#[derive(Clone)]
pub(crate) struct Seat {
    pub(crate) control: Control,
    pub(crate) life: Arc<Life>,
}

impl Desk {
    pub(crate) fn new(replicas: usize) -> Self {
        Self { seats: watch::Sender::new(vec![None; replicas]) }
    }

    pub(crate) fn seats(&self) -> Vec<Seat> {
        self.seats.borrow().iter().flatten().cloned().collect()
    }

    fn put(&self, replica: usize, seat: Option<Seat>) {
        self.seats.send_modify(|seats| {
            if let Some(place) = seats.get_mut(replica) {
                *place = seat;
            }
        });
    }
}

/// Runs a replica for ever.
pub(crate) async fn keep_running(world: Arc<World>, replica: usize, desk: Desk, restart_after: Millis) {
    loop {
        let life = Life::begin(&world, replica);
        let (control, run) = Control::new(
            Arc::new(Faulty::new(&life)),
            Arc::new(Ports::new(&life)),
            Arc::new(WallClock::new(&world, replica)),
            &format!("control-{replica}"),
        );
        desk.put(replica, Some(Seat { control: control.clone(), life: Arc::clone(&life) }));
        let running = tokio::spawn(run.run());
        let away = killed(&world, &life).await;
        running.abort();
        // Its end is what was asked for.
        let _ = running.await;
        world.saw(Event::Crashed { replica, lives: control.list() });
        desk.put(replica, None);
        tokio::time::sleep(Duration::from_millis(away.unwrap_or(restart_after).0)).await;
    }
}

/// Returns when a life has ended: by itself at one of its awaits, or because it was killed; then also for how long nobody
/// starts it again.
async fn killed(world: &World, life: &Life) -> Option<Millis> {
    let Some(kill) = world.weather.next_kill(world.now()) else {
        life.ended().await;
        return None;
    };
    tokio::select! {
        biased;
        () = life.ended() => None,
        () = tokio::time::sleep(Duration::from_millis((kill.from - world.now()).0)) => {
            life.end();
            Some(kill.to - kill.from)
        }
    }
}
