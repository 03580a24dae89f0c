//! The applicant.

use jiff::civil::Date;

use crate::clean::{clean, is_control};
use crate::contact::{Email, Phone};
use crate::iban::Iban;
use crate::mask::masked_debug;
use crate::tax_code::TaxCode;
use crate::text::{Text, error_in_english};

/// A given or family name: 1 to 100 characters in normalisation form C, at least one of them a
/// letter, no control characters.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonName(Box<str>);
masked_debug!(PersonName);

/// The error for a text that is not a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonNameError;

impl PersonNameError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "name"
    }

    /// Returns the text for people: what is wrong.
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
    /// Parses a name; white space around it and invisible characters are ignored.
    ///
    /// # Errors
    /// [`PersonNameError`] if it is not a valid name.
    pub fn parse(text: &str) -> Result<Self, PersonNameError> {
        let clean = clean(text);
        let text = clean.trim();
        // 100 characters have at most 400 bytes
        let short = text.len() <= 400 && text.chars().count() <= 100;
        let fits = short && text.chars().any(char::is_alphabetic) && !text.contains(is_control);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(PersonNameError)
        }
    }

    /// Returns the name. Personal data.
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
    /// Given name; `None` for a person with a single name.
    pub given_name: Option<PersonName>,
    /// Family name, or the single name.
    pub family_name: PersonName,
    /// Birthday, if given.
    pub birth_date: Option<Date>,
    /// E-mail address, if given.
    pub email: Option<Email>,
    /// Telephone number, if given.
    pub phone: Option<Phone>,
    /// Account for the payment, if given.
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
        assert_eq!(
            PersonName::parse("\u{202e}Nicolo\u{300}\u{202c} ")
                .unwrap()
                .as_str(),
            "Nicolò"
        );
        for bad in [
            "",
            "  ",
            "123",
            "\u{200b}",
            "An\0na",
            "An\nna",
            "An\u{2028}na",
            &"a".repeat(101),
        ] {
            assert_eq!(PersonName::parse(bad), Err(PersonNameError), "{bad:?}");
        }
    }
}
