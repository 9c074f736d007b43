//! Where log lines go. A log that cannot be written must not end who writes it: control and the gate go on serving while the disk of
//! their log is full. What is lost is counted, and told as soon as a line can be written again.

use std::fmt;
use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tracing_subscriber::fmt::MakeWriter;

/// A place for lines that may refuse them.
#[derive(Debug)]
pub(super) struct Sink<W> {
    to: Mutex<Lossy<W>>,
}

#[derive(Debug)]
struct Lossy<W> {
    to: W,
    lost: u64,
    /// Whether the last line that was begun is not whole.
    torn: bool,
    /// Says in the form of the other lines that some were lost.
    confess: fn(u64) -> String,
}

impl<W: Write> Sink<W> {
    /// Writes to `to`; what was lost is told in the words of `confess`.
    pub(super) fn new(to: W, confess: fn(u64) -> String) -> Self {
        Self { to: Mutex::new(Lossy { to, lost: 0, torn: false, confess }) }
    }
}

impl<'a, W: Write + 'a> MakeWriter<'a> for Sink<W> {
    type Writer = Line<'a, W>;

    fn make_writer(&'a self) -> Self::Writer {
        // A line is whole or lost, also when its writer died.
        Line { to: self.to.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

/// Whoever writes one line.
pub(super) struct Line<'a, W> {
    to: MutexGuard<'a, Lossy<W>>,
}

impl<W: Write> Write for Line<'_, W> {
    /// Never fails: who logs could do nothing about it.
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.to.put(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<W: Write> Lossy<W> {
    fn put(&mut self, line: &[u8]) {
        let fits = self.confessed() && self.fits(line);
        self.lost += u64::from(!fits);
    }

    /// Whether it was told what was lost, if anything was.
    fn confessed(&mut self) -> bool {
        if self.lost == 0 {
            return true;
        }
        let begin = if self.torn { "\n" } else { "" };
        let confession = format!("{begin}{}\n", (self.confess)(self.lost));
        let told = self.fits(confession.as_bytes());
        if told {
            self.lost = 0;
        }
        told
    }

    fn fits(&mut self, mut line: &[u8]) -> bool {
        while !line.is_empty() {
            match self.to.write(line) {
                Ok(0) => return false,
                Ok(n) => {
                    line = line.get(n..).unwrap_or_default();
                    // Where a line ends the next one may begin.
                    self.torn = !line.is_empty();
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
        true
    }
}

impl<W> fmt::Debug for Line<'_, W> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Line").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A disk with so many bytes of room.
    #[derive(Debug, Default)]
    struct Disk {
        room: usize,
        written: Vec<u8>,
    }

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.room);
            self.room -= n;
            self.written.extend_from_slice(&bytes[..n]);
            if n == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(n) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn who_logs_goes_on_and_what_was_lost_is_told() {
        let sink = Sink::new(Disk { room: 6, written: Vec::new() }, |lost| format!("{lost} lost"));
        let say = |line: &str| sink.make_writer().write_all(line.as_bytes());
        for line in ["one\n", "two\n", "three\n"] {
            assert!(say(line).is_ok());
        }
        sink.to.lock().unwrap().to.room = 100;
        say("four\n").unwrap();
        say("five\n").unwrap();
        sink.to.lock().unwrap().to.room = 0;
        say("six\n").unwrap();
        sink.to.lock().unwrap().to.room = 100;
        say("seven\n").unwrap();
        let written = String::from_utf8(sink.to.into_inner().unwrap().to.written).unwrap();
        assert_eq!(written, "one\ntw\n2 lost\nfour\nfive\n1 lost\nseven\n", "nothing but lines");
    }
}
