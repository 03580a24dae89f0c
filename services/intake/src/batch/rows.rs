//! The rows of an upload, one after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use sportello_http::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;

use super::connection::Arrival;
use super::pace::Pace;
use super::split::{ROW_LIMIT, RawRow, Split};
use crate::parts::UNAVAILABLE;

/// Most rows of an upload.
pub(crate) const ROWS: u32 = 100_000;
/// Most bytes of an upload's rows in flight. 64 uploads take half of the publisher's capacity.
const CAPACITY: usize = 512 * 1024;
/// Size of the pieces in which bytes are split. It bounds the rows that wait, however short they
/// are.
const PIECE: usize = 4 * 1024;
/// Most bytes of an upload that belong to no row, such as blank lines: a spreadsheet of a million
/// blank rows has as many.
const BLANKS: usize = 64 * 1024 * 1024;
/// Longest time for which bytes may arrive without completing a row.
const BETWEEN_ROWS: Duration = Duration::from_mins(5);
/// The sender counts as not reading its answers when for so long there is no arrival, not even the
/// news of its silence.
const UNREAD: Duration = Duration::from_secs(60);

/// A row on its way to its answer. Rows are numbered from 1.
pub(super) enum Row {
    /// To be admitted; it holds its place in the capacity.
    Sent {
        row: u32,
        raw: RawRow,
        slot: OwnedSemaphorePermit,
    },
    /// A row with a problem of its own.
    Refused { row: u32, problem: Problem },
    /// The rest of the upload can't be read.
    Last { row: u32, problem: Problem },
}

/// Reads rows while there is capacity for them.
pub(super) struct Rows {
    arrivals: mpsc::Receiver<Arrival>,
    splitter: Box<dyn Split>,
    closing: CancellationToken,
    capacity: Arc<Semaphore>,
    pace: Arc<Pace>,
    /// Arrived but not yet split.
    bytes: Bytes,
    /// Split but not yet returned.
    split: VecDeque<Result<RawRow, Problem>>,
    /// The bytes have ended.
    finished: bool,
    /// Rows of the file that were returned, or came before.
    count: u32,
    /// When the last row was read.
    last_row: Instant,
    /// Bytes since the last row.
    since_row: usize,
    /// Bytes that may still come without belonging to a row.
    blanks_left: usize,
    /// No more rows are returned.
    ended: bool,
}

impl Rows {
    /// Reads the rows of the arrivals, until `closing`. Their numbers follow the `before` rows of
    /// the file that came before.
    pub(super) fn new(
        arrivals: mpsc::Receiver<Arrival>,
        splitter: Box<dyn Split>,
        before: u32,
        pace: Arc<Pace>,
        closing: CancellationToken,
    ) -> Self {
        Self {
            arrivals,
            splitter,
            closing,
            capacity: Arc::new(Semaphore::new(CAPACITY)),
            pace,
            bytes: Bytes::new(),
            split: VecDeque::new(),
            finished: false,
            count: before,
            last_row: Instant::now(),
            since_row: 0,
            blanks_left: BLANKS,
            ended: false,
        }
    }

    /// Returns the next row; `None` after the last one.
    pub(super) async fn next(&mut self) -> Option<Row> {
        if self.ended {
            return None;
        }
        // between two rows other uploads get their turn
        tokio::task::yield_now().await;
        let row = self.count + 1;
        match self.read().await {
            Ok(Some(_)) if row > ROWS => Some(self.end(Problem::TooManyRows { limit: ROWS })),
            Ok(Some(read)) => {
                self.count = row;
                Some(self.with_place(row, read).await)
            }
            Ok(None) => None,
            Err(problem) => Some(self.end(problem)),
        }
    }

    fn end(&mut self, problem: Problem) -> Row {
        self.ended = true;
        Row::Last {
            row: self.count + 1,
            problem,
        }
    }

    async fn with_place(&mut self, row: u32, read: Result<RawRow, Problem>) -> Row {
        let raw = match read {
            Ok(raw) => raw,
            Err(problem) => return Row::Refused { row, problem },
        };
        self.pace.step().await;
        // never more than the capacity: a row converted from another format may be longer than it
        // was
        let bytes = u32::try_from(raw.content.len().min(CAPACITY)).unwrap_or(u32::MAX);
        match Arc::clone(&self.capacity).acquire_many_owned(bytes).await {
            Ok(slot) => Row::Sent { row, raw, slot },
            // the capacity is never closed
            Err(_) => self.end(Problem::Internal),
        }
    }

