//! Who sent an application, and by which way it came.

use serde::{Deserialize, Serialize};

use crate::identifiers::OrganisationId;
use crate::outcome::UnknownWord;
use crate::tax_code::TaxCode;

/// The way an application comes in; each has a queue of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// A person who applies for themself.
    Citizen,
    /// An organisation that applies for others, with a mandate.
    Intermediary,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Citizen, Self::Intermediary];

    /// The word for it in the API, the queue and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Citizen => "citizen",
            Self::Intermediary => "intermediary",
        }
    }
}

impl std::str::FromStr for Channel {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|channel| channel.as_str() == text)
            .ok_or(UnknownWord("channel"))
    }
}

/// Who sent an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Submitter {
    /// The applicant.
    Citizen(TaxCode),
    /// An organisation, for the applicant.
    Intermediary(OrganisationId),
}

impl Submitter {
    /// The channel that this kind of submitter uses.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Citizen(_) => Channel::Citizen,
            Self::Intermediary(_) => Channel::Intermediary,
        }
    }

    /// The tax code or the organisation's id. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Citizen(tax_code) => tax_code.as_str(),
            Self::Intermediary(organisation) => organisation.as_str(),
        }
    }
}
