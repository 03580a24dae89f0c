//! How the applicant can be reached.

use crate::mask::masked_debug;
use crate::text::{Text, error_in_english};

/// An e-mail address: one `@`, a local part of 1 to 64 bytes, a domain with a dot, 254 bytes in all
/// (RFC 5321, section 4.5.3.1). Whether it exists only a message can tell.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(Box<str>);
masked_debug!(Email);

/// A text that is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailError;

impl EmailError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "email"
    }

    /// What is wrong, for a person.
    #[must_use]
    pub fn text(self) -> Text {
        Text::fixed(
            "un indirizzo e-mail si scrive come nome@example.org e ha al massimo 254 caratteri",
            "an e-mail address looks like name@example.org and has at most 254 characters",
            "eine E-Mail-Adresse sieht aus wie name@example.org und hat höchstens 254 Zeichen",
        )
    }
}
error_in_english!(EmailError);

impl Email {
    /// Parses an address; white space around it is ignored.
    ///
    /// # Errors
    /// [`EmailError`] where it can't be one.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let text = text.trim();
        let (local, domain) = text.split_once('@').ok_or(EmailError)?;
        let no_blanks = text.len() <= 254 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
        let local_fits = (1..=64).contains(&local.len());
        let labels_fit = domain.contains('.')
            && domain
                .split('.')
                .all(|label| (1..=63).contains(&label.len()) && !label.contains('@'));
        if no_blanks && local_fits && labels_fit {
            Ok(Self(text.into()))
        } else {
            Err(EmailError)
        }
    }

    /// The address as written. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A telephone number: 6 to 15 digits, `+` before the country code allowed (ITU-T E.164).
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(Box<str>);
masked_debug!(Phone);

/// A text that is no telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneError;

impl PhoneError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "phone"
    }

    /// What is wrong, for a person.
    #[must_use]
    pub fn text(self) -> Text {
        Text::fixed(
            "un numero di telefono ha da 6 a 15 cifre, con + davanti al prefisso internazionale",
            "a telephone number has 6 to 15 digits, with + before a country code",
            "eine Telefonnummer hat 6 bis 15 Ziffern, mit + vor der Landesvorwahl",
        )
    }
}
error_in_english!(PhoneError);

impl Phone {
    /// Parses a number; spaces, dots, hyphens, slashes and brackets are ignored.
    ///
    /// # Errors
    /// [`PhoneError`] where it can't be one.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace() && !".-/()".contains(*c))
            .take(17)
            .collect();
        let digits = compact.strip_prefix('+').unwrap_or(&compact);
        let fits = (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fits {
            Ok(Self(compact.into()))
        } else {
            Err(PhoneError)
        }
    }

    /// Digits, with `+` where it was written. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in ["anna@example.org", " anna.bianchi+inps@posta.example.it "] {
            assert!(Email::parse(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "anna",
            "@example.org",
            "anna@example",
            "a nna@example.org",
            "a@b@example.org",
            "a@.it",
        ] {
            assert_eq!(Email::parse(bad), Err(EmailError), "{bad}");
        }
        assert_eq!(
            Email::parse(&format!("{}@example.org", "a".repeat(65))),
            Err(EmailError)
        );
    }

    #[test]
    fn numbers_are_held_as_digits() {
        assert_eq!(
            Phone::parse("+39 06 1234-5678").unwrap().as_str(),
            "+390612345678"
        );
        for bad in ["", "12345", "06 abc 12345", "1234567890123456", "12+345678"] {
            assert_eq!(Phone::parse(bad), Err(PhoneError), "{bad}");
        }
    }
}
