//! Killing the control plane at random moments, seeded. The moments are spread so that most of them fall into the run; what
//! is left is made up for at its end, so that the number is what was asked for.

use super::control_process::{Assassin, ControlProcess};
use super::random::Random;
use engine::Millis;
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// A control plane has this long to come up between two kills that are made up for.
const BREATH: Duration = Duration::from_millis(400);

/// Kills under way.
#[derive(Debug)]
pub(crate) struct Kills {
    over: oneshot::Sender<()>,
    killing: JoinHandle<u32>,
}

impl Kills {
    /// Begins to kill, `times` times within about `length`.
    #[must_use]
    pub(crate) fn begin(times: u32, seed: u64, length: Millis, control: &ControlProcess) -> Self {
        let (over, ended) = oneshot::channel();
        let mean = Duration::from_millis(length.0) / times.max(1);
        let random = Random::new(seed ^ 0x6b69_6c6c);
        Self { over, killing: tokio::spawn(kill(times, mean, random, control.assassin(), ended)) }
    }

    /// The run is over; answers how many kills there were, after making up for those that are left.
    pub(crate) async fn finish(self) -> u32 {
        // A killer that is done does not listen any more.
        let _done = self.over.send(());
        self.killing.await.unwrap_or(0)
    }
}

async fn kill(times: u32, mean: Duration, mut random: Random, assassin: Assassin, ended: oneshot::Receiver<()>) -> u32 {
    let mut ended = std::pin::pin!(ended);
    let mut over = false;
    let mut killed = 0;
    for _ in 0..times {
        if over {
            tokio::time::sleep(BREATH).await;
        } else {
            let pause = mean.mul_f64(0.2 + 1.6 * random.unit());
            over = tokio::time::timeout(pause, &mut ended).await.is_ok();
        }
        killed += u32::from(assassin.kill().await);
    }
    killed
}
