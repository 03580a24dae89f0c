//! The rows of an upload, one after the other.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::Bytes;
use sportello_http::Problem;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::connection::Arrival;
use super::pace::Pace;
use super::split::{RawRow, Split};
use crate::acceptance::UNAVAILABLE;

/// Most rows of an upload.
pub(crate) const ROWS: u32 = 100_000;
/// Bytes of an upload's rows that may be in work. With 64 uploads they take half of the publisher's room.
const ROOM: usize = 512 * 1024;
/// The bytes are split in pieces of this size: however short the rows, few of them wait.
const PIECE: usize = 4 * 1024;
/// Where nothing arrives for so long, not even that the sender is silent, the answers are not read.
const UNREAD: Duration = Duration::from_secs(60);

/// A row on its way to its answer. Rows are numbered from 1.
pub(super) enum Row {
    /// To be admitted, holding its place in the room.
    Sent {
        row: u32,
        raw: RawRow,
        place: OwnedSemaphorePermit,
    },
    /// With a problem of its own.
    Refused { row: u32, problem: Problem },
    /// Nothing can be read from here on.
    Last { row: u32, problem: Problem },
}

/// Reads rows as long as there is room for them.
pub(super) struct Rows {
    arrivals: mpsc::Receiver<Arrival>,
    splitter: Box<dyn Split>,
    closing: CancellationToken,
    room: Arc<Semaphore>,
    pace: Arc<Pace>,
    /// Arrived and not split yet.
    bytes: Bytes,
    /// Split and not handed out yet.
    split: VecDeque<Result<RawRow, Problem>>,
    /// The bytes have ended.
    finished: bool,
    /// Rows handed out.
    count: u32,
    /// Nothing more is handed out.
    ended: bool,
}

impl Rows {
    /// Rows of what arrives, until `closing`.
    pub(super) fn new(
        arrivals: mpsc::Receiver<Arrival>,
        splitter: Box<dyn Split>,
        pace: Arc<Pace>,
        closing: CancellationToken,
    ) -> Self {
        Self {
            arrivals,
            splitter,
            closing,
            room: Arc::new(Semaphore::new(ROOM)),
            pace,
            bytes: Bytes::new(),
            split: VecDeque::new(),
            finished: false,
            count: 0,
            ended: false,
        }
    }

    /// The next row; `None` after the last one.
    pub(super) async fn next(&mut self) -> Option<Row> {
        if self.ended {
            return None;
        }
        // between two rows, other uploads get their turn
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
        // never more than there can be: what a row of another format becomes may be longer than it was
        let bytes = u32::try_from(raw.content.len().min(ROOM)).unwrap_or(u32::MAX);
        match Arc::clone(&self.room).acquire_many_owned(bytes).await {
            Ok(place) => Row::Sent { row, raw, place },
            // the room is never closed
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
            }
        }
    }

    async fn arrive(&mut self) -> Result<(), Problem> {
        let arrival = timeout(UNREAD, self.arrivals.recv());
        let arrival = self.closing.run_until_cancelled(arrival).await;
        match arrival {
            None => return Err(UNAVAILABLE),
            Some(Ok(Some(Arrival::Bytes(bytes)))) => self.bytes = bytes,
            Some(Ok(Some(Arrival::End))) => {
                self.split = self.splitter.finish()?.into();
                self.finished = true;
            }
            Some(Ok(Some(Arrival::Broken(problem)))) => return Err(problem),
            // the connection is gone, or takes no answers
            Some(Ok(None) | Err(_)) => return Err(Problem::TooSlow),
        }
        Ok(())
    }
}
