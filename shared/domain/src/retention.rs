//! Retention of the applications for a benefit.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

use crate::identifiers::BenefitId;

/// The disposal after the retention: the registration stays without the person, or is erased and
/// only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Disposal {
    /// The registration stays: number, times, decision. All data that identifies a person is
    /// deleted.
    Pseudonymise,
    /// The registration is deleted too; only a count stays.
    Purge,
}

impl Disposal {
    /// Returns its word in the catalogue, the API and metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pseudonymise => "pseudonymise",
            Self::Purge => "purge",
        }
    }
}

/// How long the personal data of a benefit's applications may be kept (GDPR, art. 5(1)(e)).
///
/// The term belongs to the benefit, not to the application: all applications fall due together,
/// once all decisions are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The benefit.
    pub benefit: BenefitId,
    /// The first instant at which the data may no longer be kept.
    pub ends: Timestamp,
    /// What happens to the applications then.
    pub then: Disposal,
}

impl Retention {
    /// Whether the term has passed.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends <= now
    }
}
