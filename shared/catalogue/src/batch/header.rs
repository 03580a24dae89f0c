//! Reads the names of the columns.

use std::collections::{HashMap, HashSet};

use sportello_domain::{Text, Violation};

use super::cell::Kind;
use super::field::Field;
use super::{BENEFIT, BatchColumns, Column, KEY, Separator};
use crate::catalogue::Catalogue;

/// Longest name that a message repeats.
const LONGEST_NAME: usize = 300;

impl BatchColumns {
    /// Reads the names of the columns, without the white space around them: each is a field that an application for
    /// some benefit of the catalogue can have, and `idempotency_key` is among them.
    ///
    /// # Errors
    /// Every mistake, by the place of its column; a name is repeated only where it can be one of ours.
    pub fn parse(
        names: &[&str],
        separator: Separator,
        catalogue: &Catalogue,
    ) -> Result<Self, Vec<Violation>> {
        if names.len() > Self::MOST {
            return Err(vec![too_many()]);
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

    /// Columns of these names, whatever they are.
    pub(super) fn of(names: &[&str], separator: Separator) -> Self {
        let column = |name: &&str| Field::parse(name.trim()).map_or(Column::Key, Column::Field);
        Self {
            columns: names.iter().map(column).collect(),
            separator,
        }
    }

    /// Columns that hold no field of any form.
    fn unknown(&self, names: &[&str], catalogue: &Catalogue) -> Vec<Violation> {
        let forms = || catalogue.benefits().flat_map(|benefit| benefit.forms());
        let is_field =
            |field: &Field| forms().any(|(_, form)| field.schema(form).and_then(Kind::of).is_some());
        let columns = self.columns.iter().zip(names).enumerate();
        let unknown = columns.filter(|(_, (column, name))| match column {
            Column::Key => name.trim() != KEY,
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

    /// Elements of lists whose neighbour before them has no column.
    fn gaps(&self) -> Vec<Violation> {
        let fields = || {
            self.columns
                .iter()
                .enumerate()
                .filter_map(|(index, column)| Some((index, column.field()?)))
        };
        let elements: HashSet<(String, usize)> = fields().flat_map(|(_, field)| field.elements()).collect();
        let mut gaps = Vec::new();
        for (index, field) in fields() {
            let follows_one =
                |(list, element): (String, usize)| element == 0 || elements.contains(&(list, element - 1));
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
                gaps.push(Violation::new(repeated(field.name()), "list_gap", message));
            }
        }
        gaps
    }
}

fn too_many() -> Violation {
    let most = BatchColumns::MOST;
    let message = Text::of(
        format!("le colonne sono più di {most}"),
        format!("there are more than {most} columns"),
        format!("es gibt mehr als {most} Spalten"),
    );
    Violation::new("", "too_many_columns", message)
}

/// Columns without which no row can be read.
fn missing(names: &[&str]) -> Vec<Violation> {
    let needed = [KEY, BENEFIT].into_iter();
    let missing = needed.filter(|needed| !names.iter().any(|name| name.trim() == *needed));
    missing
        .map(|name| {
            let message = Text::of(
                format!("manca la colonna {name}"),
                format!("there is no column {name}"),
                format!("die Spalte {name} fehlt"),
            );
            Violation::new(repeated(name), "column_missing", message)
        })
        .collect()
}

fn twice(names: &[&str]) -> Vec<Violation> {
    let mut first = HashMap::new();
    let mut twice = Vec::new();
    for (index, name) in names.iter().map(|name| name.trim()).enumerate() {
        if name.is_empty() {
            continue; // told as unknown
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

/// The name as a pointer, where it can be one of ours: else it may be anybody's data, in a file without a header.
fn repeated(name: &str) -> &str {
    let name = name.trim();
    let ours = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'/');
    let fits = name.starts_with('/') && name.len() <= LONGEST_NAME && name.bytes().all(ours);
    if fits { name } else { "" }
}
