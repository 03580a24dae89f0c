//! The submitter of an application, and its channel.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::identifiers::OrganisationId;
use crate::outcome::UnknownWord;
use crate::tax_code::TaxCode;

/// The channel by which an application comes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Channel {
    /// Persons who apply for themselves.
    Citizen,
    /// Organisations that apply for others, with a mandate.
    Intermediary,
}

impl Channel {
    /// Every channel.
    pub const ALL: [Self; 2] = [Self::Citizen, Self::Intermediary];

    /// Returns its word in the API, the queue and the database.
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

/// The sender of an application.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Submitter {
    /// The applicant.
    Citizen(TaxCode),
    /// An organisation, on behalf of the applicant.
    Intermediary(OrganisationId),
}

impl Submitter {
    /// Returns the channel that this kind of submitter uses.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Citizen(_) => Channel::Citizen,
            Self::Intermediary(_) => Channel::Intermediary,
        }
    }

    /// Returns the tax code or the organisation's id. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Citizen(tax_code) => tax_code.as_str(),
            Self::Intermediary(organisation) => organisation.as_str(),
        }
    }
}
