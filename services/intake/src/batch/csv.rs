//! Rows as CSV (RFC 4180): a header with the names of the columns, then an application a record.

mod header;
mod records;

use std::str;

use actix_web::web::Bytes;
use sportello_catalogue::{BatchColumns, Catalogue, LiveCatalogue, trim_cell};
use sportello_domain::{JsonPointer, Language, Text, Violation};
use sportello_http::Problem;

use self::header::Header;
use self::records::{Flaw, Next, Records};
use super::split::{self, ROW_LIMIT, RawRow, Rows, Split};

/// Reads records that end with LF, CR or CR LF, the last one also without. The header shows whether
/// commas or semicolons separate cells. Records whose cells are all blank are not rows. A record
/// may have fewer or more empty cells at its end than there are columns: spreadsheets write both.
pub(crate) struct CsvSplitter {
    catalogue: LiveCatalogue,
    language: Language,
    state: State,
}

enum State {
    Header(Header),
    Rows(Box<Table>),
}

/// The state after a header.
struct Table {
    columns: BatchColumns,
    records: Records,
}

impl CsvSplitter {
    /// Reads rows by the forms of the catalogue; violations are in this language.
    pub(crate) fn new(catalogue: LiveCatalogue, language: Language) -> Self {
        Self {
            catalogue,
            language,
            state: State::Header(Header::default()),
        }
    }

    /// Takes the bytes of the header. Returns the rest of the bytes once the header is complete.
    fn header<'a>(&mut self, chunk: &'a [u8]) -> Result<&'a [u8], Vec<Violation>> {
        let State::Header(header) = &mut self.state else {
            return Ok(chunk);
        };
        let mut rest = chunk;
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            let (part, after) = rest.split_at(end);
            rest = after.get(1..).unwrap_or_default();
            header.extend(part)?;
            if let Some(table) = header.line(&self.catalogue.current())? {
                self.state = State::Rows(Box::new(table));
                return Ok(rest);
            }
        }
        header.extend(rest)?;
        Ok(&[])
    }
}

impl Split for CsvSplitter {
    fn push(&mut self, chunk: &[u8]) -> Result<Rows, Problem> {
        let language = self.language;
        let mut chunk = self
            .header(chunk)
            .map_err(|violations| Problem::of_header(violations, language))?;
        let mut rows = Rows::new();
        let State::Rows(table) = &mut self.state else {
            return Ok(rows);
        };
        let catalogue = self.catalogue.current();
        while !chunk.is_empty() {
            let (taken, next) = table.records.take(chunk);
            chunk = chunk.get(taken..).unwrap_or_default();
            if next == Next::Record {
                rows.extend(table.row(&catalogue, self.language));
            }
        }
        Ok(rows)
    }

    fn finish(&mut self) -> Result<Rows, Problem> {
        let catalogue = self.catalogue.current();
        let table = match &mut self.state {
            State::Rows(table) => table,
            // the line of names has no end of line
            State::Header(header) => match header.end(&catalogue) {
                Ok(_) => return Ok(Rows::new()),
                Err(violations) => return Err(Problem::of_header(violations, self.language)),
            },
        };
        let mut rows = Rows::new();
        loop {
            match table.records.take_end() {
                Next::Record => rows.extend(table.row(&catalogue, self.language)),
                Next::More => {}
                Next::End => return Ok(rows),
            }
        }
    }
}

impl Table {
    /// Returns the row of the complete record; `None` where it is blank.
    fn row(&self, catalogue: &Catalogue, language: Language) -> Option<Result<RawRow, Problem>> {
        let problem = |violations| Problem::of_violations(violations, language);
        let cells = match self.records.record() {
            Ok(cells) => cells,
            Err(Flaw::TooLong) => return Some(Err(Problem::TooLarge { limit: ROW_LIMIT })),
            Err(Flaw::TooManyCells) => {
                let count = cell_count(BatchColumns::MOST + 1, self.columns.count());
                return Some(Err(problem(vec![count])));
            }
            Err(Flaw::Quotes) => return Some(Err(problem(vec![quotes()]))),
        };
        let is_blank = |cell: &&[u8]| str::from_utf8(cell).is_ok_and(|cell| trim_cell(cell).is_empty());
        let (count, wanted) = (cells.len(), self.columns.count());
        let filled = cells.iter().rposition(|cell| !is_blank(cell))?;
        if filled >= wanted {
            return Some(Err(problem(vec![cell_count(count, wanted)])));
        }
        let read = self.read(catalogue, &cells).map_err(problem);
        Some(read.and_then(|row| {
            let fits = row.content.len() <= ROW_LIMIT;
            fits.then_some(row).ok_or(Problem::TooLarge { limit: ROW_LIMIT })
        }))
    }

