//! The lines before the first row: empty lines, perhaps `sep=;`, then the names of the columns.

use std::str;

use sportello_catalogue::{BatchColumns, Catalogue, Separator, trim_cell};
use sportello_domain::{JsonPointer, Text, Violation};

use super::records::{Flaw, Records};
use super::{Table, not_utf8, quotes};
use crate::batch::split::ROW_LIMIT;

/// Reads the header line by line.
#[derive(Default)]
pub(super) struct Header {
    /// The beginning of the incomplete line.
    line: Vec<u8>,
    /// The separator that a line of its own declares, as Excel writes it.
    said: Option<Separator>,
}

impl Header {
    /// Takes bytes of a line.
    ///
    /// # Errors
    /// The line is longer than a row may be.
    pub(super) fn extend(&mut self, part: &[u8]) -> Result<(), Vec<Violation>> {
        if self.line.len() + part.len() > ROW_LIMIT {
            return Err(vec![header_too_long()]);
        }
        self.line.extend_from_slice(part);
        Ok(())
    }

    /// Ends the line. Returns the table after the line of names.
    ///
    /// # Errors
    /// Every mistake in the names.
    pub(super) fn line(&mut self, catalogue: &Catalogue) -> Result<Option<Table>, Vec<Violation>> {
        let line = std::mem::take(&mut self.line);
        let text = str::from_utf8(&line).map_err(|_| vec![not_utf8(JsonPointer::ROOT)])?;
        if is_blank(text) {
            return Ok(None);
        }
        if self.said.is_none()
            && let Some(separator) = said(text)
        {
            self.said = Some(separator.ok_or_else(|| vec![other_separator()])?);
            return Ok(None);
        }
        self.table(text, catalogue).map(Some)
    }

    /// Ends the file before the names.
    ///
    /// # Errors
    /// Always: the columns that are missing.
    pub(super) fn end(&mut self, catalogue: &Catalogue) -> Result<Table, Vec<Violation>> {
        match self.line(catalogue)? {
            Some(table) => Ok(table),
            None => self.table("", catalogue),
        }
    }

    fn table(&self, line: &str, catalogue: &Catalogue) -> Result<Table, Vec<Violation>> {
        let separator = match self.said {
            Some(separator) => separator,
            // no name of a column contains any of these
            None => match line.find([',', ';', '\t']).and_then(|at| line.get(at..)) {
                Some(rest) if rest.starts_with(';') => Separator::Semicolon,
                Some(rest) if rest.starts_with('\t') => return Err(vec![other_separator()]),
                _ => Separator::Comma,
            },
        };
        let mut records = Records::new(separator);
        let whole = [line.as_bytes(), b"\n"].concat();
        let mut rest = whole.as_slice();
        while !rest.is_empty() {
            let (taken, _) = records.take(rest);
            rest = rest.get(taken..).unwrap_or_default();
        }
        let columns = if line.is_empty() {
            BatchColumns::parse(&[], separator, catalogue)?
        } else {
            let cells = records.record().map_err(|flaw| vec![of_flaw(flaw)])?;
            let names: Result<Vec<&str>, _> = cells.into_iter().map(str::from_utf8).collect();
            let names = names.map_err(|_| vec![not_utf8(JsonPointer::ROOT)])?;
            BatchColumns::parse(&names, separator, catalogue)?
        };
        Ok(Table { columns, records })
    }
}

/// Returns whether a line has no name: only blanks, separators and empty quotes.
fn is_blank(line: &str) -> bool {
    line.split([',', ';', '\t', '"'])
        .all(|cell| trim_cell(cell).is_empty())
}

/// Returns the separator that a line declares: `sep=;`, also with the additions of a program that
/// saved it as a row. `Some(None)` is a separator that is not read.
fn said(line: &str) -> Option<Option<Separator>> {
    let (name, separator) = trim_cell(line).trim_matches('"').split_once('=')?;
    if !name.eq_ignore_ascii_case("sep") {
        return None;
    }
    let is_all = |wanted: char| !separator.is_empty() && separator.chars().all(|c| c == wanted || c == '"');
    Some(if is_all(';') {
        Some(Separator::Semicolon)
    } else if is_all(',') {
        Some(Separator::Comma)
    } else {
        None
    })
}

fn of_flaw(flaw: Flaw) -> Violation {
    match flaw {
        Flaw::TooLong => header_too_long(),
        Flaw::TooManyCells => BatchColumns::too_many(),
        Flaw::Quotes => quotes(),
    }
}

fn header_too_long() -> Violation {
    const MESSAGE: Text = Text::fixed(
        "la riga con i nomi delle colonne ha più di 65536 byte",
        "the line with the names of the columns has more than 65536 bytes",
        "die Zeile mit den Namen der Spalten hat mehr als 65536 Byte",
    );
    Violation::new(JsonPointer::ROOT, "header_too_long", MESSAGE)
}

fn other_separator() -> Violation {
    const MESSAGE: Text = Text::fixed(
        "le celle sono separate da una tabulazione o da un altro segno: salva il file come CSV, con virgole o punti e virgola",
        "the cells are separated by a tab or another character: save the file as CSV, with commas or semicolons",
        "die Zellen sind durch einen Tabulator oder ein anderes Zeichen getrennt: Speichern Sie die Datei als CSV, mit Kommas \
         oder Strichpunkten",
    );
    Violation::new(JsonPointer::ROOT, "separator", MESSAGE)
}
