//! How long the applications for a benefit are kept.

use jiff::Timestamp;

use crate::identifiers::BenefitId;

/// What becomes of applications that were kept long enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Disposal {
    /// The registration stays: number, instants, what was decided. Everything that leads to a person goes.
    Pseudonymise,
    /// The registration goes too; it is only counted.
    Purge,
}

impl Disposal {
    /// The word for it in the catalogue, the API and in metrics.
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
/// The term is the benefit's, not the application's: all fall due together, when deciding on them is over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// The benefit.
    pub benefit: BenefitId,
    /// The first instant at which they may no longer be kept.
    pub ends: Timestamp,
    /// What becomes of them then.
    pub then: Disposal,
}

impl Retention {
    /// Whether the term has passed.
    #[must_use]
    pub fn has_ended(&self, now: Timestamp) -> bool {
        self.ends <= now
    }
}
