//! The Italian tax code (codice fiscale).
//!
//! Sources: D.P.R. 605/1973; D.M. 23 December 1976 (structure, check character, arts. 1–7, omocodia art. 6);
//! provisional numeric codes: the same decree, art. 8.

use std::str::FromStr;

use crate::check_letter::check_letter;
use crate::mask::masked_debug;

/// Length of a person's code.
const PERSONAL: usize = 16;
/// Length of a provisional code.
const PROVISIONAL: usize = 11;
/// The positions (from 0) that hold digits, which omocodia may replace by letters.
const DIGIT_POSITIONS: [usize; 7] = [6, 7, 9, 10, 12, 13, 14];
/// Letters of the months, January first.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// Omocodia: the letter that stands for each digit, 0 first.
const OMOCODIA: &[u8; 10] = b"LMNPQRSTUV";
/// A woman's day of birth is written with 40 added.
const FEMALE_DAY_OFFSET: u32 = 40;

/// A tax code whose structure and check character hold: a person's 16 characters or a provisional 11 digits.
///
/// Held in capitals without spaces.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaxCode(Box<str>);
masked_debug!(TaxCode);

/// Why a text is no tax code. The texts never repeat what was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TaxCodeError {
    /// Neither 16 nor 11 characters.
    #[error("a tax code has 16 characters, or 11 digits where it is provisional")]
    Length,
    /// A character that can't stand where it stands; positions count from 1.
    #[error("character {position} of the tax code can't stand there")]
    Character {
        /// Position of the first wrong character, from 1.
        position: usize,
    },
    /// The ninth character is no month.
    #[error("character 9 of the tax code is not the letter of a month")]
    Month,
    /// Characters 10 and 11 are no day of that month.
    #[error("characters 10 and 11 of the tax code are not a day of that month")]
    Day,
    /// The last character does not fit the others: most often a typing mistake.
    #[error("the last character of the tax code does not match the others: check for a typing mistake")]
    CheckCharacter,
}

impl TaxCodeError {
    /// Stable code for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Length => "tax_code_length",
            Self::Character { .. } => "tax_code_character",
            Self::Month => "tax_code_month",
            Self::Day => "tax_code_day",
            Self::CheckCharacter => "tax_code_check_character",
        }
    }
}

impl TaxCode {
    /// Parses a code, ignoring letter case and spaces.
    ///
    /// # Errors
    /// [`TaxCodeError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, TaxCodeError> {
        // bounds the work before anything is copied
        if text.len() > 4 * PERSONAL {
            return Err(TaxCodeError::Length);
        }
        let code: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        match code.chars().count() {
            PERSONAL => check_personal(&code)?,
            PROVISIONAL => check_provisional(&code)?,
            _ => return Err(TaxCodeError::Length),
        }
        Ok(Self(code.into()))
    }

    /// The code in capitals, without spaces. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a provisional code of 11 digits.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.0.len() == PROVISIONAL
    }
}

