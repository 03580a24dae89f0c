//! Cuts bytes into records, and keeps one at most.

use csv_core::{ReadRecordResult, Reader, ReaderBuilder};
use sportello_catalogue::{BatchColumns, Separator};

use crate::batch::split::ROW_LIMIT;

/// Most cells that are told: more than any table has columns.
const MOST_CELLS: usize = BatchColumns::MOST + 1;

/// The record that is being read: its cells one behind the other, and where each of them ends.
pub(super) struct Records {
    reader: Reader,
    text: Box<[u8]>,
    filled: usize,
    ends: Box<[usize]>,
    cells: usize,
    too_long: bool,
    quotes: usize,
    /// What is kept is of a record that was complete.
    complete: bool,
}

/// How far reading came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// The record goes on.
    More,
    /// A record is complete.
    Record,
    /// There are no more.
    End,
}

/// Why the cells of a record can't be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Flaw {
    /// It is longer than [`ROW_LIMIT`].
    TooLong,
    /// It has a quote without its other: where its cells and the record itself end is not sure.
    OpenQuote,
}

impl Records {
    pub(super) fn new(separator: Separator) -> Self {
        let delimiter = match separator {
            Separator::Comma => b',',
            Separator::Semicolon => b';',
        };
        Self {
            reader: ReaderBuilder::new().delimiter(delimiter).build(),
            // one more than allowed: the reader wants room where it stops
            text: vec![0; ROW_LIMIT + 1].into(),
            filled: 0,
            ends: vec![0; MOST_CELLS + 1].into(),
            cells: 0,
            too_long: false,
            quotes: 0,
            complete: false,
        }
    }

    /// Takes bytes up to the end of the record, as many as it says; not none.
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
        // what does not fit is written over: it is told as too long
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

    /// The bytes have ended: to be called until there are no more records.
    pub(super) fn take_end(&mut self) -> Next {
        self.take(&[]).1
    }

    fn begin(&mut self) {
        self.filled = 0;
        self.cells = 0;
        self.too_long = false;
        self.quotes = 0;
    }

    /// The cells of the record that is complete, without their quotes; the first 501 where there are more.
    pub(super) fn record(&self) -> Result<impl Iterator<Item = &[u8]>, Flaw> {
        if self.too_long {
            return Err(Flaw::TooLong);
        }
        if self.quotes % 2 == 1 || !self.complete {
            return Err(Flaw::OpenQuote);
        }
        let ends = self.ends.iter().take(self.cells);
        let begins = std::iter::once(&0).chain(ends.clone());
        Ok(begins
            .zip(ends)
            .map(|(begin, end)| self.text.get(*begin..*end).unwrap_or_default()))
    }
}
