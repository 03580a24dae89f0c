//! The half of an upload that admits its rows.

use std::collections::HashSet;
use std::future::ready;
use std::io;
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use actix_web::web::{Bytes, Data, Payload};
use futures_util::{StreamExt as _, stream};
use sportello_domain::{BatchId, BatchRow, Language, OrganisationId, Submitter, Text, Violation};
use sportello_http::Problem;
use sportello_identity::Caller;
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, info_span};

use super::connection::Answers;
use super::line::{self, BatchCounts, BatchEnd};
use super::metrics::{self, End, InProgress};
use super::pace::Pace;
use super::patience::Patience;
use super::places::{Place, Places};
use super::rows::{Row, Rows};
use super::split::{self, Split};
use super::threads::Threads;
use crate::admission::{Admission, Sent};

/// Most rows of an upload in work at once.
const IN_WORK: usize = 64;
/// Lines that wait for the connection to take them.
const LINES: usize = 64;
/// How long the first row may take to arrive: as long as the body of a single application.
const FIRST_ROW: Duration = Duration::from_secs(5);
/// The answer ends after so long without any row getting into the queue.
const STUCK: Duration = Duration::from_secs(30);
/// How long a sender may leave its answers unread.
const UNREAD: Duration = Duration::from_secs(60);

/// Takes in uploads.
pub(crate) struct Batches {
    admission: Data<Admission>,
    places: Places,
    threads: Threads,
    pace: Arc<Pace>,
    closing: CancellationToken,
}

/// An upload to be answered.
pub(crate) struct Upload {
    pub(crate) caller: Caller,
    pub(crate) submitter: Submitter,
    pub(crate) id: BatchId,
    pub(crate) splitter: Box<dyn Split>,
    /// The language that violations and warnings are told in.
    pub(crate) language: Language,
    pub(crate) place: Place,
}

impl Batches {
    /// Starts the threads that uploads are worked on.
    ///
    /// # Errors
    /// The system gives no threads.
    pub(crate) fn start(admission: Data<Admission>, rows_a_second: NonZeroU32) -> io::Result<Self> {
        Ok(Self {
            admission,
            places: Places::default(),
            threads: Threads::start()?,
            pace: Arc::new(Pace::new(rows_a_second)),
            closing: CancellationToken::new(),
        })
    }

    /// A place for an upload of `organisation`.
    ///
    /// # Errors
    /// Too many uploads are going on.
    pub(crate) fn place(&self, organisation: &OrganisationId) -> Result<Place, Problem> {
        self.places.take(organisation)
    }

    /// Answers what is in work, reads nothing more and begins nothing.
    pub(crate) fn close(&self) {
        self.closing.cancel();
    }

    /// Begins to read; the answer follows once there is a first row.
    ///
    /// # Errors
    /// There is no row, none in time, or the file as a whole can't be read.
    pub(crate) async fn begin(&self, upload: Upload, payload: Payload) -> Result<Answers, Problem> {
        let (arrivals, arriving) = mpsc::channel(1);
        let (lines, answering) = mpsc::channel(LINES);
        let (begun, beginning) = oneshot::channel();
        let rows = Rows::new(
            arriving,
            upload.splitter,
            Arc::clone(&self.pace),
            self.closing.clone(),
        );
        let work = Arc::new(Work {
            admission: self.admission.clone(),
            caller: upload.caller,
            submitter: upload.submitter,
            id: upload.id,
            language: upload.language,
            patience: Patience::new(STUCK),
            lines,
            _place: upload.place,
            _in_progress: InProgress::begin(),
        });
        // one span for all rows: a hundred thousand would be of no use to anybody
        let span = info_span!("batch", batch_id = %upload.id);
        self.threads.spawn(work.run(rows, begun).instrument(span));
        let mut answers = Answers::new(payload, arrivals, answering);
        let begun = timeout(FIRST_ROW, answers.reading_until(beginning)).await;
        match begun {
            Ok(Ok(begun)) => begun.map(|()| answers),
            Ok(Err(_)) => Err(Problem::Internal),
            Err(_) => Err(Problem::TooSlow),
        }
    }
}

