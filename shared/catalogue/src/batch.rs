//! Applications as the rows of a table: one a row, a column for each field.
//!
//! A column is named by the JSON pointer (RFC 6901) of its field in the application, so that what is wrong with an
//! application names the column to mend. What a cell becomes, a text, a number or true and false, follows from the form.

mod cell;
mod field;
mod header;
mod row;
mod sample;
mod template;

pub use template::BatchTemplate;

use field::Field;

/// The column that holds what makes a retry the same application.
const KEY: &str = "idempotency_key";
/// The columns that say which form a row is for.
const BENEFIT: &str = "/benefit";
const CATEGORY: &str = "/category";

/// The columns of a table of applications, in their order.
pub struct BatchColumns {
    columns: Vec<Column>,
    separator: Separator,
}

/// What a column holds.
enum Column {
    /// The application's idempotency key.
    Key,
    /// A field of the application.
    Field(Field),
}

/// What stands between the cells of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Separator {
    /// `,`, as programs write it.
    Comma,
    /// `;`, as office programs write it where the comma begins the decimals. There, a date begins with the day.
    Semicolon,
}

impl BatchColumns {
    /// Most columns of a table.
    pub const MOST: usize = 500;

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.columns.len()
    }

    /// The JSON pointer of the field in a column, from 0; nothing where it holds no field of the application.
    #[must_use]
    pub fn pointer(&self, column: usize) -> Option<&str> {
        self.columns.get(column)?.field().map(Field::name)
    }

    /// The cell with the idempotency key.
    #[must_use]
    pub fn key<'a>(&self, cells: &[&'a str]) -> &'a str {
        let mut both = self.columns.iter().zip(cells);
        let found = both.find(|(column, _)| matches!(column, Column::Key));
        found.map_or("", |(_, cell)| cell)
    }

    /// The fields that are filled in, each with its cell.
    fn filled<'s, 'a>(&'s self, cells: &'s [&'a str]) -> impl Iterator<Item = (&'s Field, &'a str)> {
        let both = self.columns.iter().zip(cells);
        let filled = both.filter(|(_, cell)| !cell.is_empty());
        filled.filter_map(|(column, cell)| Some((column.field()?, *cell)))
    }

    /// The cell of a field.
    fn cell<'a>(&self, name: &str, cells: &[&'a str]) -> Option<&'a str> {
        let mut filled = self.filled(cells);
        filled
            .find(|(field, _)| field.name() == name)
            .map(|(_, cell)| cell)
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
