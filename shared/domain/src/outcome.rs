//! The outcome of an application.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The error for a word that is not in the named list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known {0}")]
pub struct UnknownWord(pub &'static str);

/// The worker's decision on an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// On the register, to be examined.
    Registered,
    /// The same person already applied for the same benefit.
    Duplicate,
    /// The person has a benefit that excludes this one.
    Incompatible,
    /// On the register past the budget's cap: received with reservation.
    Reserve,
    /// Not on the register; the reason is recorded.
    Refused,
    /// A different content was received earlier under the same idempotency key and is the
    /// application. This one is stored in full and never stands.
    Conflict,
    /// A holder withdrew it.
    Withdrawn,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 7] = [
        Self::Registered,
        Self::Duplicate,
        Self::Incompatible,
        Self::Reserve,
        Self::Refused,
        Self::Conflict,
        Self::Withdrawn,
    ];

    /// Returns its word in the API and the database.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Registered => "registered",
            Self::Duplicate => "duplicate",
            Self::Incompatible => "incompatible",
            Self::Reserve => "reserve",
            Self::Refused => "refused",
            Self::Conflict => "conflict",
            Self::Withdrawn => "withdrawn",
        }
    }
}

impl FromStr for Outcome {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|outcome| outcome.as_str() == text)
            .ok_or(UnknownWord("outcome"))
    }
}

/// The progressive number of a registration within a calendar year (Europe/Rome) of its receipt
/// (D.P.R. 445/2000, arts. 53 and 57: renewed each year, at least seven digits).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ProtocolNumber {
    /// The year, four digits.
    pub year: i16,
    /// The number within the year, from 1.
    pub number: i64,
}

impl fmt::Display for ProtocolNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:07}", self.year, self.number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back() {
        for outcome in Outcome::ALL {
            assert_eq!(outcome.as_str().parse(), Ok(outcome));
        }
        assert_eq!("lost".parse::<Outcome>(), Err(UnknownWord("outcome")));
    }

    #[test]
    fn a_protocol_number_has_its_year_and_at_least_seven_digits() {
        assert_eq!(
            ProtocolNumber {
                year: 2020,
                number: 42
            }
            .to_string(),
            "2020-0000042"
        );
    }
}
