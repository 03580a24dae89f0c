//! Words of the pages: a text in three languages, dates, hours and amounts as people write them.

use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan as _};
use serde::Deserialize;
use sportello_domain::Language;

static ROME: TimeZone = tz::get!("Europe/Rome");

/// Chooses among the languages, where the text is used.
pub(crate) trait Say {
    /// Returns the text of the language.
    fn say<'a>(self, it: &'a str, en: &'a str, de: &'a str) -> &'a str;
}

impl Say for Language {
    fn say<'a>(self, it: &'a str, en: &'a str, de: &'a str) -> &'a str {
        match self {
            Self::Italian => it,
            Self::English => en,
            Self::German => de,
        }
    }
}

/// A text of the catalogue in every language.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Told {
    it: String,
    en: String,
    de: String,
}

impl Told {
    pub(crate) fn of(&self, language: Language) -> &str {
        language.say(&self.it, &self.en, &self.de)
    }
}

/// Returns a day of the calendar: `1° aprile 2020`, `1 April 2020`, `1. April 2020`.
pub(crate) fn day(language: Language, date: Date) -> String {
    const MONTHS: [[&str; 3]; 12] = [
        ["gennaio", "January", "Januar"],
        ["febbraio", "February", "Februar"],
        ["marzo", "March", "März"],
        ["aprile", "April", "April"],
        ["maggio", "May", "Mai"],
        ["giugno", "June", "Juni"],
        ["luglio", "July", "Juli"],
        ["agosto", "August", "August"],
        ["settembre", "September", "September"],
        ["ottobre", "October", "Oktober"],
        ["novembre", "November", "November"],
        ["dicembre", "December", "Dezember"],
    ];
    let index = usize::try_from(date.month()).unwrap_or(1) - 1;
    let [it, en, de] = MONTHS[index];
    let month = language.say(it, en, de);
    let number = match (language, date.day()) {
        (Language::Italian, 1) => "1°".to_owned(),
        (Language::German, day) => format!("{day}."),
        (_, day) => day.to_string(),
    };
    format!("{number} {month} {}", date.year())
}

/// Returns an instant in Italian time: `2 aprile 2020, ore 16:00`; at midnight the day alone.
pub(crate) fn instant(language: Language, at: Timestamp) -> String {
    let local = at.to_zoned(ROME.clone());
    let date = day(language, local.date());
    let time = local.strftime("%H:%M");
    if local.time() == jiff::civil::Time::midnight() {
        return date;
    }
    match language {
        Language::Italian => format!("{date}, ore {time}"),
        Language::English => format!("{date}, {time}"),
        Language::German => format!("{date}, {time} Uhr"),
    }
}

/// Returns an instant in Italian time, with seconds: `2 aprile 2020, 16:00:07`.
pub(crate) fn instant_to_the_second(language: Language, at: Timestamp) -> String {
    let local = at.to_zoned(ROME.clone());
    let date = day(language, local.date());
    format!("{date}, {}", local.strftime("%H:%M:%S"))
}

/// Returns the last moment before an instant that is too late: the day before it at midnight.
pub(crate) fn until(language: Language, closes: Timestamp) -> String {
    let local = closes.to_zoned(ROME.clone());
    if local.time() != jiff::civil::Time::midnight() {
        return instant(language, closes);
    }
    let last = local.date().checked_sub(1.day()).unwrap_or(local.date());
    day(language, last)
}

/// Returns the time of the day of an instant, in Italy: `16:00`.
pub(crate) fn clock(at: Timestamp) -> String {
    at.to_zoned(ROME.clone()).strftime("%H:%M").to_string()
}

/// Returns the instants near `at` at which clocks in Italy show a time of the day.
pub(crate) fn instants_of(at: Timestamp, time: jiff::civil::Time) -> impl Iterator<Item = Timestamp> {
    let today = at.to_zoned(ROME.clone()).date();
    (0..3).filter_map(move |days| {
        let day = today.checked_add(days.days()).ok()?;
        let local = day.to_datetime(time).to_zoned(ROME.clone()).ok()?;
        Some(local.timestamp())
    })
}

/// Returns an amount: `1.000 euro`, `1,000 euro`, `1.000 Euro`; with decimals only where it has
/// some.
pub(crate) fn euro(language: Language, amount: f64) -> String {
    let (thousands, decimal) = match language {
        Language::Italian | Language::German => (".", ","),
        Language::English => (",", "."),
    };
    let written = format!("{amount:.2}");
    let (whole, cents) = written.split_once('.').unwrap_or((&written, "00"));
    let whole = grouped(whole, thousands);
    let unit = language.say("euro", "euro", "Euro");
    if cents == "00" {
        format!("{whole} {unit}")
    } else {
        format!("{whole}{decimal}{cents} {unit}")
    }
}

