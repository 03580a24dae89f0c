//! Parses the names of the columns.

use std::collections::{HashMap, HashSet};

use sportello_domain::{JsonPointer, Text, Violation};

use super::cell::{Kind, trim_cell};
use super::field::{Field, Token};
use super::{BENEFIT, BatchColumns, Column, KEY, Separator};
use crate::catalogue::Catalogue;

/// Longest name that a message repeats.
const LONGEST_NAME: usize = 300;

impl BatchColumns {
    /// Parses the names of the columns, without surrounding blanks. Each must be a field of some
    /// benefit of the catalogue, and `idempotency_key` is required. Unnamed columns at the end are
    /// ignored.
    ///
    /// # Errors
    /// Every mistake, by the position of its column. A message repeats a name only if it can be a
    /// field's name.
    pub fn parse(
        names: &[&str],
        separator: Separator,
        catalogue: &Catalogue,
    ) -> Result<Self, Vec<Violation>> {
        let names: Vec<&str> = names.iter().map(|name| trim_cell(name)).collect();
        let named = names.iter().rposition(|name| !name.is_empty());
        let names = names.get(..named.map_or(0, |last| last + 1)).unwrap_or_default();
        if names.len() > Self::MOST {
            return Err(vec![Self::too_many()]);
        }
        let columns = Self::of(names, separator);
        let mut mistakes = missing(names);
        mistakes.extend(twice(names));
        mistakes.extend(columns.unknown(names, catalogue));
        mistakes.extend(columns.gaps());
        if mistakes.is_empty() {
            Ok(columns)
        } else {
            Err(mistakes)
        }
    }

    /// Returns the violation of a table with more than [`BatchColumns::MOST`] columns.
    #[must_use]
    pub fn too_many() -> Violation {
        let most = Self::MOST;
        let message = Text::of(
            format!("le colonne sono più di {most}"),
            format!("there are more than {most} columns"),
            format!("es gibt mehr als {most} Spalten"),
        );
        Violation::new(JsonPointer::ROOT, "too_many_columns", message)
    }

    /// Makes columns of these names without checks.
    pub(super) fn of(names: &[&str], separator: Separator) -> Self {
        let column = |name: &&str| Field::parse(name).map_or(Column::Key, Column::Field);
        Self {
            columns: names.iter().map(column).collect(),
            separator,
        }
    }

    /// Returns the columns that hold no field of any form.
    fn unknown(&self, names: &[&str], catalogue: &Catalogue) -> Vec<Violation> {
        let forms = || catalogue.benefits().flat_map(|benefit| benefit.forms());
        let is_field =
            |field: &Field| forms().any(|(_, form)| field.schema(form).and_then(Kind::of).is_some());
        let columns = self.columns.iter().zip(names).enumerate();
        let unknown = columns.filter(|(_, (column, name))| match column {
            Column::Key => **name != KEY,
            Column::Field(field) => !is_field(field),
        });
        unknown
            .map(|(index, (_, name))| {
                let message = Text::of(
                    format!("colonna {}: nessun modulo ha questo campo", index + 1),
                    format!("column {}: no form has this field", index + 1),
                    format!("Spalte {}: Kein Formular hat dieses Feld", index + 1),
                );
                Violation::new(repeated(name), "column_unknown", message)
            })
            .collect()
    }

    /// Returns list elements whose previous element has no column.
    fn gaps(&self) -> Vec<Violation> {
        let fields = || {
            self.columns
                .iter()
                .enumerate()
                .filter_map(|(index, column)| Some((index, column.field()?)))
        };
        let elements: HashSet<(&[Token], usize)> = fields().flat_map(|(_, field)| field.elements()).collect();
        let mut gaps = Vec::new();
        for (index, field) in fields() {
            let follows_one =
                |(list, element): (&[Token], usize)| element == 0 || elements.contains(&(list, element - 1));
            if !field.elements().all(follows_one) {
                let message = Text::of(
                    format!(
                        "colonna {}: manca una colonna per l'elemento precedente; si conta da 0",
                        index + 1
                    ),
                    format!(
                        "column {}: the element before has no column; counting begins at 0",
                        index + 1
                    ),
                    format!(
                        "Spalte {}: Das vorige Element hat keine Spalte; gezählt wird ab 0",
                        index + 1
                    ),
                );
                gaps.push(Violation::new(
                    repeated(field.pointer().as_str()),
                    "list_gap",
                    message,
                ));
            }
        }
        gaps
    }
}

/// Returns the required columns that are missing.
fn missing(names: &[&str]) -> Vec<Violation> {
    let needed = [KEY.to_owned(), JsonPointer::from(BENEFIT).to_string()].into_iter();
    let missing = needed.filter(|needed| !names.contains(&needed.as_str()));
    missing
        .map(|name| {
            let message = Text::of(
                format!("manca la colonna {name}"),
                format!("there is no column {name}"),
                format!("die Spalte {name} fehlt"),
            );
            Violation::new(repeated(&name), "column_missing", message)
        })
        .collect()
}

fn twice(names: &[&str]) -> Vec<Violation> {
    let mut first = HashMap::new();
    let mut twice = Vec::new();
    for (index, name) in names.iter().copied().enumerate() {
        if name.is_empty() {
            continue; // reported as unknown
        }
        let other = *first.entry(name).or_insert(index);
        if other != index {
            let (this, other) = (index + 1, other + 1);
            let message = Text::of(
                format!("la colonna {this} ha lo stesso nome della colonna {other}"),
                format!("column {this} has the same name as column {other}"),
                format!("Spalte {this} heißt wie Spalte {other}"),
            );
            twice.push(Violation::new(repeated(name), "column_twice", message));
        }
    }
    twice
}

/// Returns the pointer of a name that can be a field's. Any other may be personal data, from a file
/// without a header.
fn repeated(name: &str) -> JsonPointer {
    let ours = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'/');
    let fits = name.len() <= LONGEST_NAME && name.bytes().all(ours);
    let pointer = fits.then(|| JsonPointer::parse(name).ok()).flatten();
    pointer.unwrap_or(JsonPointer::ROOT)
}
