//! The Italian tax code (codice fiscale).
//!
//! Sources: D.P.R. 605/1973; D.M. 23 December 1976 (structure, check character, arts. 1–7, omocodia
//! art. 6); provisional numeric codes: the same decree, art. 8.

mod birth;
mod digits;
mod error;
mod names;
mod structure;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use jiff::civil::Date;

pub use self::birth::whole_years;
pub use self::error::TaxCodeError;

use self::birth::Birth;
use crate::check_digit::check_digit_fits;
use crate::check_letter::check_letter;
use crate::clean::compact;
use crate::mask::masked_debug;

/// Length of a person's code.
const PERSONAL: usize = 16;
/// Length of a provisional code.
const PROVISIONAL: usize = 11;

/// A tax code with valid structure and check character: 16 characters for a person, or 11 digits if
/// it is provisional.
///
/// Held in capitals without spaces.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaxCode(Box<str>);
masked_debug!(TaxCode);

impl TaxCode {
    /// Parses a code, ignoring letter case, spaces and invisible characters.
    ///
    /// # Errors
    /// [`TaxCodeError`] says what is wrong and where.
    pub fn parse(text: &str) -> Result<Self, TaxCodeError> {
        // bounds the work before anything is copied: 8 bytes for a character and an invisible one
        if text.len() > 8 * PERSONAL {
            return Err(TaxCodeError::Length);
        }
        let code = compact(text);
        match code.chars().count() {
            PERSONAL => structure::check(&code)?,
            PROVISIONAL => check_provisional(&code)?,
            _ => return Err(TaxCodeError::Length),
        }
        Ok(Self(code.into()))
    }

    /// Returns the code in capitals, without spaces. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is a provisional code of 11 digits.
    #[must_use]
    pub fn is_provisional(&self) -> bool {
        self.0.len() == PROVISIONAL
    }

    /// Returns the person's birthday. The code has no century: this takes the latest one in which
    /// the birth is not after `date`.
    ///
    /// Returns `None` for a provisional code, and if neither of the last two centuries has the day
    /// (29 February 1900).
    #[must_use]
    pub fn birth_date_until(&self, date: Date) -> Option<Date> {
        self.birth()?.until(date)
    }

    /// Returns the person's age on `date` in whole years; negative if the birth comes after it.
    ///
    /// `known_on` is a day on which the person was already born, such as that of the application.
    /// It determines the century, as in [`Self::birth_date_until`]. `date` may lie long before it.
    #[must_use]
    pub fn age_on(&self, date: Date, known_on: Date) -> Option<i16> {
        let born = self.birth_date_until(known_on)?;
        Some(whole_years(born, date))
    }

    /// Whether a birthday differs from the code's, without the century. Never for a provisional
    /// code.
    #[must_use]
    pub fn contradicts_birth_date(&self, date: Date) -> bool {
        self.birth().is_some_and(|birth| !birth.is(date))
    }

    /// Whether this is a code of 11 digits that only organisations have: codes that begin with 8 or
    /// 9 belong to associations and other bodies without a VAT number, never to a person.
    #[must_use]
    pub fn is_of_a_body(&self) -> bool {
        self.is_provisional() && self.0.starts_with(['8', '9'])
    }

    /// Whether a family name gives other letters than the code's. Names in other scripts can't be
    /// compared.
    pub(crate) fn contradicts_family_name(&self, name: &str) -> bool {
        self.contradicts(&names::family_name_letters(name), |letters| {
            [letters, self.given_name()]
        })
    }

    /// Whether a given name gives other letters than the code's. Names in other scripts can't be
    /// compared.
    pub(crate) fn contradicts_given_name(&self, name: &str) -> bool {
        self.contradicts(&names::given_name_letters(name), |letters| {
            [self.family_name(), letters]
        })
    }

    /// Whether a person's single name gives other letters than the code's, which has `XXX` in place
    /// of the other name.
    pub(crate) fn contradicts_single_name(&self, name: &str) -> bool {
        self.contradicts(&names::family_name_letters(name), |letters| [letters, b"XXX"])
            && self.contradicts(&names::given_name_letters(name), |letters| [b"XXX", letters])
    }

    /// Whether the code begins with none of the letters that a name may give.
    fn contradicts<'a>(&'a self, letters: &'a [[u8; 3]], begins: impl Fn(&'a [u8]) -> [&'a [u8]; 2]) -> bool {
        let fits = |letters: &'a [u8; 3]| begins(letters) == [self.family_name(), self.given_name()];
        !self.is_provisional() && !letters.is_empty() && !letters.iter().any(fits)
    }

    fn family_name(&self) -> &[u8] {
        self.0.as_bytes().get(..3).unwrap_or_default()
    }

    fn given_name(&self) -> &[u8] {
        self.0.as_bytes().get(3..6).unwrap_or_default()
    }

    fn birth(&self) -> Option<Birth> {
        // every parsed code of a person has a birth
        (!self.is_provisional())
            .then(|| Birth::read(self.0.as_bytes()).ok())
            .flatten()
    }
}

impl FromStr for TaxCode {
    type Err = TaxCodeError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text)
    }
}

/// Returns the check character of a person's first 15 characters (D.M. 23 December 1976, art. 5).
///
/// Returns `None` if `first_15` has another length, or characters other than `0`–`9` and `A`–`Z`.
#[must_use]
pub fn check_character(first_15: &str) -> Option<char> {
    (first_15.len() == PERSONAL - 1)
        .then(|| check_letter(first_15))
        .flatten()
}

/// Checks eleven digits, the last of which is the check digit (D.M. 23 December 1976, art. 8).
fn check_provisional(code: &str) -> Result<(), TaxCodeError> {
    if let Some(index) = code.chars().position(|c| !c.is_ascii_digit()) {
        return Err(TaxCodeError::Character { position: index + 1 });
    }
    if check_digit_fits(code) {
        Ok(())
    } else {
        Err(TaxCodeError::CheckCharacter)
    }
}
