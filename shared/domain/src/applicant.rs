//! The person that an application is for.

use jiff::civil::Date;

use crate::contact::{Email, Phone};
use crate::iban::Iban;
use crate::mask::masked_debug;
use crate::tax_code::TaxCode;
use crate::text::{Text, error_in_english};

/// A given or family name: 1 to 100 characters, at least one letter, no control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(Box<str>);
masked_debug!(PersonName);

/// A text that is no name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonNameError;

impl PersonNameError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "name"
    }

    /// What is wrong, for a person.
    #[must_use]
    pub fn text(self) -> Text {
        Text::fixed(
            "un nome ha da 1 a 100 caratteri, di cui almeno una lettera, e nessun carattere di controllo",
            "a name has 1 to 100 characters, at least one of them a letter, and no control characters",
            "ein Name hat 1 bis 100 Zeichen, davon mindestens einen Buchstaben, und keine Steuerzeichen",
        )
    }
}
error_in_english!(PersonNameError);

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
#[derive(Clone, PartialEq, Eq)]
pub struct Applicant {
    /// Codice fiscale.
    pub tax_code: TaxCode,
    /// Given name.
    pub given_name: PersonName,
    /// Family name.
    pub family_name: PersonName,
    /// Birthday, where it was given.
    pub birth_date: Option<Date>,
    /// Where to write.
    pub email: Option<Email>,
    /// Where to call.
    pub phone: Option<Phone>,
    /// Where to pay.
    pub iban: Option<Iban>,
}
masked_debug!(Applicant);

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
