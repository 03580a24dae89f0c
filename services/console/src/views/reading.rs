//! A value that may be unknown.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A value as it was read in this second, or the instant since which it can't be read. Never an
/// older value, and never zero in its place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
pub enum Reading<T> {
    /// It was read.
    Known {
        /// The value.
        value: T,
    },
    /// It can't be read.
    Unknown {
        /// Instant since which it can't be read; the console's start, if it never was.
        #[schema(value_type = String, format = DateTime)]
        unknown_since: Timestamp,
    },
}

impl<T> Reading<T> {
    /// Returns the value, if it was read.
    pub fn known(&self) -> Option<&T> {
        match self {
            Self::Known { value } => Some(value),
            Self::Unknown { .. } => None,
        }
    }
}
