//! The first token, in a file that only its owner reads. Whoever may read the data directory is the server's master anyway.

use crate::client::ADMIN_TOKEN;
use crate::exit::Exit;
use crate::failure::Failure;
use std::fs::{self, File};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// Writes the token, whole or not at all.
///
/// # Errors
/// The file cannot be written.
pub(crate) fn write(dir: &Path, token: &str) -> Result<(), Failure> {
    let path = dir.join(ADMIN_TOKEN);
    write_file(dir, &path, token).map_err(|error| {
        Failure::new(Exit::Failed, "TG-7014", format!("the admin's token cannot be written to {}", path.display()))
            .because(error.to_string())
            .hint(
                "free space or give the right to write; the server tries again every second, and no token is good yet",
            )
    })
}

fn write_file(dir: &Path, path: &Path, token: &str) -> io::Result<()> {
    let unfinished = dir.join(format!("{ADMIN_TOKEN}.new"));
    // One that a server left behind may have another mode.
    match fs::remove_file(&unfinished) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    let mut file = File::options().create_new(true).write(true).mode(0o600).open(&unfinished)?;
    writeln!(file, "{token}")?;
    file.sync_all()?;
    fs::rename(&unfinished, path)?;
    File::open(dir)?.sync_all()
}
