//! Converts the text of a cell to the form's value, and back.

use std::borrow::Cow;

use serde_json::{Number, Value};
use sportello_domain::{clean, is_invisible};

use super::Separator;

/// The type of a column's cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text, `2020-03-31`.
    Date,
    /// A number; the form decides whether it must be whole.
    Number,
    Boolean,
}

/// A number that can be read in several ways.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnclearNumber;

/// Words for true: of office programs in Italian, English, German and French, and of people.
const TRUE: [&str; 10] = [
    "true", "vero", "wahr", "vrai", "sì", "si", "yes", "ja", "oui", "1",
];
const FALSE: [&str; 8] = ["false", "falso", "falsch", "faux", "no", "nein", "non", "0"];

/// Characters that a spreadsheet may take for the start of a formula.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Returns the cell without surrounding blanks: white space, no-break spaces and invisible marks.
#[must_use]
pub fn trim_cell(cell: &str) -> &str {
    cell.trim_matches(is_blank)
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || is_invisible(c)
}

impl Kind {
    /// Returns the kind of a field with this schema, or nothing for a list or a group of fields.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        match schema.get("type")?.as_str()? {
            "string" if schema.get("format").is_some_and(|format| format == "date") => Some(Self::Date),
            "string" => Some(Self::Text),
            "integer" | "number" => Some(Self::Number),
            "boolean" => Some(Self::Boolean),
            _ => None,
        }
    }

    /// Returns the value of a trimmed cell. A text that does not fit the kind stays a text, which
    /// the form refuses.
    pub(super) fn read(self, cell: &str, separator: Separator) -> Result<Value, UnclearNumber> {
        let text = || Value::from(cell);
        Ok(match self {
            Self::Text => text(),
            Self::Date => date(cell, separator).into(),
            Self::Number => number(cell)?.map_or_else(text, Value::Number),
            Self::Boolean => boolean(cell).map_or_else(text, Value::Bool),
        })
    }
}

