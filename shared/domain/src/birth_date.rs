//! Parses a birthday.

use jiff::civil::{Date, date};

use crate::clean::compact;
use crate::text::{Text, error_in_english};

/// Earliest birthday of an applicant.
const FIRST: Date = date(1900, 1, 1);
/// Latest birthday. It does not depend on the clock: a worker whose clock is behind would otherwise
/// refuse what intake accepted.
const LAST: Date = date(2099, 12, 31);

/// The error for a text that is not a birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BirthDateError;

impl BirthDateError {
    /// Returns the stable code for programs.
    pub(crate) fn code(self) -> &'static str {
        "birth_date"
    }

    /// Returns the text for people: what is wrong.
    pub(crate) fn text(self) -> Text {
        Text::fixed(
            "la data di nascita si scrive come 1980-01-31 ed è tra il 1900 e il 2099",
            "a birth date is written like 1980-01-31 and is between 1900 and 2099",
            "ein Geburtsdatum wird wie 1980-01-31 geschrieben und liegt zwischen 1900 und 2099",
        )
    }
}
error_in_english!(BirthDateError);

/// Parses a full-date of RFC 3339, from 1900 to 2099. Ignores blanks and invisible characters.
pub(crate) fn parse_birth_date(text: &str) -> Result<Date, BirthDateError> {
    let text = compact(text);
    // the library reads more than RFC 3339 allows, such as 19800131
    let shaped = text.len() == 10
        && text.bytes().enumerate().all(|(index, byte)| match index {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Date = shaped
        .then(|| text.parse().ok())
        .flatten()
        .ok_or(BirthDateError)?;
    if (FIRST..=LAST).contains(&date) {
        Ok(date)
    } else {
        Err(BirthDateError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_full_dates_from_1900_to_2099_are_birthdays() {
        for good in ["1900-01-01", "1980-01-31", "2000-02-29", "2020-04-01"] {
            assert_eq!(parse_birth_date(good).unwrap().to_string(), good);
            let pasted = format!("\u{feff} {}\u{200b}", good.replace('-', "\u{2010}"));
            assert_eq!(parse_birth_date(&pasted).unwrap().to_string(), good);
        }
        for bad in [
            "",
            "1899-12-31",
            "2100-01-01",
            "2019-02-29",
            "1980-1-31",
            "19800131",
            "31-01-1980",
            "1980-01-31T00:00:00Z",
            "1980-13-01",
            "198O-01-31",
            "１９80-01",
        ] {
            assert_eq!(parse_birth_date(bad), Err(BirthDateError), "{bad}");
        }
    }
}