    fn read(&self, catalogue: &Catalogue, cells: &[&[u8]]) -> Result<RawRow, Vec<Violation>> {
        let cells = self.texts(cells.get(..self.columns.count()).unwrap_or(cells))?;
        if cells.iter().any(|cell| has_late_quote(cell)) {
            return Err(vec![quotes()]);
        }
        let key = match self.columns.key(&cells) {
            "" => Err(split::key_missing()),
            key => split::parse_key(key),
        };
        match (key, self.columns.content(catalogue, &cells)) {
            (Ok(key), Ok(content)) => Ok(RawRow {
                key,
                content: Bytes::from(content),
            }),
            (key, content) => {
                let others = content.err().unwrap_or_default();
                Err(key.err().into_iter().chain(others).collect())
            }
        }
    }

    fn texts<'a>(&self, cells: &[&'a [u8]]) -> Result<Vec<&'a str>, Vec<Violation>> {
        let texts: Result<Vec<&str>, _> = cells.iter().map(|cell| str::from_utf8(cell)).collect();
        texts.map_err(|_| {
            let cells = cells.iter().enumerate();
            let bad = cells.filter(|(_, cell)| str::from_utf8(cell).is_err());
            let pointer = |column| self.columns.pointer(column).cloned();
            bad.map(|(column, _)| not_utf8(pointer(column).unwrap_or_else(|| split::KEY.into())))
                .collect()
        })
    }
}

/// Returns whether blanks stand before a quote that would have opened the cell. Such a cell may
/// have been cut at a separator of its own.
fn has_late_quote(cell: &str) -> bool {
    cell.starts_with(char::is_whitespace) && trim_cell(cell).starts_with('"')
}

fn quotes() -> Violation {
    const MESSAGE: Text = Text::fixed(
        "le virgolette non tornano: una cella che ne contiene sta tra virgolette, senza spazi prima, e ognuna delle sue è \
         raddoppiata",
        "the quotes do not match: a cell that contains any stands in quotes, without blanks before them, and each of its \
         own is doubled",
        "die Anführungszeichen passen nicht zueinander: Eine Zelle, die welche enthält, steht in Anführungszeichen ohne \
         Leerzeichen davor, und jedes ihrer eigenen ist verdoppelt",
    );
    Violation::new(JsonPointer::ROOT, "quotes", MESSAGE)
}

fn cell_count(count: usize, wanted: usize) -> Violation {
    // further cells are not counted
    let count = match count {
        0..=BatchColumns::MOST => count.to_string(),
        _ => format!("> {}", BatchColumns::MOST),
    };
    let message = Text::of(
        format!("la riga ha {count} celle, le colonne sono {wanted}"),
        format!("the row has {count} cells, there are {wanted} columns"),
        format!("die Zeile hat {count} Zellen, es gibt {wanted} Spalten"),
    );
    Violation::new(JsonPointer::ROOT, "cell_count", message)
}

fn not_utf8(pointer: JsonPointer) -> Violation {
    const MESSAGE: Text = Text::fixed(
        "il testo non è UTF-8: salva il file come CSV UTF-8",
        "the text is not UTF-8: save the file as CSV UTF-8",
        "der Text ist nicht UTF-8: Speichern Sie die Datei als CSV UTF-8",
    );
    Violation::new(pointer, "not_utf8", MESSAGE)
}

#[cfg(test)]
mod tests;
