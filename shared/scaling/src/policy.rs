//! The bounds within which the number is chosen.

use jiff::SignedDuration;
use serde::Serialize;
use utoipa::ToSchema;

use crate::rate::Rate;

/// The bounds within which the number is chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Policy {
    floor: u16,
    ceiling: Ceiling,
    /// From asking for a worker to its first transaction.
    pub startup: SignedDuration,
    /// What each worker takes from the queues beforehand.
    pub prefetch: Prefetch,
    /// What a worker is expected to settle, before anything is measured.
    pub expected: Option<Rate>,
}

/// Most workers, and what sets the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Ceiling {
    /// Workers.
    pub workers: u16,
    /// What sets the bound.
    pub limit: Limit,
}

/// What sets the ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Limit {
    /// The operators' setting.
    Setting,
    /// The database's connections.
    Connections,
}

/// The database's connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Connections {
    /// What the server allows (`max_connections`).
    pub most: u16,
    /// What other services and administrators need.
    pub reserved: u16,
    /// What a worker opens: its lanes and three more.
    pub each_worker: u16,
}

/// What each worker takes from a channel's queue before it acknowledges.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Prefetch {
    /// Consumers of a channel in a worker: its lanes and one more.
    pub consumers: u16,
    /// Messages that a consumer takes (`PREFETCH`).
    pub messages: u16,
}

/// Why bounds are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// The floor is above the ceiling.
    #[error("the floor of {floor} workers is above the ceiling of {ceiling} ({}): lower the floor, or {}",
        limit.as_sentence(), limit.remedy())]
    FloorAboveCeiling {
        /// The floor.
        floor: u16,
        /// The ceiling.
        ceiling: u16,
        /// What sets the ceiling.
        limit: Limit,
    },
}

impl Limit {
    pub(crate) fn as_sentence(self) -> &'static str {
        match self {
            Self::Setting => "the operators' setting",
            Self::Connections => "the database's connections",
        }
    }

    pub(crate) fn remedy(self) -> &'static str {
        match self {
            Self::Setting => "raise the setting",
            Self::Connections => "raise its max_connections or lower WORKER_LANES",
        }
    }
}

impl Connections {
    /// Returns how many workers find connections.
    #[must_use]
    pub fn workers(self) -> u16 {
        self.most.saturating_sub(self.reserved) / self.each_worker.max(1)
    }
}

impl Prefetch {
    /// Returns how many messages of a channel so many workers hold.
    pub(crate) fn of_workers(self, workers: u16) -> u64 {
        u64::from(self.consumers) * u64::from(self.messages) * u64::from(workers)
    }
}

impl Ceiling {
    /// Returns the smaller of the setting and of what the database's connections allow, if these
    /// are known.
    #[must_use]
    pub fn of(setting: u16, connections: Option<Connections>) -> Self {
        let by_connections = connections.map(Connections::workers);
        match by_connections.filter(|workers| *workers < setting) {
            Some(workers) => Self {
                workers,
                limit: Limit::Connections,
            },
            None => Self {
                workers: setting,
                limit: Limit::Setting,
            },
        }
    }
}

impl Policy {
    /// Returns the bounds, with a worker as it is without settings: 10 s to start, three consumers
    /// of 160 messages.
    ///
    /// # Errors
    /// The floor is above the ceiling.
    pub fn new(floor: u16, ceiling: Ceiling) -> Result<Self, PolicyError> {
        if floor > ceiling.workers {
            return Err(PolicyError::FloorAboveCeiling {
                floor,
                ceiling: ceiling.workers,
                limit: ceiling.limit,
            });
        }
        Ok(Self {
            floor,
            ceiling,
            startup: SignedDuration::from_secs(10),
            prefetch: Prefetch {
                consumers: 3,
                messages: 160,
            },
            expected: None,
        })
    }

    /// Returns the fewest workers of the automatic.
    #[must_use]
    pub fn floor(&self) -> u16 {
        self.floor
    }

    /// Returns the most workers.
    #[must_use]
    pub fn ceiling(&self) -> Ceiling {
        self.ceiling
    }
}
