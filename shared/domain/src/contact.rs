//! Contact details of the applicant.

use std::borrow::Cow;

use unicode_normalization::char::is_combining_mark;

use crate::clean::{clean, compact};
use crate::mask::masked_debug;
use crate::text::{Text, error_in_english};

/// An e-mail address: a dot-string, `@` and a domain of two labels or more (RFC 5321, sections
/// 4.1.2 and 4.5.3.1: 64 bytes before the `@`, 254 in all). Letters of all scripts may stand on
/// both sides (RFC 6531). Quoted local parts, addresses in brackets and domains without a dot are
/// refused, since paper forms never had them. Only a message can show whether the address exists.
#[derive(Clone, PartialEq, Eq)]
pub struct Email(Box<str>);
masked_debug!(Email);

/// The error for a text that is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmailError;

impl EmailError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "email"
    }

    /// Returns the text for people: what is wrong.
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
    /// Parses an address; white space around it and invisible characters are ignored.
    ///
    /// # Errors
    /// [`EmailError`] if it is not a valid address.
    pub fn parse(text: &str) -> Result<Self, EmailError> {
        let clean = clean(text);
        let text = clean.trim();
        let (local, domain) = text.rsplit_once('@').ok_or(EmailError)?;
        let short = text.len() <= 254 && local.len() <= 64;
        if short && is_dot_string(local) && is_domain(domain) {
            Ok(Self(text.into()))
        } else {
            Err(EmailError)
        }
    }

    /// Returns the address as written. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether it is atoms between dots (RFC 5321, section 4.1.2; letters beyond ASCII: RFC 6531,
/// section 3.3).
fn is_dot_string(local: &str) -> bool {
    let is_in_atom =
        |c: char| c.is_alphanumeric() || is_combining_mark(c) || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let mut atoms = local.split('.');
    atoms.all(|atom| !atom.is_empty() && atom.chars().all(is_in_atom))
}

/// Whether it is two labels or more, the last of which is not a number (RFC 1123, section 2.1;
/// letters beyond ASCII: RFC 5890).
fn is_domain(domain: &str) -> bool {
    let is_in_label = |c: char| c.is_alphanumeric() || is_combining_mark(c) || c == '-';
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(is_in_label)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    domain.split('.').all(is_label)
        && top.is_some_and(|top| top.chars().count() >= 2 && !top.chars().all(char::is_numeric))
}

/// A telephone number: 6 to 15 digits, `+` before the country code allowed (ITU-T E.164).
#[derive(Clone, PartialEq, Eq)]
pub struct Phone(Box<str>);
masked_debug!(Phone);

/// The error for a text that is not a telephone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneError;