    async fn read(&mut self) -> Result<Option<Result<RawRow, Problem>>, Problem> {
        loop {
            if self.closing.is_cancelled() {
                return Err(UNAVAILABLE);
            }
            if let Some(row) = self.split.pop_front() {
                return Ok(Some(row));
            }
            if self.finished {
                return Ok(None);
            }
            if self.bytes.is_empty() {
                self.arrive().await?;
            } else {
                let piece = self.bytes.split_to(PIECE.min(self.bytes.len()));
                self.split = self.splitter.push(&piece)?.into();
                self.follow(piece.len()).await?;
            }
        }
    }

    /// Counts bytes that made no row. A row's worth of them is free. Beyond that each piece takes a
    /// turn like a row, so that blank lines are as slow as rows and have a limit.
    async fn follow(&mut self, bytes: usize) -> Result<(), Problem> {
        if !self.split.is_empty() {
            self.since_row = 0;
            self.last_row = Instant::now();
            return Ok(());
        }
        self.since_row += bytes;
        if self.since_row <= ROW_LIMIT {
            return Ok(());
        }
        self.pace.step().await;
        match self.blanks_left.checked_sub(bytes) {
            Some(left) => self.blanks_left = left,
            None => return Err(Problem::TooManyBlanks { limit: BLANKS }),
        }
        Ok(())
    }

    async fn arrive(&mut self) -> Result<(), Problem> {
        let until = (Instant::now() + UNREAD).min(self.last_row + BETWEEN_ROWS);
        let arrival = timeout_at(until, self.arrivals.recv());
        let arrival = self.closing.run_until_cancelled(arrival).await;
        match arrival {
            None => return Err(UNAVAILABLE),
            Some(Ok(Some(Arrival::Bytes(bytes)))) => self.bytes = bytes,
            Some(Ok(Some(Arrival::End))) => {
                self.split = self.splitter.finish()?.into();
                self.finished = true;
            }
            Some(Ok(Some(Arrival::Broken(problem)))) => return Err(problem),
            // the connection is gone, answers are not read, or there are no rows
            Some(Ok(None) | Err(_)) => return Err(Problem::TooSlow),
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use sportello_domain::Language;

    use super::*;
    use crate::batch::ndjson::NdjsonSplitter;

    /// Returns the rows of an upload that goes on with `more` for ever.
    fn endless(pace: &Arc<Pace>, first: &'static str, more: &'static [u8]) -> Rows {
        let (arrivals, arriving) = mpsc::channel(1);
        tokio::spawn(async move {
            let mut next = Bytes::from_static(first.as_bytes());
            while arrivals.send(Arrival::Bytes(next)).await.is_ok() {
                next = Bytes::from_static(more);
            }
        });
        let splitter = Box::new(NdjsonSplitter::new(Language::English));
        Rows::new(arriving, splitter, 0, Arc::clone(pace), CancellationToken::new())
    }

    fn pace(rows_a_second: u32) -> Arc<Pace> {
        Arc::new(Pace::new(NonZeroU32::new(rows_a_second).unwrap()))
    }

    #[tokio::test]
    async fn an_upload_that_goes_on_without_rows_has_an_end() {
        for (more, rows) in [(b'\n', 1), (b' ', 2), (b'x', 2)] {
            let more = vec![more; 64 * 1024].leak();
            let first = "{\"idempotency_key\":\"1\",\"application\":{}}\n";
            let mut read = endless(&pace(1_000_000), first, more);
            assert_eq!(read.blanks_left, 64 * 1024 * 1024);
            read.blanks_left = 1024 * 1024;
            for _ in 0..rows {
                assert!(read.next().await.is_some());
            }
            let Some(Row::Last { row, problem }) = read.next().await else {
                panic!("more rows");
            };
            assert_eq!(
                (row, problem),
                (rows + 1, Problem::TooManyBlanks { limit: BLANKS })
            );
            assert!(read.next().await.is_none());
        }
    }

    #[tokio::test]
    async fn blank_lines_go_no_faster_than_rows() {
        let pace = pace(1_000);
        let began = Instant::now();
        let mut read = endless(&pace, "", &[b'\n'; PIECE]);
        let turns = tokio::time::timeout(Duration::from_millis(200), read.next()).await;
        assert!(turns.is_err(), "no row");
        let blanks = u32::try_from((BLANKS - read.blanks_left) / PIECE).unwrap();
        assert!(blanks > 0);
        // each piece took its turn, but for those within the saved time
        let took = began.elapsed() + Duration::from_millis(21);
        assert!(took >= Duration::from_millis(1) * blanks, "{blanks} in {took:?}");
    }
}
