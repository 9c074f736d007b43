//! What SQLite's errors mean to a caller of the journal.

use rusqlite::ErrorCode;
use rusqlite::ffi;

use crate::{Place, Unavailable, UnavailableKind};

impl From<rusqlite::Error> for Unavailable {
    fn from(error: rusqlite::Error) -> Self {
        let kind = match &error {
            rusqlite::Error::SqliteFailure(failure, _) => kind(failure),
            rusqlite::Error::SqlInputError { error, .. } => kind(error),
            // What is left are answers that do not have the shape of our tables. Every statement is fixed and tested, so
            // it is the tables that differ.
            _ => UnavailableKind::Damaged,
        };
        Self::new(kind, error.to_string())
    }
}

/// As the conversion above, with the place where it happened if it is damage.
pub(super) fn at(place: Place) -> impl FnOnce(rusqlite::Error) -> Unavailable {
    move |error| {
        let unavailable = Unavailable::from(error);
        match unavailable.kind {
            UnavailableKind::Damaged => Unavailable { place: Some(place), ..unavailable },
            UnavailableKind::DiskFull
            | UnavailableKind::ReadOnly
            | UnavailableKind::Busy
            | UnavailableKind::Io
            | UnavailableKind::Closed => unavailable,
        }
    }
}

fn kind(failure: &ffi::Error) -> UnavailableKind {
    match failure.code {
        ErrorCode::DiskFull => UnavailableKind::DiskFull,
        // The index of the log lies in a file that is extended by writing zeros: the disk is full.
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_SHMSIZE => UnavailableKind::DiskFull,
        ErrorCode::SystemIoFailure if failure.extended_code == ffi::SQLITE_IOERR_CORRUPTFS => UnavailableKind::Damaged,
        ErrorCode::ReadOnly | ErrorCode::PermissionDenied => UnavailableKind::ReadOnly,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked | ErrorCode::FileLockingProtocolFailed => {
            UnavailableKind::Busy
        }
        // A constraint speaks up when the rows at hand contradict each other: the requests were checked before.
        ErrorCode::DatabaseCorrupt
        | ErrorCode::NotADatabase
        | ErrorCode::ConstraintViolation
        | ErrorCode::TypeMismatch
        | ErrorCode::SchemaChanged
        | ErrorCode::Unknown => UnavailableKind::Damaged,
        _ => UnavailableKind::Io,
    }
}
