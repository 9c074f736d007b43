//! The files of the console, as the build found them.

/// The page for every path that names no file.
pub(crate) const INDEX: &str = "/index.html";
/// Where the files are whose names hold a hash of their content.
pub(crate) const ASSETS: &str = "/assets/";

/// A file, and packed copies of it where those are smaller.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) path: &'static str,
    pub(crate) kind: &'static str,
    pub(crate) plain: &'static [u8],
    pub(crate) gzip: Option<&'static [u8]>,
    pub(crate) brotli: Option<&'static [u8]>,
}

/// All of them; none when the console was not built.
pub(crate) const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
