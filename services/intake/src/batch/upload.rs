//! The half of an upload that admits its rows.

use std::collections::HashSet;
use std::io;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data, Payload};
use futures_util::{StreamExt as _, stream};
use sportello_domain::{
    BatchId, BatchRow, JoinError, JsonPointer, Language, OrganisationId, Submitter, Text, Violation,
};
use sportello_http::{Problem, read_body};
use sportello_identity::Caller;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info_span};

use super::connection::Answers;
use super::deadline::Deadline;
use super::line::{self, BatchEnd};
use super::metrics::{self, End, InProgress};
use super::pace::Pace;
use super::part::Part;
use super::rows::{Row, Rows};
use super::split::{self, Split};
use super::threads::Threads;
use super::upload_slots::{UploadSlot, UploadSlots};
use crate::parts::Parts;
use crate::validate::Sent;

/// Most rows of an upload in flight.
const IN_FLIGHT: usize = 64;
/// Most lines that wait for the connection.
const LINES: usize = 64;
/// Limit for the first row: as for the body of a single application.
const FIRST_ROW: Duration = Duration::from_secs(5);
/// Most bytes of a part. A part is kept whole: with 64 uploads that is 32 MiB.
pub(crate) const PART_LIMIT: usize = 512 * 1024;
/// Limit for a part to arrive.
const PART_DEADLINE: Duration = Duration::from_secs(30);
/// Time without any row getting into the queue after which the answer ends.
const STUCK: Duration = Duration::from_secs(30);
/// Longest time for which a sender may leave its answers unread.
const UNREAD: Duration = Duration::from_secs(60);

/// Accepts uploads.
pub(crate) struct Batches {
    parts: Data<Parts>,
    slots: UploadSlots,
    threads: Threads,
    pace: Arc<Pace>,
    closing: CancellationToken,
}

/// An upload to be answered.
pub(crate) struct Upload {
    pub(crate) caller: Caller,
    pub(crate) submitter: Submitter,
    pub(crate) id: BatchId,
    /// The part of the file; `None` for a whole file.
    pub(crate) part: Option<Part>,
    pub(crate) splitter: Box<dyn Split>,
    /// Language of violations and warnings.
    pub(crate) language: Language,
    pub(crate) slot: UploadSlot,
}

impl Batches {
    /// Starts the threads for uploads.
    ///
    /// # Errors
    /// The system can't start threads.
    pub(crate) fn start(parts: Data<Parts>, rows_a_second: NonZeroU32) -> io::Result<Self> {
        Ok(Self {
            parts,
            slots: UploadSlots::default(),
            threads: Threads::start()?,
            pace: Arc::new(Pace::new(rows_a_second)),
            closing: CancellationToken::new(),
        })
    }

    /// Takes a slot for an upload of `organisation`.
    ///
    /// # Errors
    /// Too many uploads are in progress.
    pub(crate) fn slot(&self, organisation: &OrganisationId) -> Result<UploadSlot, Problem> {
        self.slots.take(organisation)
    }

    /// Answers the rows in flight, and reads and begins nothing more.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    /// Begins to read; the answer follows after the first row. A part is read whole before, for
    /// senders that read no answer until they have sent everything.
    ///
    /// # Errors
    /// A whole file has no row, no row came in time, or the file as a whole can't be read.
    pub(crate) async fn begin(&self, upload: Upload, payload: Payload) -> Result<Answers, Problem> {
        let (arrivals, arriving) = mpsc::channel(1);
        let (lines, answering) = mpsc::channel(LINES);
        let (begun, beginning) = oneshot::channel();
        let mut answers = match upload.part {
            None => Answers::new(payload, arrivals, answering),
            Some(_) => {
                let body = read_body(payload, PART_LIMIT, PART_DEADLINE).await?;
                Answers::to_whole(body, arrivals, answering)
            }
        };
        let rows = Rows::new(
            arriving,
            upload.splitter,
            upload.part.map_or(0, Part::rows_before),
            Arc::clone(&self.pace),
            self.closing.clone(),
        );
        let work = Arc::new(Work {
            parts: self.parts.clone(),
            caller: upload.caller,
            submitter: upload.submitter,
            id: upload.id,
            part: upload.part,
            language: upload.language,
            deadline: Deadline::new(STUCK),
            lines,
            _slot: upload.slot,
            _in_progress: InProgress::begin(),
        });
        // one span for all rows: a hundred thousand spans would be of no use
        let span = info_span!("batch");
        self.threads.spawn(work.run(rows, begun).instrument(span));
        let begun = timeout(FIRST_ROW, answers.reading_until(beginning)).await;
        match begun {
            Ok(Ok(begun)) => begun.map(|()| answers),
            Ok(Err(_)) => Err(Problem::Internal),
            Err(_) => Err(Problem::TooSlow),
        }
    }
}

impl Batches {
    /// Adds up receipts of a batch's parts, on the threads of uploads, since many take a while to
    /// check.
    ///
    /// # Errors
    /// The problem that `problem` returns for receipts that do not add up.
    pub(crate) async fn join(
        &self,
        (id, submitter): (BatchId, Submitter),
        receipts: Vec<String>,
        slot: UploadSlot,
        problem: impl FnOnce(JoinError) -> Problem + Send + 'static,
    ) -> Result<BatchEnd, Problem> {
        let (answer, answered) = oneshot::channel();
        let parts = self.parts.clone();
        self.threads.spawn(async move {
            let joined = parts.join_receipts(id, &submitter, &receipts);
            let joined = joined.map_err(problem).and_then(|joined| {
                let signed = parts.sign_batch(&joined)?;
                Ok(BatchEnd::new(&joined, signed))
            });
            // an error means that the sender has left
            let _ = answer.send(joined);
            drop(slot);
        });
        answered.await.map_err(|_| Problem::Internal)?
    }
}

