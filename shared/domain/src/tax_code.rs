//! The Italian tax code (codice fiscale).
//!
//! Sources: D.P.R. 605/1973; D.M. 23 December 1976 (structure, check character, arts. 1–7, omocodia art. 6);
//! provisional numeric codes: the same decree, art. 8.

mod birth;
mod error;
mod names;
mod structure;
#[cfg(test)]
mod tests;

use std::str::FromStr;

use jiff::civil::Date;

pub use self::error::TaxCodeError;

use self::birth::Birth;
use crate::check_digit::check_digit_fits;
use crate::check_letter::check_letter;
use crate::mask::masked_debug;
use crate::text::compact;

/// Length of a person's code.
const PERSONAL: usize = 16;
/// Length of a provisional code.
const PROVISIONAL: usize = 11;

/// A tax code whose structure and check character hold: a person's 16 characters or a provisional 11 digits.
///
/// Held in capitals without spaces.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TaxCode(Box<str>);
masked_debug!(TaxCode);

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
        let code = compact(text);
        match code.chars().count() {
            PERSONAL => structure::check(&code)?,
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

    /// The person's birthday. The code has no century: it is the latest one that makes the birth not after `date`.
    ///
    /// Nothing for a provisional code, and where neither of the last two centuries has the day (29 February 1900).
    #[must_use]
    pub fn birth_date_until(&self, date: Date) -> Option<Date> {
        self.birth()?.until(date)
    }

    /// Whole years that the person has on a date, its birthday being [`Self::birth_date_until`] that date. Who was born
    /// on 29 February is a year older on 1 March of a year without that day.
    #[must_use]
    pub fn age_on(&self, date: Date) -> Option<i16> {
        let born = self.birth_date_until(date)?;
        Some(birth::whole_years(born, date))
    }

    /// Whether a birthday, its century aside, is not the code's. A provisional code tells none.
    pub(crate) fn contradicts_birth_date(&self, date: Date) -> bool {
        self.birth().is_some_and(|birth| !birth.is(date))
    }

    /// Whether a family name gives other letters than the code's. Names in other scripts can't be compared.
    pub(crate) fn contradicts_family_name(&self, name: &str) -> bool {
        let expected = names::family_name_letters(name);
        !self.is_provisional() && expected.is_some_and(|letters| !self.0.as_bytes().starts_with(&letters))
    }

    /// Whether a given name gives other letters than the code's. Names in other scripts can't be compared.
    pub(crate) fn contradicts_given_name(&self, name: &str) -> bool {
        let expected = names::given_name_letters(name);
        !self.is_provisional()
            && expected.is_some_and(|letters| !self.0.as_bytes()[3..].starts_with(&letters))
    }

    fn birth(&self) -> Option<Birth> {
        // a parsed code of a person has one
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

/// The check character of a person's first 15 characters (D.M. 23 December 1976, art. 5).
///
/// Nothing where `first_15` has another length or holds anything but `0`–`9` and `A`–`Z`.
#[must_use]
pub fn check_character(first_15: &str) -> Option<char> {
    (first_15.len() == PERSONAL - 1)
        .then(|| check_letter(first_15))
        .flatten()
}

/// Eleven digits, the last of which is the check digit (D.M. 23 December 1976, art. 8).
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