impl FromStr for TaxCode {
    type Err = TaxCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// The check character of a person's first 15 characters (D.M. 23 December 1976, art. 5).
///
/// Nothing where `first_15` has another length or holds anything but `0`–`9` and `A`–`Z`.
#[must_use]
pub fn check_character(first_15: &str) -> Option<char> {
    (first_15.len() == PERSONAL - 1)
        .then(|| check_letter(first_15))
        .flatten()
}

fn check_personal(code: &str) -> Result<(), TaxCodeError> {
    let bytes = code.as_bytes();
    let wrong = |index: usize| TaxCodeError::Character { position: index + 1 };
    if let Some(index) = code.chars().position(|c| !c.is_ascii_alphanumeric()) {
        return Err(wrong(index));
    }
    for (index, byte) in bytes.iter().enumerate() {
        let fits = if DIGIT_POSITIONS.contains(&index) {
            digit(*byte).is_some()
        } else {
            byte.is_ascii_uppercase()
        };
        if !fits {
            return Err(wrong(index));
        }
    }
    check_birth_date(bytes)?;
    if check_character(&code[..PERSONAL - 1]) == code.chars().last() {
        Ok(())
    } else {
        Err(TaxCodeError::CheckCharacter)
    }
}

fn check_birth_date(bytes: &[u8]) -> Result<(), TaxCodeError> {
    let month = MONTHS
        .iter()
        .position(|m| *m == bytes[8])
        .ok_or(TaxCodeError::Month)?;
    let year = two_digits(bytes, 6).unwrap_or_default();
    let written = two_digits(bytes, 9).unwrap_or_default();
    let day = if written > FEMALE_DAY_OFFSET {
        written - FEMALE_DAY_OFFSET
    } else {
        written
    };
    let last = match month {
        // the century is not written, so 00 may be the leap year 2000
        1 if year.is_multiple_of(4) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    };
    if (1..=last).contains(&day) {
        Ok(())
    } else {
        Err(TaxCodeError::Day)
    }
}

fn two_digits(bytes: &[u8], index: usize) -> Option<u32> {
    Some(10 * digit(bytes[index])? + digit(bytes[index + 1])?)
}

/// The digit that a byte stands for, omocodia's letters included.
fn digit(byte: u8) -> Option<u32> {
    match byte {
        b'0'..=b'9' => Some(u32::from(byte - b'0')),
        _ => OMOCODIA
            .iter()
            .zip(0..)
            .find(|(letter, _)| **letter == byte)
            .map(|(_, digit)| digit),
    }
}

/// Eleven digits, the last of which is the check digit (Luhn's, as for VAT numbers: D.M. 23 December 1976, art. 8).
fn check_provisional(code: &str) -> Result<(), TaxCodeError> {
    let mut sum = 0;
    for (index, c) in code.chars().enumerate() {
        let value = c
            .to_digit(10)
            .ok_or(TaxCodeError::Character { position: index + 1 })?;
        let weighed = if index % 2 == 0 { value } else { 2 * value };
        sum += if weighed > 9 { weighed - 9 } else { weighed };
    }
    if sum % 10 == 0 && sum > 0 {
        Ok(())
    } else {
        Err(TaxCodeError::CheckCharacter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `RSSMRA80A01H501U` is the textbook's invented Mario Rossi.
    const MARIO: &str = "RSSMRA80A01H501U";

    fn with_check(first_15: &str) -> String {
        format!("{first_15}{}", check_character(first_15).unwrap())
    }

    #[test]
    fn valid_codes_are_held_in_capitals_without_spaces() {
        for text in [MARIO, "rssmra80a01h501u", " RSS MRA 80A01 H501U "] {
            assert_eq!(TaxCode::parse(text).unwrap().as_str(), MARIO);
        }
    }

    #[test]
    fn omocodia_is_accepted_in_every_position() {
        for index in DIGIT_POSITIONS {
            let mut code = MARIO.as_bytes()[..15].to_vec();
            code[index] = OMOCODIA[usize::from(code[index] - b'0')];
            let code = with_check(std::str::from_utf8(&code).unwrap());
            assert!(TaxCode::parse(&code).is_ok(), "position {index}");
        }
    }

    #[test]
    fn days_fit_their_month_and_women_have_40_added() {
        let day = |date: &str| TaxCode::parse(&with_check(&format!("RSSMRA{date}H501")));
        for good in ["80A31", "80A71", "80B29", "80B69", "00B29", "80D30"] {
            assert!(day(good).is_ok(), "{good}");
        }
        for bad in ["80A00", "80A32", "80A40", "80A72", "81B29", "80D31", "80D71"] {
            assert_eq!(day(bad), Err(TaxCodeError::Day), "{bad}");
        }
        assert_eq!(day("80F01"), Err(TaxCodeError::Month));
    }

    #[test]
    fn the_foreign_born_have_a_country_in_place_of_the_town() {
        assert!(TaxCode::parse(&with_check("RSSMRA80A01Z112")).is_ok());
    }

    #[test]
    fn provisional_codes_are_checked_by_their_last_digit() {
        let code = TaxCode::parse("12345678903").unwrap();
        assert!(code.is_provisional());
        assert_eq!(TaxCode::parse("12345678901"), Err(TaxCodeError::CheckCharacter));
        assert_eq!(TaxCode::parse("00000000000"), Err(TaxCodeError::CheckCharacter));
    }

    #[test]
    fn what_is_wrong_is_said_without_repeating_it() {
        assert_eq!(TaxCode::parse(""), Err(TaxCodeError::Length));
        assert_eq!(
            TaxCode::parse("RSSMRA80A01H501X"),
            Err(TaxCodeError::CheckCharacter)
        );
        assert_eq!(
            TaxCode::parse("RSSMRA80A01H5X1U"),
            Err(TaxCodeError::Character { position: 14 })
        );
        assert_eq!(
            TaxCode::parse("RSSMRÀ80A01H501U"),
            Err(TaxCodeError::Character { position: 6 })
        );
        assert_eq!(TaxCode::parse(&"A".repeat(1_000_000)), Err(TaxCodeError::Length));
        assert_eq!(format!("{:?}", TaxCode::parse(MARIO).unwrap()), "TaxCode(***)");
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(text in "\\PC{0,20}") {
            let _ = TaxCode::parse(&text);
        }

        #[test]
        fn one_changed_letter_is_noticed(index in 0_usize..6, letter in b'A'..=b'Z') {
            let mut code = MARIO.as_bytes().to_vec();
            prop_assume!(code[index] != letter);
            code[index] = letter;
            prop_assert!(TaxCode::parse(std::str::from_utf8(&code).unwrap()).is_err());
        }
    }
}