/// The work on one upload.
struct Work {
    parts: Data<Parts>,
    caller: Caller,
    submitter: Submitter,
    id: BatchId,
    part: Option<Part>,
    language: Language,
    deadline: Deadline,
    lines: mpsc::Sender<Bytes>,
    _slot: UploadSlot,
    _in_progress: InProgress,
}

/// The answer to a row.
enum Answer {
    Accepted(Bytes),
    Refused(Bytes),
    /// The last line.
    Last(Bytes),
}

impl Work {
    async fn run(self: Arc<Self>, mut rows: Rows, begun: oneshot::Sender<Result<(), Problem>>) {
        let first = match rows.next().await {
            Some(Row::Last { problem, .. }) => Err(problem),
            // a part may be blank lines at the end of a file
            None if self.part.is_none() => Err(no_rows(self.language)),
            first => Ok(first),
        };
        let first = match first {
            Ok(first) => first,
            Err(problem) => {
                // an error means that the sender has left
                let _ = begun.send(Err(problem));
                return;
            }
        };
        let _ = begun.send(Ok(()));
        let end = tokio::select! {
            end = Arc::clone(&self).answer(first, rows) => end,
            () = self.lines.closed() => End::Cut,
        };
        metrics::ended(end);
    }

    async fn answer(self: Arc<Self>, first: Option<Row>, rows: Rows) -> End {
        let rest = stream::unfold(rows, |mut rows| async move { Some((rows.next().await?, rows)) });
        let rows = stream::iter(first).chain(rest);
        let mut keys = HashSet::new();
        let work = Arc::clone(&self);
        let answers = rows.map(move |row| Arc::clone(&work).admit(work.once(row, &mut keys)));
        let mut answers = pin!(answers.buffered(IN_FLIGHT));
        let (mut accepted, mut refused) = (0, 0);
        while let Some(answer) = answers.next().await {
            let (line, last) = match answer {
                Answer::Accepted(line) => {
                    accepted += 1;
                    (line, false)
                }
                Answer::Refused(line) => {
                    refused += 1;
                    (line, false)
                }
                Answer::Last(line) => (line, true),
            };
            match self.send(line).await {
                Ok(()) if last => return End::Early,
                Ok(()) => {}
                Err(cut) => return cut,
            }
        }
        let (line, end) = self.end(accepted, refused);
        self.send(line).await.map_or_else(|cut| cut, |()| end)
    }

    async fn send(&self, line: Bytes) -> Result<(), End> {
        match timeout(UNREAD, self.lines.send(line)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Cut),
        }
    }

    /// Returns the row, or a problem if an earlier row of the file has its key, for whichever
    /// applicant. Keys are compared by their marks.
    fn once(&self, row: Row, keys: &mut HashSet<u64>) -> Row {
        let Row::Sent { row, raw, slot } = row else {
            return row;
        };
        if keys.insert(self.parts.secret.row_mark(&self.submitter, &raw.key)) {
            Row::Sent { row, raw, slot }
        } else {
            let problem = key_repeated(self.language);
            Row::Refused { row, problem }
        }
    }

    async fn admit(self: Arc<Self>, row: Row) -> Answer {
        let (row, admitted) = match row {
            Row::Sent { row, raw, slot } => {
                let sent = Sent {
                    caller: &self.caller,
                    submitter: &self.submitter,
                    key: &raw.key,
                    body: &raw.content,
                    batch: Some(BatchRow { id: self.id, row }),
                    language: self.language,
                };
                let admitted = self
                    .deadline
                    .admit(async || self.parts.validate_and_accept(&sent).await)
                    .await;
                drop(slot);
                (row, admitted)
            }
            Row::Refused { row, problem } => (row, Err(problem)),
            Row::Last { row, problem } => return Answer::Last(line::refused(row, &problem)),
        };
        match admitted {
            Ok(accepted) => {
                metrics::row(true);
                Answer::Accepted(line::accepted(row, accepted))
            }
            // it is not known whether the row is accepted: its sender must send it again
            Err(problem @ (Problem::Unavailable { .. } | Problem::Internal)) => {
                Answer::Last(line::refused(row, &problem))
            }
            Err(problem) => {
                metrics::row(false);
                Answer::Refused(line::refused(row, &problem))
            }
        }
    }

    /// Returns the last line, with the batch's receipt.
    fn end(&self, accepted: u32, refused: u32) -> (Bytes, End) {
        let rows = accepted + refused;
        let parts = self.part.map(|part| part.with_rows(rows));
        let receipt = self
            .parts
            .batch_receipt(self.id, &self.submitter, (rows, accepted), parts);
        match self.parts.sign_batch(&receipt) {
            Ok(signed) => (line::end(BatchEnd::new(&receipt, signed)), End::Complete),
            Err(problem) => {
                let before = self.part.map_or(0, Part::rows_before);
                (line::refused(before + rows + 1, &problem), End::Early)
            }
        }
    }
}

fn no_rows(language: Language) -> Problem {
    const MESSAGE: Text = Text::fixed(
        "il file non contiene alcuna riga",
        "the file has no rows",
        "die Datei hat keine Zeilen",
    );
    split::only(Violation::new(JsonPointer::ROOT, "no_rows", MESSAGE), language)
}

fn key_repeated(language: Language) -> Problem {
    const MESSAGE: Text = Text::fixed(
        "un'altra riga di questo file ha già questa chiave: dai a ogni domanda una chiave propria",
        "another row of this file already has this key: give each application its own key",
        "eine andere Zeile dieser Datei hat diesen Schlüssel schon: Geben Sie jedem Antrag einen eigenen",
    );
    split::only(Violation::new(split::KEY, "key_repeated", MESSAGE), language)
}
