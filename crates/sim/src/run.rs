//! One world from its beginning to its end.

use crate::outcome::Outcome;
use crate::people;
use crate::replica::{Desk, keep_running};
use crate::scenario::Scenario;
use crate::world::{Event, World};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Runs a scenario in virtual time, on this thread.
///
/// # Errors
/// The system does not give the runtime what it needs.
pub fn run(scenario: &Scenario) -> std::io::Result<Outcome> {
    let wall = Instant::now();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build()?;
    let world = runtime.block_on(live(scenario));
    // Whatever control still does ends here.
    drop(runtime);
    Ok(Outcome::of(scenario, &world, wall.elapsed()))
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
