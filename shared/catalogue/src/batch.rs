//! Applications as the rows of a table: one a row, a column for each field.
//!
//! The JSON pointer (RFC 6901) of a field in the application names its column, so that a mistake in
//! an application names the column to correct. The form decides whether a cell becomes a text, a
//! number or a boolean.

mod cell;
mod field;
mod header;
mod row;
mod sample;
mod template;

use sportello_domain::JsonPointer;

pub use cell::trim_cell;
pub use template::BatchTemplate;

use field::Field;

/// The column of the idempotency key.
const KEY: &str = "idempotency_key";
/// The columns that select the form of a row.
const BENEFIT: [&str; 1] = ["benefit"];
const CATEGORY: [&str; 1] = ["category"];

/// The columns of a table of applications, in their order.
pub struct BatchColumns {
    columns: Vec<Column>,
    separator: Separator,
}

/// The content of a column.
enum Column {
    /// The application's idempotency key.
    Key,
    /// A field of the application.
    Field(Field),
}

/// The separator between the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `,`, as programs write it.
    Comma,
    /// `;`, as office programs write it in countries with a decimal comma. There, a date begins
    /// with the day.
    Semicolon,
}

impl BatchColumns {
    /// Most columns of a table.
    pub const MOST: usize = 500;

    /// Returns the number of columns.
    #[must_use]
    pub fn count(&self) -> usize {
        self.columns.len()
    }

    /// Returns the place of the field in a column, counted from 0, or nothing if the column
    /// holds no field of the application.
    #[must_use]
    pub fn pointer(&self, column: usize) -> Option<&JsonPointer> {
        self.columns.get(column)?.field().map(Field::pointer)
    }

    /// Returns the cell with the idempotency key.
    #[must_use]
    pub fn key<'a>(&self, cells: &[&'a str]) -> &'a str {
        let found = self
            .with_cells(cells)
            .find(|(column, _)| matches!(column, Column::Key));
        found.map_or("", |(_, cell)| cell)
    }

    /// Returns each column with its cell. A spreadsheet omits empty cells at the end of a row; such
    /// columns get no cell.
    fn with_cells<'s, 'a>(&'s self, cells: &'s [&'a str]) -> impl Iterator<Item = (&'s Column, &'a str)> {
        self.columns.iter().zip(cells.iter().map(|cell| trim_cell(cell)))
    }

    /// Returns the filled fields, each with its cell.
    fn filled<'s, 'a>(&'s self, cells: &'s [&'a str]) -> impl Iterator<Item = (&'s Field, &'a str)> {
        let filled = self.with_cells(cells).filter(|(_, cell)| !cell.is_empty());
        filled.filter_map(|(column, cell)| Some((column.field()?, cell)))
    }

    /// Returns the cell of a field.
    fn cell<'a>(&self, names: [&str; 1], cells: &[&'a str]) -> Option<&'a str> {
        let mut filled = self.filled(cells);
        filled.find(|(field, _)| field.is_at(names)).map(|(_, cell)| cell)
    }
}

impl Column {
    fn field(&self) -> Option<&Field> {
        match self {
            Self::Key => None,
            Self::Field(field) => Some(field),
        }
    }
}