/// Returns a whole number: `312.408`, `312,408`, `312.408`.
pub(crate) fn number(language: Language, number: u64) -> String {
    let thousands = language.say(".", ",", ".");
    grouped(&number.to_string(), thousands)
}

/// Puts a mark between each three digits.
fn grouped(digits: &str, mark: &str) -> String {
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push_str(mark);
        }
        grouped.push(digit);
    }
    grouped
}

/// Returns a number of days, in years where it is whole years.
pub(crate) fn term(language: Language, days: i32) -> String {
    let years = (f64::from(days) / 365.25).round();
    let is_whole = years >= 1.0 && (years * 365.25 - f64::from(days)).abs() < 1.5;
    if !is_whole {
        let unit = language.say("giorni", "days", "Tage");
        return format!("{days} {unit}");
    }
    let unit = if years < 1.5 {
        language.say("anno", "year", "Jahr")
    } else {
        language.say("anni", "years", "Jahre")
    };
    format!("{years} {unit}")
}

/// Returns daily hours as the catalogue writes them, with a dash for people: `16:00–08:00`.
pub(crate) fn hours(language: Language, windows: &[String]) -> String {
    let written: Vec<String> = windows.iter().map(|window| window.replace('-', "–")).collect();
    let and = language.say(" e ", " and ", " und ");
    written.join(and)
}

/// Divides a text after the first full stop before a new sentence.
pub(crate) fn first_sentence(text: &str) -> (&str, &str) {
    let starts = |rest: &str| rest.chars().next().is_some_and(char::is_uppercase);
    // `5. März` is a day, `2020. Für` an end
    let is_day = |before: &str| {
        let digits = before.len()
            - before
                .trim_end_matches(|digit: char| digit.is_ascii_digit())
                .len();
        matches!(digits, 1 | 2)
    };
    let mut ends = text.match_indices(". ").map(|(at, _)| at);
    let end = ends.find(|at| !is_day(&text[..*at]) && starts(&text[at + 2..]));
    end.map_or((text, ""), |at| (&text[..=at], &text[at + 2..]))
}

/// Returns a text that begins a sentence.
pub(crate) fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters
        .next()
        .map(|first| first.to_uppercase().chain(letters).collect())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_instants_are_written_as_each_language_writes_them() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let opens = at("2020-04-01T00:00:00+02:00");
        assert_eq!(instant(Language::Italian, opens), "1° aprile 2020");
        assert_eq!(instant(Language::German, opens), "1. April 2020");
        let noon = at("2020-04-01T10:00:00Z");
        assert_eq!(instant(Language::English, noon), "1 April 2020, 12:00");
        // the first instant that is too late: the day before it is the last
        let closes = at("2020-06-04T00:00:00+02:00");
        assert_eq!(until(Language::Italian, closes), "3 giugno 2020");
        assert_eq!(until(Language::German, noon), "1. April 2020, 12:00 Uhr");
    }

    #[test]
    fn amounts_are_grouped_as_each_language_groups_them() {
        assert_eq!(euro(Language::Italian, 600.0), "600 euro");
        assert_eq!(euro(Language::English, 1_261_100_000.0), "1,261,100,000 euro");
        assert_eq!(euro(Language::German, 1_000.5), "1.000,50 Euro");
    }

    #[test]
    fn a_term_is_in_years_where_it_is_whole_years() {
        assert_eq!(term(Language::Italian, 3653), "10 anni");
        assert_eq!(term(Language::English, 365), "1 year");
        assert_eq!(term(Language::German, 1826), "5 Jahre");
        assert_eq!(term(Language::German, 90), "90 Tage");
    }

    #[test]
    fn a_text_is_divided_after_its_first_sentence() {
        let both = ("Up to 1.000 euro.", "For all. Soon.");
        assert_eq!(first_sentence("Up to 1.000 euro. For all. Soon."), both);
        assert_eq!(
            first_sentence("Per l'art. 23 bis. Altro"),
            ("Per l'art. 23 bis.", "Altro")
        );
        let both = ("Ab dem 5. März 2020.", "Für Eltern.");
        assert_eq!(first_sentence("Ab dem 5. März 2020. Für Eltern."), both);
        assert_eq!(first_sentence("One."), ("One.", ""));
        assert_eq!(first_sentence(""), ("", ""));
    }
}
