//! A test that needs another process runs itself again: the same test, told by the environment to play the other part.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

const VARIABLE: &str = "JOURNAL_TEST_ROLE";

/// The directory to work in, when this process is the child of the test.
pub(crate) fn assigned() -> Option<PathBuf> {
    env::var_os(VARIABLE).map(PathBuf::from)
}

/// This test again, as a child working in `directory`. `test` is its path, as the harness prints it.
pub(crate) fn child(test: &str, directory: &Path) -> Command {
    under(&[], &env::current_exe().unwrap(), test, directory)
}

/// As [`child`], started by way of `wrapper`, from `executable`.
pub(crate) fn under(wrapper: &[&str], executable: &Path, test: &str, directory: &Path) -> Command {
    let mut command = match wrapper {
        [] => Command::new(executable),
        [first, rest @ ..] => {
            let mut command = Command::new(first);
            command.args(rest).arg(executable);
            command
        }
    };
    command.args(["--exact", test, "--nocapture", "--test-threads=1"]).env(VARIABLE, directory);
    command
}

/// A runtime for a child, which cannot be an asynchronous test and a role at once.
pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(future)
}
