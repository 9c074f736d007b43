//! A small disk that can be filled up. Only root may mount one; whoever is not is told that a full disk was not tried.

use std::fs::{self, DirBuilder, File};
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A disk of its own for one folder.
#[derive(Debug)]
pub(super) struct SmallDisk {
    at: PathBuf,
}

impl SmallDisk {
    /// Makes the folder, and mounts a disk of so many MiB there.
    ///
    /// # Errors
    /// Why this machine does not allow it; the folder is there all the same.
    pub(super) fn mount(at: &Path, mib: u32) -> Result<Self, String> {
        DirBuilder::new().recursive(true).mode(0o700).create(at).map_err(|error| error.to_string())?;
        let options = format!("size={mib}m,mode=700");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tidegate-crash"]).arg(at).output();
        match mount {
            Ok(mount) if mount.status.success() => Ok(Self { at: at.to_owned() }),
            Ok(mount) => Err(String::from_utf8_lossy(&mount.stderr).trim().to_owned()),
            Err(error) => Err(format!("mount: {error}")),
        }
    }

    /// Takes all that is left, until the answer is dropped.
    pub(super) fn fill(&self) -> Filler {
        let path = self.at.join("filler");
        let filled = File::create(&path).map(|mut file| {
            for piece in [1 << 16, 1 << 12] {
                // Until it is refused: that is what is wanted.
                while file.write_all(&vec![0; piece]).is_ok() {}
            }
        });
        Filler { path, filled }
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: somebody may still have a file open.
        let _gone_already = Command::new("umount").arg("-l").arg(&self.at).output();
    }
}

/// What fills a disk.
#[derive(Debug)]
pub(super) struct Filler {
    path: PathBuf,
    filled: io::Result<()>,
}

impl Filler {
    /// Whether there is one: a disk that somebody else filled up has no room even for that.
    pub(super) fn is_there(&self) -> bool {
        self.filled.is_ok()
    }
}

impl Drop for Filler {
    fn drop(&mut self) {
        let _gone_already = fs::remove_file(&self.path);
    }
}
