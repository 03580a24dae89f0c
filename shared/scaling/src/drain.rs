//! The measured drain: what workers settle while there is always something to do.

use std::num::NonZeroU16;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::rate::Rate;

/// One second of all workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sample {
    /// Applications that were settled in this second.
    pub settled: u64,
    /// Applications that waited at its end.
    pub outstanding: u64,
    /// Workers that ran.
    pub workers: u16,
    /// Whether workers were held back: they gave way to requests, or waited for the database.
    pub held_back: bool,
}

/// What a number of workers settles while saturated.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Drain {
    /// Workers that ran meanwhile.
    #[schema(value_type = u16, minimum = 1)]
    pub workers: NonZeroU16,
    /// A quarter of the time it is less than this (p25).
    pub low: Rate,
    /// The median.
    pub median: Rate,
    /// A quarter of the time it is more than this (p75).
    pub high: Rate,
}