/// Returns the cell of a value; empty for a list, a group of fields or null.
pub(super) fn write(value: &Value) -> String {
    match value {
        Value::String(text) => guarded(text).into_owned(),
        Value::Number(number) => guarded(&decimal(number)).into_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn boolean(cell: &str) -> Option<bool> {
    let word = clean(cell).to_lowercase();
    let is_in = |words: &[&str]| words.contains(&word.as_str());
    is_in(&TRUE).then_some(true).or(is_in(&FALSE).then_some(false))
}

/// Reads a number with a decimal point or comma; returns nothing if the cell holds none.
fn number(cell: &str) -> Result<Option<Number>, UnclearNumber> {
    let with_point = cell.replacen(',', ".", 1);
    if let Ok(number) = serde_json::from_str::<Number>(&with_point)
        && !may_be_thousands(cell)
    {
        return Ok(Some(exact(&with_point, number)));
    }
    let looks_like_one = |c: char| c.is_ascii_digit() || c.is_whitespace() || ".,'’+-€".contains(c);
    if cell.contains(|c: char| c.is_ascii_digit()) && cell.chars().all(looks_like_one) {
        return Err(UnclearNumber);
    }
    Ok(None)
}

/// Returns whether it is like `1.000` or `1,000`, which can mean one or one thousand.
fn may_be_thousands(cell: &str) -> bool {
    let cell = cell.strip_prefix('-').unwrap_or(cell);
    cell.split_once(['.', ',']).is_some_and(|(whole, rest)| {
        whole.len() <= 3
            && !whole.starts_with('0')
            && rest.len() == 3
            && rest.bytes().all(|b| b.is_ascii_digit())
    })
}

/// `serde_json` may miss the nearest double by one place.
fn exact(text: &str, number: Number) -> Number {
    if number.is_f64() {
        let nearest = text.parse().ok().and_then(Number::from_f64);
        nearest.unwrap_or(number)
    } else {
        number
    }
}

/// Writes the number so that no reader takes its point for a thousands separator.
fn decimal(number: &Number) -> String {
    let written = number.to_string();
    if may_be_thousands(&written) {
        format!("{written}0")
    } else {
        written
    }
}

/// Returns the cell's day as the form writes it, or the cell unchanged. The form checks whether the
/// day exists.
fn date(cell: &str, separator: Separator) -> String {
    let day = trim_cell(without_midnight(cell));
    let iso = match separator {
        Separator::Semicolon => day_first(day),
        Separator::Comma => None,
    };
    iso.unwrap_or_else(|| day.to_owned())
}

/// Removes the time of `31/03/2020 00:00` or `2020-03-31T00:00:00.000`, which programs add to a
/// day.
fn without_midnight(cell: &str) -> &str {
    let Some((day, time)) = cell.split_once(|c: char| c == 'T' || c.is_whitespace()) else {
        return cell;
    };
    let parts: Vec<&str> = time.trim_start().split([':', '.']).collect();
    let is_zero = |part: &&str| (1..=9).contains(&part.len()) && part.bytes().all(|b| b == b'0');
    let is_midnight = (2..=4).contains(&parts.len()) && parts.iter().all(is_zero);
    if is_midnight && !day.is_empty() { day } else { cell }
}

/// Converts `31/03/2020` to `2020-03-31`; returns nothing for other texts.
fn day_first(cell: &str) -> Option<String> {
    let parts: Vec<&str> = cell.split(['/', '.', '-']).collect();
    let [day, month, year] = parts.as_slice() else {
        return None;
    };
    let digits = |part: &str, fits: bool| fits && part.bytes().all(|b| b.is_ascii_digit());
    let short = |part: &str| digits(part, (1..=2).contains(&part.len()));
    (short(day) && short(month) && digits(year, year.len() == 4))
        .then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

/// Adds a space before a possible formula; [`trim_cell`] removes it.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches(' ').starts_with(FORMULA) {
        Cow::Owned(format!(" {text}"))
    } else {
        Cow::Borrowed(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const BOTH: [Separator; 2] = [Separator::Comma, Separator::Semicolon];

    fn read(kind: Kind, cell: &str) -> Value {
        kind.read(trim_cell(cell), Separator::Semicolon).unwrap()
    }

    #[test]
    fn true_and_false_are_read_as_office_programs_and_people_write_them() {
        for cell in [
            "true",
            "VERO",
            "Wahr",
            "VRAI",
            "sì",
            "SÌ",
            " si ",
            "yes",
            "ja",
            "Oui",
            "si\u{300}",
            "1",
        ] {
            assert_eq!(read(Kind::Boolean, cell), json!(true), "{cell}");
        }
        for cell in ["false", "FALSO", "Falsch", "faux", "no", "Nein", "non", "0"] {
            assert_eq!(read(Kind::Boolean, cell), json!(false), "{cell}");
        }
        for cell in ["x", "2", "vero?", "s"] {
            assert_eq!(read(Kind::Boolean, cell), json!(cell), "{cell}");
        }
    }

    #[test]
    fn a_number_has_a_point_or_a_comma_and_is_never_guessed() {
        for (cell, number) in [
            ("600", json!(600)),
            (" 600 ", json!(600)),
            ("599.99", json!(599.99)),
            ("599,99", json!(599.99)),
            ("-5", json!(-5)),
            (" -5", json!(-5)),
            ("0,125", json!(0.125)),
            ("1,2500", json!(1.25)),
            ("1E+05", json!(100_000.0)),
            ("18446744073709551615", json!(u64::MAX)),
        ] {
            assert_eq!(read(Kind::Number, cell), number, "{cell}");
        }
        for cell in [
            "1.000", "1,000", "-12.500", "1.234,56", "1,234.56", "1 000", "1'000", "€ 600", "007", "+5", "5,",
        ] {
            let read = Kind::Number.read(cell, Separator::Semicolon);
            assert_eq!(read, Err(UnclearNumber), "{cell}");
        }
        for cell in ["seicento", "NaN", "0x10", "1e999", "--"] {
            assert_eq!(read(Kind::Number, cell), json!(cell), "{cell}");
        }
    }

    #[test]
    fn a_date_begins_with_the_day_only_where_semicolons_show_the_land() {
        for cell in ["31/03/2020", "31.3.2020", "31-03-2020", "2020-03-31"] {
            assert_eq!(read(Kind::Date, cell), json!("2020-03-31"), "{cell}");
        }
        for cell in ["31/03/20", "/03/2020", "31/03", "marzo 2020"] {
            assert_eq!(read(Kind::Date, cell), json!(cell), "{cell}");
        }
        let among_commas = Kind::Date.read("03/04/2020", Separator::Comma).unwrap();
        assert_eq!(among_commas, json!("03/04/2020"));
    }

    #[test]
    fn a_date_with_midnight_is_the_day() {
        for midnight in [
            " 00:00",
            " 0:00",
            "  00:00:00",
            "\u{a0}00:00:00.000",
            "T00:00:00",
            " 00.00",
        ] {
            let cell = format!("31/03/1980{midnight}");
            assert_eq!(read(Kind::Date, &cell), json!("1980-03-31"), "{cell}");
            for separator in BOTH {
                let iso = format!("1980-03-31{midnight}");
                assert_eq!(Kind::Date.read(&iso, separator), Ok(json!("1980-03-31")), "{iso}");
            }
        }
        for cell in [
            "31/03/1980 00:01",
            "31/03/1980 12:00",
            "31/03/1980 0",
            "31/03/1980 :",
            "31/03/1980 00:00Z",
        ] {
            assert_eq!(read(Kind::Date, cell), json!(cell), "{cell}");
        }
    }

    #[test]
    fn blanks_around_a_cell_do_not_count() {
        for blank in [" ", "\t", "\u{a0}", "\u{202f}", "\u{feff}", "\u{200b}", "\r\n "] {
            let around = |cell: &str| format!("{blank}{cell}{blank}");
            assert_eq!(read(Kind::Text, &around("Anna Maria")), json!("Anna Maria"));
            assert_eq!(read(Kind::Number, &around("599,90")), json!(599.9));
            assert_eq!(read(Kind::Boolean, &around("no")), json!(false));
            assert_eq!(read(Kind::Date, &around("31/03/2020")), json!("2020-03-31"));
        }
    }

    #[test]
    fn no_cell_that_is_written_begins_a_formula() {
        for value in [
            json!("=1+1"),
            json!("+39 06"),
            json!(-5),
            json!(-1.125),
            json!("＝1"),
        ] {
            let cell = write(&value);
            assert!(!cell.starts_with(FORMULA), "{cell}");
            let kind = if value.is_number() {
                Kind::Number
            } else {
                Kind::Text
            };
            assert_eq!(read(kind, &cell), value);
        }
        assert_eq!(write(&json!(1.125)), "1.1250");
    }
}
