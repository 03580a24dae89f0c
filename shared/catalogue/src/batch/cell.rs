//! The text of a cell as the value that the form asks for, and back.

use std::borrow::Cow;

use serde_json::{Number, Value};

use super::Separator;

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    /// A text, `2020-03-31`.
    Date,
    /// A number, whole or not: which of them, the form says.
    Number,
    Boolean,
}

/// A number that may be meant in several ways.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnclearNumber;

/// What office programs write for true in Italy, and what people do.
const TRUE: [&str; 8] = ["true", "vero", "wahr", "sì", "si", "yes", "ja", "1"];
const FALSE: [&str; 6] = ["false", "falso", "falsch", "no", "nein", "0"];

/// What a spreadsheet may take for the beginning of a formula.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

impl Kind {
    /// The kind of a field with this schema; nothing where it is a list or a group of fields.
    pub(super) fn of(schema: &Value) -> Option<Self> {
        match schema.get("type")?.as_str()? {
            "string" if schema.get("format").is_some_and(|format| format == "date") => Some(Self::Date),
            "string" => Some(Self::Text),
            "integer" | "number" => Some(Self::Number),
            "boolean" => Some(Self::Boolean),
            _ => None,
        }
    }

    /// The value of a cell. What is not of the kind stays a text, which the form refuses.
    pub(super) fn read(self, cell: &str, separator: Separator) -> Result<Value, UnclearNumber> {
        let text = || Value::from(unguarded(cell));
        Ok(match self {
            Self::Text => text(),
            Self::Date => {
                let iso = (separator == Separator::Semicolon)
                    .then(|| day_first(cell))
                    .flatten();
                iso.map_or_else(text, Value::from)
            }
            Self::Number => number(cell)?.map_or_else(text, Value::Number),
            Self::Boolean => boolean(cell).map_or_else(text, Value::Bool),
        })
    }
}

/// The cell of a value; empty where it is a list, a group of fields or nothing.
pub(super) fn write(value: &Value) -> String {
    match value {
        Value::String(text) => guarded(text).into_owned(),
        Value::Number(number) => guarded(&decimal(number)).into_owned(),
        Value::Bool(is) => is.to_string(),
        Value::Null | Value::Array(_) | Value::Object(_) => String::new(),
    }
}

fn boolean(cell: &str) -> Option<bool> {
    let word = cell.trim().to_lowercase();
    let is_in = |words: &[&str]| words.contains(&word.as_str());
    is_in(&TRUE).then_some(true).or(is_in(&FALSE).then_some(false))
}

/// The number in a cell, with a point or a comma before its decimals; nothing where there is none.
fn number(cell: &str) -> Result<Option<Number>, UnclearNumber> {
    let cell = cell.trim();
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

/// `1.000` and `1,000`: one, or one thousand.
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

/// The number such that nobody reads thousands in it.
fn decimal(number: &Number) -> String {
    let written = number.to_string();
    if may_be_thousands(&written) {
        format!("{written}0")
    } else {
        written
    }
}

/// `31/03/2020` as `2020-03-31`; nothing where it is not written so. Whether there is such a day, the form says.
fn day_first(cell: &str) -> Option<String> {
    let parts: Vec<&str> = cell.trim().split(['/', '.', '-']).collect();
    let [day, month, year] = parts.as_slice() else {
        return None;
    };
    let digits = |part: &str, fits: bool| fits && part.bytes().all(|b| b.is_ascii_digit());
    let short = |part: &str| digits(part, (1..=2).contains(&part.len()));
    (short(day) && short(month) && digits(year, year.len() == 4))
        .then(|| format!("{year}-{month:0>2}-{day:0>2}"))
}

/// The text with a space before what could begin a formula.
fn guarded(text: &str) -> Cow<'_, str> {
    if text.trim_start_matches(' ').starts_with(FORMULA) {
        Cow::Owned(format!(" {text}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The text without the space of [`guarded`].
fn unguarded(cell: &str) -> &str {
    let guarded = cell.strip_prefix(' ');
    guarded
        .filter(|text| text.trim_start_matches(' ').starts_with(FORMULA))
        .unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(kind: Kind, cell: &str) -> Value {
        kind.read(cell, Separator::Semicolon).unwrap()
    }

    #[test]
    fn true_and_false_are_read_as_office_programs_and_people_write_them() {
        for cell in ["true", "VERO", "Wahr", "sì", "SÌ", " si ", "yes", "ja", "1"] {
            assert_eq!(read(Kind::Boolean, cell), json!(true), "{cell}");
        }
        for cell in ["false", "FALSO", "Falsch", "no", "Nein", "0"] {
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
    fn no_cell_that_is_written_begins_a_formula() {
        for value in [
            json!("=1+1"),
            json!("+39 06"),
            json!(" @x"),
            json!("\t="),
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
