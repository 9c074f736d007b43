//! What a process prints, in a file that it writes itself, so that its output survives the gate.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The size above which a log is put away, in bytes. One older piece is kept.
const LARGE: u64 = 8 * 1024 * 1024;

pub(super) fn open(path: &Path) -> io::Result<File> {
    if let Some(dir) = path.parent() {
        fs::create_dir_all(dir)?;
    }
    OpenOptions::new().create(true).append(true).open(path)
}

/// Copies a large log aside and empties it. The process goes on writing to the same file: it appends, so it goes on at the start.
/// Lines written between the copy and the emptying are lost; renaming instead would leave the process writing to the old piece.
pub(super) fn rotate(path: &Path) -> io::Result<()> {
    if fs::metadata(path)?.len() > LARGE {
        fs::copy(path, older(path))?;
        OpenOptions::new().write(true).open(path)?.set_len(0)?;
    }
    Ok(())
}

fn older(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".1");
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_large_log_is_put_away_and_writing_goes_on() {
        let dir = std::env::temp_dir().join(format!("gate-log-{}", crate::chance::fresh_id()));
        let path = dir.join("shop").join("1.0.log");
        let mut log = open(&path).unwrap();
        log.write_all(&vec![b'x'; LARGE as usize]).unwrap();
        rotate(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), LARGE, "not above the limit yet");
        log.write_all(b"one more").unwrap();
        rotate(&path).unwrap();
        log.write_all(b"after").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"after");
        assert_eq!(fs::metadata(older(&path)).unwrap().len(), LARGE + 8);
        fs::remove_dir_all(dir).unwrap();
    }
}