impl PhoneError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        "phone"
    }

    /// Returns the text for people: what is wrong.
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
    /// Parses a number; spaces, dots, dashes, slashes, brackets and invisible characters are
    /// ignored. `00` before the country code becomes `+`, and the `(0)` behind it that is dialled
    /// within the country only is left out.
    ///
    /// # Errors
    /// [`PhoneError`] if it is not a valid number.
    pub fn parse(text: &str) -> Result<Self, PhoneError> {
        // bounds the work before anything is copied
        if text.len() > 200 {
            return Err(PhoneError);
        }
        let compact = compact(text);
        let (plus, number) = match compact.strip_prefix('+').or(compact.strip_prefix("00")) {
            Some(abroad) => ("+", without_trunk_zero(abroad)),
            None => ("", Cow::Borrowed(compact.as_str())),
        };
        let digits = number.replace(['.', '-', '/', '(', ')'], "");
        let fits = (6..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
        if fits && (plus.is_empty() || !digits.starts_with('0')) {
            Ok(Self(format!("{plus}{digits}").into()))
        } else {
            Err(PhoneError)
        }
    }

    /// Returns the digits, with `+` before a country code. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Removes `(0)`, but not in Italy, San Marino and the Vatican, where the 0 belongs to the number.
fn without_trunk_zero(number: &str) -> Cow<'_, str> {
    if number.starts_with("39") || number.starts_with("378") {
        Cow::Borrowed(number)
    } else {
        Cow::Owned(number.replacen("(0)", "", 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_that_mail_can_reach_is_taken() {
        for good in [
            "anna@example.org",
            " anna.bianchi+inps@posta.example.it ",
            "a@b.it",
            "o'brien!#$%&*/=?^_`{|}~-@example.org",
            "anna@sub-domain.1example.museum",
            "anna@xn--mnchen-3ya.example",
            "anna@münchen.example",
            "nicolò@example.org",
            "संपर्क@उदाहरण.भारत",
            &format!("{}@example.org", "a".repeat(64)),
        ] {
            assert_eq!(Email::parse(good).unwrap().as_str(), good.trim(), "{good}");
        }
        assert_eq!(
            Email::parse("\u{feff}an\u{ad}na@example.org\u{200b}")
                .unwrap()
                .as_str(),
            "anna@example.org"
        );
    }

    #[test]
    fn an_address_that_no_mail_reaches_is_refused() {
        let long = format!("a@{}.org", vec!["b".repeat(60); 5].join("."));
        for bad in [
            "",
            "anna",
            "@example.org",
            "anna@",
            "anna@example",
            "anna@localhost",
            "a nna@example.org",
            "a@b@example.org",
            "a@.it",
            "a..b@example.org",
            ".a@example.org",
            "a.@example.org",
            "<a@example.org>",
            "Anna <a@example.org>",
            "a@example.org;",
            "a@example.org,b@example.org",
            "a@example.org.",
            "a@example..org",
            "a@-example.org",
            "a@example-.org",
            "a@exa_mple.org",
            "a@example.o",
            "a@127.0.0.1",
            "a@[127.0.0.1]",
            "\"a b\"@example.org",
            "a(b)@example.org",
            "a\\@example.org",
            "a:b@example.org",
            "mailto:a@example.org",
            "a@example.org/x",
            "a@example,org",
            "a@example.org\0",
            "a\u{2019}b@example.org",
            &format!("{}@example.org", "a".repeat(65)),
            &format!("a@{}.org", "b".repeat(64)),
            &long,
        ] {
            assert_eq!(Email::parse(bad), Err(EmailError), "{bad}");
        }
    }

    #[test]
    fn a_number_is_held_as_digits_however_it_is_written() {
        for (written, digits) in [
            ("+39 06 1234-5678", "+390612345678"),
            ("+39 (06) 1234.5678", "+390612345678"),
            ("+39 (0)6 12345678", "+390612345678"),
            ("0039/06/12345678", "+390612345678"),
            ("06 1234 5678", "0612345678"),
            ("(0471) 12 34 56", "0471123456"),
            ("333 123 4567", "3331234567"),
            ("333–123—4567", "3331234567"),
            ("\u{202a}+39\u{a0}333\u{2011}1234567\u{202c}", "+393331234567"),
            ("+378 (0549) 123456", "+3780549123456"),
            ("+49 (0)30 1234567", "+49301234567"),
            ("0049 (0) 30 / 123 45 67", "+49301234567"),
            ("+44 (0)20 7946 0000", "+442079460000"),
            ("+1 (202) 555-0100", "+12025550100"),
            ("+43 1 234567", "+431234567"),
        ] {
            assert_eq!(Phone::parse(written).unwrap().as_str(), digits, "{written}");
        }
    }

    #[test]
    fn what_can_not_be_dialled_is_refused() {
        for bad in [
            "",
            "12345",
            "06 abc 12345",
            "1234567890123456",
            "12+345678",
            "++39061234567",
            "+0612345678",
            "+39061234567+39061234568",
            "06 1234567 int. 5",
            "０６１２３４５６７",
            &" ".repeat(1_000),
        ] {
            assert_eq!(Phone::parse(bad), Err(PhoneError), "{bad}");
        }
    }
}
