//! The Italian VAT number (partita IVA).

use std::str::FromStr;

use crate::check_digit::check_digit_fits;
use crate::clean::compact;
use crate::mask::masked_debug;
use crate::text::{Text, error_in_english};

/// Digits of a VAT number.
const DIGITS: usize = 11;

/// An Italian VAT number: seven digits of the holder, three of the issuing office, and a check
/// digit (D.P.R. 633/1972, art. 35; the check digit: D.M. 23 December 1976).
///
/// The valid offices are those of the European Commission's list of VAT number algorithms, Italy:
/// 001 to 100, 120, 121, 888 and 999. Held without the prefix `IT`. Personal data, since many
/// holders are natural persons.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VatNumber(Box<str>);
masked_debug!(VatNumber);

/// Why a text is not a VAT number. The texts never repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VatNumberError {
    /// Not 11 digits.
    Length,
    /// A character is not a digit. Positions count from 1, without the prefix.
    Character {
        /// Position of the first wrong character, from 1.
        position: usize,
    },
    /// The first seven digits are zeros.
    Holder,
    /// Digits 8 to 10 are not an office.
    Office,
    /// The last digit does not match the others: usually a typing mistake.
    CheckDigit,
}

impl VatNumberError {
    /// Returns the stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "vat_number_length",
            Self::Character { .. } => "vat_number_character",
            Self::Holder => "vat_number_holder",
            Self::Office => "vat_number_office",
            Self::CheckDigit => "vat_number_check_digit",
        }
    }

    /// Returns the text for people: what is wrong.
    #[must_use]
    pub fn text(self) -> Text {
        match self {
            Self::Length => Text::fixed(
                "la partita IVA ha 11 cifre",
                "an Italian VAT number has 11 digits",
                "die Mehrwertsteuernummer hat 11 Ziffern",
            ),
            Self::Character { position } => Text::of(
                format!("il carattere {position} della partita IVA non è una cifra"),
                format!("character {position} of the VAT number is not a digit"),
                format!("das Zeichen {position} der Mehrwertsteuernummer ist keine Ziffer"),
            ),
            Self::Holder => Text::fixed(
                "le prime sette cifre della partita IVA non possono essere tutte zero",
                "the first seven digits of the VAT number can't all be zero",
                "die ersten sieben Ziffern der Mehrwertsteuernummer können nicht alle null sein",
            ),
            Self::Office => Text::fixed(
                "le cifre da 8 a 10 della partita IVA non sono il codice di un ufficio",
                "digits 8 to 10 of the VAT number are not the code of an office",
                "die Ziffern 8 bis 10 der Mehrwertsteuernummer sind nicht der Kode eines Amtes",
            ),
            Self::CheckDigit => Text::fixed(
                "l'ultima cifra della partita IVA non corrisponde alle altre: forse c'è un errore di battitura",
                "the last digit of the VAT number does not match the others: check for a typing mistake",
                "die letzte Ziffer der Mehrwertsteuernummer passt nicht zu den anderen: vielleicht ein Tippfehler",
            ),
        }
    }
}
error_in_english!(VatNumberError);

impl VatNumber {
    /// Parses a number, ignoring white space, invisible characters, letter case and the prefix
    /// `IT`.
    ///
    /// # Errors
    /// [`VatNumberError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, VatNumberError> {
        // bounds the work before anything is copied: 8 bytes for a character and an invisible one
        if text.len() > 8 * DIGITS {
            return Err(VatNumberError::Length);
        }
        let compact = compact(text);
        let digits = compact.strip_prefix("IT").unwrap_or(&compact);
        if digits.chars().count() != DIGITS {
            return Err(VatNumberError::Length);
        }
        if let Some(index) = digits.chars().position(|c| !c.is_ascii_digit()) {
            return Err(VatNumberError::Character { position: index + 1 });
        }
        let (holder, rest) = digits.split_at(7);
        if holder == "0000000" {
            return Err(VatNumberError::Holder);
        }
        let office = rest
            .chars()
            .take(3)
            .fold(0, |number, c| 10 * number + c.to_digit(10).unwrap_or(0));
        if !matches!(office, 1..=100 | 120 | 121 | 888 | 999) {
            return Err(VatNumberError::Office);
        }
        if !check_digit_fits(digits) {
            return Err(VatNumberError::CheckDigit);
        }
        Ok(Self(digits.into()))
    }

    /// Returns the 11 digits. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for VatNumber {
    type Err = VatNumberError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// An invented holder of the office of Milan (015).
    const VALID: &str = "12345670157";

    fn with_check_digit(first_10: &str) -> String {
        let mut fitting = (0..10)
            .map(|digit| format!("{first_10}{digit}"))
            .filter(|number| check_digit_fits(number));
        let number = fitting.next().unwrap();
        assert_eq!(fitting.next(), None, "exactly one digit fits");
        number
    }

    #[test]
    fn numbers_are_held_as_digits_however_they_are_written() {
        for text in [VALID, "IT12345670157", "it 123 456 70157", " 1234567 015 7\t"] {
            assert_eq!(VatNumber::parse(text).unwrap().as_str(), VALID, "{text:?}");
        }
        assert_eq!(
            format!("{:?}", VatNumber::parse(VALID).unwrap()),
            "VatNumber(***)"
        );
    }

    #[test]
    fn only_offices_that_exist_give_numbers() {
        for office in 0..1000 {
            let known = matches!(office, 1..=100 | 120 | 121 | 888 | 999);
            let parsed = VatNumber::parse(&with_check_digit(&format!("1234567{office:03}")));
            assert_eq!(parsed.is_ok(), known, "{office}");
            assert!(known || parsed == Err(VatNumberError::Office), "{office}");
        }
    }

    #[test]
    fn each_mistake_is_distinguished() {
        for (text, error) in [
            ("", VatNumberError::Length),
            ("IT", VatNumberError::Length),
            ("1234567015", VatNumberError::Length),
            ("123456701570", VatNumberError::Length),
            ("DE123456789", VatNumberError::Character { position: 1 }),
            ("1234567015X", VatNumberError::Character { position: 11 }),
            ("1234567015à", VatNumberError::Character { position: 11 }),
            (
                "１２３４５６７０１５７",
                VatNumberError::Character { position: 1 },
            ),
            ("00000000157", VatNumberError::Holder),
            ("12345678903", VatNumberError::Office),
            ("12345670158", VatNumberError::CheckDigit),
            (&"1".repeat(1_000_000), VatNumberError::Length),
        ] {
            assert_eq!(VatNumber::parse(text), Err(error), "{text:.20}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_is_noticed(
            holder in 1_u32..10_000_000, office in 1_u32..=100, index in 0_usize..11, by in 1_u8..10,
        ) {
            let number = with_check_digit(&format!("{holder:07}{office:03}"));
            prop_assert!(VatNumber::parse(&number).is_ok());
            let mut wrong = number.into_bytes();
            wrong[index] = b'0' + (wrong[index] - b'0' + by) % 10;
            prop_assert!(VatNumber::parse(std::str::from_utf8(&wrong).unwrap()).is_err());
        }

        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,20}|(IT)?[0-9 ]{9,13}") {
            if let Ok(number) = VatNumber::parse(&text) {
                prop_assert_eq!(VatNumber::parse(number.as_str()), Ok(number));
            }
        }
    }
}
