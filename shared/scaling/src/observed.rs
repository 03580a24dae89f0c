//! What a hand sees.

use serde::Serialize;
use utoipa::ToSchema;

/// What a hand sees of the workers. Empty where it can't tell.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct Observed {
    /// Workers that run.
    pub running: Option<u16>,
    /// The number that the platform was last given, by whomever, where it keeps one.
    pub asked: Option<u16>,
    /// The platform's version of that number: a change refers to it.
    #[serde(skip)]
    pub version: Option<String>,
}

impl Observed {
    /// Returns what a hand sees that only counts.
    #[must_use]
    pub fn count(running: u16) -> Self {
        Self {
            running: Some(running),
            ..Self::default()
        }
    }
}
