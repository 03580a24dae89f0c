//! Cuts bytes into records, and keeps one at most.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use sportello_catalogue::{BatchColumns, Separator};

use crate::batch::split::ROW_LIMIT;

/// Most cells that are counted: more than any table has columns.
const MOST_CELLS: usize = BatchColumns::MOST + 1;

/// The record that is being read: its cells one behind the other, and the end of each.
pub(super) struct Records {
    reader: Reader,
    text: Box<[u8]>,
    filled: usize,
    ends: Box<[usize]>,
    cells: usize,
    too_long: bool,
    quotes: usize,
    /// The kept record is complete.
    complete: bool,
}

/// The state of reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The record goes on.
    More,
    /// A record is complete.
    Record,
    /// There are no more records.
    End,
}

/// Why the cells of a record can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is longer than [`ROW_LIMIT`].
    TooLong,
    /// It has more cells than a table has columns, and not all of them are empty.
    TooManyCells,
    /// It has an unmatched quote: the ends of its cells and of the record are uncertain.
    Quotes,
}

impl Records {
    pub(super) fn new(separator: Separator) -> Self {
        let delimiter = match separator {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
        };
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            // one more than allowed: the reader needs room at its stop
            text: vec![0; ROW_LIMIT + 1].into(),
            filled: 0,
            ends: vec![0; MOST_CELLS + 1].into(),
            cells: 0,
            too_long: false,
            quotes: 0,
            complete: false,
        }
    }

    /// Takes bytes up to the end of the record and returns their number, at least one.
    pub(super) fn take(&mut self, bytes: &[u8]) -> (usize, Next) {
        if std::mem::take(&mut self.complete) {
            self.begin();
        }
        let text = self.text.get_mut(self.filled..).unwrap_or_default();
        let ends = self.ends.get_mut(self.cells..).unwrap_or_default();
        let (result, taken, written, ended) = self.reader.read_record(bytes, text, ends);
        self.filled += written;
        self.cells += ended;
        self.quotes += bytes.iter().take(taken).filter(|byte| **byte == b'"').count();
        // the rest is overwritten: the record counts as too long
        if self.filled > ROW_LIMIT {
            self.too_long = true;
            self.filled = 0;
        }
        self.cells = self.cells.min(MOST_CELLS);
        let next = match result {
            ReadRecordResult::Record => Next::Record,
            ReadRecordResult::End => Next::End,
            ReadRecordResult::InputEmpty
            | ReadRecordResult::OutputFull
            | ReadRecordResult::OutputEndsFull => Next::More,
        };
        self.complete = next == Next::Record;
        (taken, next)
    }

    /// Ends the bytes: to be called until there are no more records.
    pub(super) fn take_end(&mut self) -> Next {
        self.take(&[]).1
    }

    fn begin(&mut self) {
        self.filled = 0;
        self.cells = 0;
        self.too_long = false;
        self.quotes = 0;
    }

    /// Returns the cells of the complete record, without their quotes; the first 501 where there
    /// are more and those are empty.
    pub(super) fn record(&self) -> Result<Vec<&[u8]>, Flaw> {
        if self.too_long {
            return Err(Flaw::TooLong);
        }
        if self.quotes % 2 == 1 || !self.complete {
            return Err(Flaw::Quotes);
        }
        let last = self.cells.checked_sub(1).and_then(|last| self.ends.get(last));
        if last.is_some_and(|end| *end < self.filled) {
            return Err(Flaw::TooManyCells);
        }
        let ends = self.ends.iter().take(self.cells);
        let begins = std::iter::once(&0).chain(ends.clone());
        let cells = begins.zip(ends).map(|(begin, end)| self.text.get(*begin..*end));
        // a lost cell must not look like an empty one
        cells.collect::<Option<_>>().ok_or(Flaw::TooLong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_lies_outside_of_what_is_kept_is_not_an_empty_one() {
        let mut records = Records::new(Separator::Comma);
        assert_eq!(records.take(b"a,b\n"), (4, Next::Record));
        assert_eq!(records.record(), Ok(vec![&b"a"[..], b"b"]));
        records.ends[1] = ROW_LIMIT + 2;
        assert_eq!(records.record(), Err(Flaw::TooLong));
    }
}
