//! The birth in a person's code (D.M. 23 December 1976, art. 4): year without century, month and
//! day.

use jiff::civil::Date;

use super::TaxCodeError;
use super::digits::two_digits;

/// Letters of the months, January first.
const MONTHS: &[u8; 12] = b"ABCDEHLMPRST";
/// A woman's day of birth is written with 40 added.
const FEMALE_DAY_OFFSET: i8 = 40;

/// A birthday without its century.
#[derive(Clone, Copy)]
pub(super) struct Birth {
    year: i8,
    month: i8,
    day: i8,
}

impl Birth {
    /// Reads characters 7 to 11 of a code with valid digits. The day must exist in that year of
    /// some century.
    pub(super) fn read(code: &[u8]) -> Result<Self, TaxCodeError> {
        let (_, month) = MONTHS
            .iter()
            .zip(1..)
            .find(|(letter, _)| code.get(8) == Some(letter))
            .ok_or(TaxCodeError::Month)?;
        let year = two_digits(code, 6).ok_or(TaxCodeError::Day)?;
        let written = two_digits(code, 9).ok_or(TaxCodeError::Day)?;
        let day = if written > FEMALE_DAY_OFFSET {
            written - FEMALE_DAY_OFFSET
        } else {
            written
        };
        let birth = Self { year, month, day };
        // 2000 was a leap year, 1900 was not; in all other years both centuries agree
        birth
            .in_century(2000)
            .or(birth.in_century(1900))
            .map(|_| birth)
            .ok_or(TaxCodeError::Day)
    }

    /// Returns the birthday in the century that begins with this year, if it has such a day.
    fn in_century(self, century: i16) -> Option<Date> {
        Date::new(century + i16::from(self.year), self.month, self.day).ok()
    }

    /// Returns the latest such day not after `date`, in its century or the one before.
    pub(super) fn until(self, date: Date) -> Option<Date> {
        let century = date.year() - date.year().rem_euclid(100);
        [century, century - 100]
            .into_iter()
            .filter_map(|century| self.in_century(century))
            .find(|born| *born <= date)
    }

    /// Whether this is the birthday, apart from its century.
    pub(super) fn is(self, date: Date) -> bool {
        let written = (i16::from(self.year), self.month, self.day);
        written == (date.year().rem_euclid(100), date.month(), date.day())
    }
}

/// Returns the whole years from a birth to a date; negative if the date comes first. A person born
/// on 29 February is a year older on 1 March of a year without that day.
#[must_use]
pub fn whole_years(born: Date, date: Date) -> i16 {
    let birthday_to_come = (date.month(), date.day()) < (born.month(), born.day());
    date.year() - born.year() - i16::from(birthday_to_come)
}
