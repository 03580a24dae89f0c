//! The person that an application is for.

use crate::contact::{Email, Phone};
use crate::iban::Iban;
use crate::mask::masked_debug;
use crate::tax_code::TaxCode;

/// A given or family name: 1 to 100 characters, at least one letter, no control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(Box<str>);
masked_debug!(PersonName);

/// A text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 100 characters, at least one of them a letter, and no control characters")]
pub struct PersonNameError;

impl PersonName {
    /// Parses a name; white space around it is ignored.
    ///
    /// # Errors
    /// [`PersonNameError`] where it can't be one.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        let text = text.trim();
        // 100 characters have at most 400 bytes
        let short = text.len() <= 400 && text.chars().count() <= 100;
        let fits = short && text.chars().any(char::is_alphabetic) && !text.chars().any(char::is_control);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(PersonNameError)
        }
    }

    /// The name. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The person that an application is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Codice fiscale.
    pub tax_code: TaxCode,
    /// Given name.
    pub given_name: PersonName,
    /// Family name.
    pub family_name: PersonName,
    /// Where to write.
    pub email: Option<Email>,
    /// Where to call.
    pub phone: Option<Phone>,
    /// Where to pay.
    pub iban: Option<Iban>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_all_kinds_are_accepted() {
        for good in ["Anna", " D'Amico ", "Ñuñez-Ødegård", "李", "Maria José"] {
            assert_eq!(PersonName::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in ["", "  ", "123", "An\0na", "An\nna", &"a".repeat(101)] {
            assert_eq!(PersonName::parse(bad), Err(PersonNameError), "{bad:?}");
        }
    }
}
