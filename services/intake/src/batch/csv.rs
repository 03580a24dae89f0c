//! Rows as CSV (RFC 4180): a header with the names of the columns, then an application a record.

mod records;

use std::borrow::Cow;
use std::str;

use actix_web::web::Bytes;
use sportello_catalogue::{BatchColumns, Catalogue, LiveCatalogue, Separator};
use sportello_domain::{Language, Text, Violation};
use sportello_http::Problem;

use self::records::{Flaw, Next, Records};
use super::split::{self, BYTE_ORDER_MARK, ROW_LIMIT, RawRow, Rows, Split};

/// Reads records that end with LF, CR or CR LF, the last one also without; cells stand between commas or semicolons, as
/// the header shows. Records whose cells are all empty are no rows.
pub(crate) struct CsvSplitter {
    catalogue: LiveCatalogue,
    language: Language,
    state: State,
}

enum State {
    /// The beginning of the header, which is not complete.
    Header(Vec<u8>),
    Rows(Box<Table>),
}

/// What follows a header.
struct Table {
    columns: BatchColumns,
    records: Records,
}

impl CsvSplitter {
    /// Reads rows as the forms of the catalogue want them, and tells violations in this language.
    pub(crate) fn new(catalogue: LiveCatalogue, language: Language) -> Self {
        Self {
            catalogue,
            language,
            state: State::Header(Vec::new()),
        }
    }

    /// Takes what belongs to the header; gives what is left of the bytes once it is complete.
    fn header<'a>(&mut self, chunk: &'a [u8], last: bool) -> Result<&'a [u8], Problem> {
        let State::Header(line) = &mut self.state else {
            return Ok(chunk);
        };
        let mut rest = chunk;
        if line.is_empty() {
            rest = chunk.trim_ascii_start();
        }
        let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
        let (part, rest) = rest.split_at(end.unwrap_or(rest.len()));
        let told = |violations| Problem::of_header(violations, self.language);
        if line.len() + part.len() > ROW_LIMIT {
            return Err(told(vec![header_too_long()]));
        }
        line.extend_from_slice(part);
        if end.is_some() || last {
            let table = Table::of(line, &self.catalogue.current()).map_err(told)?;
            self.state = State::Rows(Box::new(table));
        }
        Ok(rest)
    }
}

impl Split for CsvSplitter {
    fn push(&mut self, chunk: &[u8]) -> Result<Rows, Problem> {
        let mut chunk = self.header(chunk, false)?;
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
        self.header(&[], true)?;
        let mut rows = Rows::new();
        let State::Rows(table) = &mut self.state else {
            return Ok(rows);
        };
        let catalogue = self.catalogue.current();
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
    /// Reads the header's line.
    fn of(line: &[u8], catalogue: &Catalogue) -> Result<Self, Vec<Violation>> {
        let line = line.strip_prefix(BYTE_ORDER_MARK).unwrap_or(line);
        // no name of a column holds either
        let separator = match line.iter().find(|byte| matches!(byte, b',' | b';')) {
            Some(b';') => Separator::Semicolon,
            _ => Separator::Comma,
        };
        let mut records = Records::new(separator);
        let whole = [line, b"\n"].concat();
        let mut rest = whole.as_slice();
        while !rest.is_empty() {
            let (taken, _) = records.take(rest);
            rest = rest.get(taken..).unwrap_or_default();
        }
        let columns = if line.is_empty() {
            BatchColumns::parse(&[], separator, catalogue)?
        } else {
            let cells = records.record().map_err(|flaw| vec![of_flaw(flaw)])?;
            let names: Result<Vec<&str>, _> = cells.map(str::from_utf8).collect();
            let names = names.map_err(|_| vec![not_utf8("")])?;
            BatchColumns::parse(&names, separator, catalogue)?
        };
        Ok(Self { columns, records })
    }

    /// The record that is complete; nothing where it is blank.
    fn row(&self, catalogue: &Catalogue, language: Language) -> Option<Result<RawRow, Problem>> {
        let told = |violations| Problem::of_violations(violations, language);
        let cells: Vec<&[u8]> = match self.records.record() {
            Ok(cells) => cells.collect(),
            Err(Flaw::TooLong) => return Some(Err(Problem::TooLarge { limit: ROW_LIMIT })),
            Err(flaw) => return Some(Err(told(vec![of_flaw(flaw)]))),
        };
        if cells.iter().all(|cell| cell.is_empty()) {
            return None;
        }
        let (count, wanted) = (cells.len(), self.columns.count());
        if count != wanted {
            return Some(Err(told(vec![cell_count(count, wanted)])));
        }
        let read = self.read(catalogue, &cells).map_err(told);
        Some(read.and_then(|row| {
            let fits = row.content.len() <= ROW_LIMIT;
            fits.then_some(row).ok_or(Problem::TooLarge { limit: ROW_LIMIT })
        }))
    }

    fn read(&self, catalogue: &Catalogue, cells: &[&[u8]]) -> Result<RawRow, Vec<Violation>> {
        let cells = self.texts(cells)?;
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
            bad.map(|(column, _)| not_utf8(self.columns.pointer(column).unwrap_or(split::KEY)))
                .collect()
        })
    }
}

fn of_flaw(flaw: Flaw) -> Violation {
    const OPEN_QUOTE: Text = Text::fixed(
        "le virgolette non tornano: una cella che ne contiene sta tra virgolette, e ognuna delle sue è raddoppiata",
        "the quotes do not match: a cell that contains any stands in quotes, and each of its own is doubled",
        "die Anführungszeichen passen nicht zueinander: Eine Zelle, die welche enthält, steht in Anführungszeichen, und \
         jedes ihrer eigenen ist verdoppelt",
    );
    match flaw {
        Flaw::TooLong => header_too_long(),
        Flaw::OpenQuote => Violation::new("", "quotes", OPEN_QUOTE),
    }
}

fn header_too_long() -> Violation {
    const MESSAGE: Text = Text::fixed(
        "la prima riga, con i nomi delle colonne, ha più di 65536 byte",
        "the first line, with the names of the columns, has more than 65536 bytes",
        "die erste Zeile mit den Namen der Spalten hat mehr als 65536 Byte",
    );
    Violation::new("", "header_too_long", MESSAGE)
}

fn cell_count(count: usize, wanted: usize) -> Violation {
    // they are not counted further
    let count = match count {
        0..=BatchColumns::MOST => count.to_string(),
        _ => format!("> {}", BatchColumns::MOST),
    };
    let message = Text::of(
        format!("la riga ha {count} celle, le colonne sono {wanted}"),
        format!("the row has {count} cells, there are {wanted} columns"),
        format!("die Zeile hat {count} Zellen, es gibt {wanted} Spalten"),
    );
    Violation::new("", "cell_count", message)
}

fn not_utf8(pointer: &str) -> Violation {
    const MESSAGE: Text = Text::fixed(
        "il testo non è UTF-8: salva il file come CSV UTF-8",
        "the text is not UTF-8: save the file as CSV UTF-8",
        "der Text ist nicht UTF-8: Speichern Sie die Datei als CSV UTF-8",
    );
    Violation::new(Cow::Borrowed(pointer), "not_utf8", MESSAGE)
}

#[cfg(test)]
mod tests;