/// The work on one upload.
struct Work {
    admission: Data<Admission>,
    caller: Caller,
    submitter: Submitter,
    id: BatchId,
    language: Language,
    patience: Patience,
    lines: mpsc::Sender<Bytes>,
    _place: Place,
    _in_progress: InProgress,
}

/// The answer to a row.
enum Answer {
    Accepted(Bytes),
    Refused(Bytes),
    /// Nothing follows.
    Last(Bytes),
}

impl Work {
    async fn run(self: Arc<Self>, mut rows: Rows, begun: oneshot::Sender<Result<(), Problem>>) {
        let first = match rows.next().await {
            Some(Row::Last { problem, .. }) => Err(problem),
            Some(row) => Ok(row),
            None => Err(no_rows(self.language)),
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

    async fn answer(self: Arc<Self>, first: Row, rows: Rows) -> End {
        let rest = stream::unfold(rows, |mut rows| async move { Some((rows.next().await?, rows)) });
        let rows = stream::once(ready(first)).chain(rest);
        let mut keys = HashSet::new();
        let work = Arc::clone(&self);
        let answers = rows.map(move |row| Arc::clone(&work).admit(work.once(row, &mut keys)));
        let mut answers = pin!(answers.buffered(IN_WORK));
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

    /// The row, unless its key came before. Keys are told apart by the ids that they make, which nobody can foresee.
    fn once(&self, row: Row, keys: &mut HashSet<u64>) -> Row {
        let Row::Sent { row, raw, place } = row else {
            return row;
        };
        let acceptance = self.admission.acceptance();
        let id = acceptance.application_id(&self.submitter, &raw.key);
        let (high, low) = id.as_uuid().as_u64_pair();
        if keys.insert(high ^ low) {
            Row::Sent { row, raw, place }
        } else {
            let problem = key_repeated(self.language);
            Row::Refused { row, problem }
        }
    }

    async fn admit(self: Arc<Self>, row: Row) -> Answer {
        let (row, admitted) = match row {
            Row::Sent { row, raw, place } => {
                let sent = Sent {
                    caller: &self.caller,
                    submitter: &self.submitter,
                    key: &raw.key,
                    body: &raw.content,
                    batch: Some(BatchRow { id: self.id, row }),
                    language: self.language,
                };
                let admitted = self
                    .patience
                    .admit(async || self.admission.admit(&sent).await)
                    .await;
                drop(place);
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
            // it may be accepted or not: its sender must come back
            Err(problem @ (Problem::Unavailable { .. } | Problem::Internal)) => {
                Answer::Last(line::refused(row, &problem))
            }
            Err(problem) => {
                metrics::row(false);
                Answer::Refused(line::refused(row, &problem))
            }
        }
    }

    /// The last line, with the batch's receipt.
    fn end(&self, accepted: u32, refused: u32) -> (Bytes, End) {
        let rows = accepted + refused;
        let acceptance = self.admission.acceptance();
        match acceptance.batch_receipt(self.id, &self.submitter, rows, accepted) {
            Ok(receipt) => {
                let batch = BatchCounts {
                    id: self.id,
                    rows,
                    accepted,
                    refused,
                    receipt,
                };
                (line::end(&BatchEnd { batch }), End::Complete)
            }
            Err(problem) => (line::refused(rows + 1, &problem), End::Early),
        }
    }
}

fn no_rows(language: Language) -> Problem {
    const MESSAGE: Text = Text::fixed(
        "il file non contiene alcuna riga",
        "the file has no rows",
        "die Datei hat keine Zeilen",
    );
    split::only(Violation::new("", "no_rows", MESSAGE), language)
}

fn key_repeated(language: Language) -> Problem {
    const MESSAGE: Text = Text::fixed(
        "un'altra riga di questo file ha già questa chiave: ogni domanda ne ha una propria",
        "another row of this file has this key already: each application has one of its own",
        "eine andere Zeile dieser Datei hat diesen Schlüssel schon: jeder Antrag hat einen eigenen",
    );
    split::only(Violation::new(split::KEY, "key_repeated", MESSAGE), language)
}
