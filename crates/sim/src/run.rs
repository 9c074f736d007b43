//! One world from its beginning to its end.

use crate::outcome::{Outcome, Trace};
use crate::people;
use crate::post;
use crate::replica::{Desk, keep_running};
use crate::scenario::Scenario;
use crate::world::{Event, World, heed_silence};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs a scenario in virtual time, on this thread.
///
/// # Errors
/// The system does not give the runtime what it needs.
pub fn run(scenario: &Scenario) -> std::io::Result<Outcome> {
    let wall = Instant::now();
    let world = in_virtual_time(scenario)?;
    Ok(Outcome::of(scenario, &world, wall.elapsed()))
}

/// Runs it for nothing but the trace that it leaves, to be compared with another run's.
pub(crate) fn run_unseen(scenario: &Scenario) -> std::io::Result<Trace> {
    in_virtual_time(scenario).map(|world| Trace::of(&world))
}

pub(crate) fn in_virtual_time(scenario: &Scenario) -> std::io::Result<Arc<World>> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let world = runtime.block_on(live(scenario));
    // Whatever control still does ends here.
    drop(runtime);
    Ok(world)
}

/// After the last word control may still put things in order.
const AFTERMATH: Duration = Duration::from_secs(2);

async fn live(scenario: &Scenario) -> Arc<World> {
    let world = Arc::new(World::new(scenario));
    let desk = Desk::new(scenario.replicas);
    for replica in 0..scenario.replicas {
        tokio::spawn(keep_running(Arc::clone(&world), replica, desk.clone(), scenario.restart_after));
    }
    tokio::spawn(people::act(Arc::clone(&world), desk.clone(), scenario.clone()));
    tokio::spawn(heed_silence(Arc::clone(&world)));
    if scenario.traffic.pushed {
        tokio::spawn(post::deliver(Arc::clone(&world), desk.clone()));
    }
    let until = tokio::time::sleep(Duration::from_millis(scenario.until.0));
    tokio::pin!(until);
    loop {
        tokio::select! {
            biased;
            () = &mut until => break,
            () = world.news.notified() => {}
        }
        if world.is_quiet() {
            tokio::time::sleep(AFTERMATH).await;
            if world.is_quiet() {
                break;
            }
        }
    }
    for seat in desk.seats() {
        let (replica, lives) = (seat.life.replica, seat.control.list());
        world.saw(Event::Over { replica, lives });
    }
    world.left();
    world
}
