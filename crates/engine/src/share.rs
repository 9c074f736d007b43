//! A share of users. Kept as an integer so that 5 % is 5 % in the policy, the journal and the gate's hash.

use core::fmt;
use serde::{Deserialize, Deserializer, Serialize};

/// A share of users in parts per million, from none (0) to all (1,000,000).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct Share(u32);

/// A number that is no share: more than all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShareError(pub u32);

impl Share {
    /// Nobody.
    pub const NONE: Self = Self(0);
    /// Everybody.
    pub const ALL: Self = Self(1_000_000);

    /// A share from parts per million.
    ///
    /// # Errors
    /// More than 1,000,000 parts are no share.
    pub const fn from_ppm(ppm: u32) -> Result<Self, ShareError> {
        if ppm > 1_000_000 { Err(ShareError(ppm)) } else { Ok(Self(ppm)) }
    }

    /// A share from whole percent; above 100 it is everybody.
    #[must_use]
    pub const fn percent(percent: u32) -> Self {
        if percent >= 100 { Self::ALL } else { Self(percent * 10_000) }
    }

    /// Parts per million.
    #[must_use]
    pub const fn ppm(self) -> u32 {
        self.0
    }

    /// As a fraction between 0 and 1.
    #[must_use]
    pub fn fraction(self) -> f64 {
        f64::from(self.0) / 1_000_000.0
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        Self::from_ppm(u32::deserialize(d)?).map_err(serde::de::Error::custom)
    }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, rest) = (self.0 / 10_000, self.0 % 10_000);
        if rest == 0 {
            return write!(f, "{whole} %");
        }
        let mut digits = rest;
        let mut width = 4;
        while digits % 10 == 0 {
            digits /= 10;
            width -= 1;
        }
        write!(f, "{whole}.{digits:0width$} %")
    }
}

impl fmt::Display for ShareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} parts per million is more than everybody (1,000,000)", self.0)
    }
}

impl core::error::Error for ShareError {}
