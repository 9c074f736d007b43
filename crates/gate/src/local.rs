//! Runs what hyper wants run on the thread that wants it: nothing of a connection ever changes threads.

use tokio::task::spawn_local;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Local;

impl<F: Future<Output: 'static> + 'static> hyper::rt::Executor<F> for Local {
    fn execute(&self, task: F) {
        spawn_local(task);
    }
}
