//! Uploads of many applications, as an intermediary's program sends them: written while they are
//! sent, with answers read as they arrive.

use std::convert::Infallible;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body::Frame;
use jiff::Timestamp;
use reqwest::{Body, Client, Response, StatusCode, Url};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::watch;
use uuid::Uuid;

use crate::http::aside::aside;
use crate::http::persistence::Senders;
use crate::people::applications::{Applications, BATCHES};
use crate::people::contents::content;
use crate::proof::answer::Answer;
use crate::proof::ledger::Attempt;

/// Lines of one chunk, about 20 kB.
const PIECE: usize = 32;

/// A file of applications, one a line (NDJSON). It is never held in memory.
#[derive(Debug, Clone)]
pub struct Batch {
    key: String,
    numbers: Range<u64>,
}

impl Batch {
    /// Makes the file of this range of all rows.
    #[must_use]
    pub fn new(applications: &Applications, rows: Range<u32>) -> Self {
        let numbers = BATCHES + u64::from(rows.start)..BATCHES + u64::from(rows.end);
        Self {
            key: format!("{}-batch", applications.key(numbers.start)),
            numbers,
        }
    }

    /// Returns the numbers of its applications.
    #[must_use]
    pub fn numbers(&self) -> Range<u64> {
        self.numbers.clone()
    }

    /// Returns the number of rows.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.numbers.end - self.numbers.start
    }

    /// Returns the number of the application in this row; rows count from 1.
    fn number(&self, row: u64) -> u64 {
        self.numbers.start + row - 1
    }
}

/// Returns the line of the application with this number, with its line end.
#[must_use]
pub fn line(applications: &Applications, number: u64) -> String {
    let key = applications.key(number);
    let mut application = content(&applications.person(number), number, &key);
    application["mandate"] = format!("LOAD/{number}").into();
    json!({ "idempotency_key": key, "application": application }).to_string() + "\n"
}

/// The last line of the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// The batch's id.
    pub id: Uuid,
    /// Number of rows.
    pub rows: u64,
    /// Rows whose application was accepted.
    pub accepted: u64,
    /// Rows with a problem.
    pub refused: u64,
    /// Receipt of the batch.
    pub receipt: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum AnswerLine {
    Accepted {
        row: u64,
        id: Uuid,
        received_at: Timestamp,
        #[serde(rename = "receipt")]
        _receipt: String,
    },
    Refused {
        row: u64,
        problem: Value,
    },
    End {
        batch: End,
    },
}

/// The result of one upload.
#[derive(Debug, Default)]
pub struct Upload {
    /// Status of the answer; none without an answer.
    pub status: Option<u16>,
    /// Rows whose application was accepted.
    pub accepted: u64,
    /// Rows with their problems. Without a last line, the last entry is the reason for the early
    /// end.
    pub refused: Vec<(u64, Value)>,
    /// The last line; without it the file must be sent again.
    pub end: Option<End>,
    /// Violations of the API's promises.
    pub wrong: Vec<String>,
    /// From its start to the last line or the early end.
    pub took: Duration,
}

impl Upload {
    /// Returns whether every row has its answer and all are accepted, in order.
    #[must_use]
    pub fn is_complete(&self, batch: &Batch) -> bool {
        let counts = |end: &End| (end.rows, end.accepted, end.refused) == (batch.rows(), batch.rows(), 0);
        self.wrong.is_empty() && self.accepted == batch.rows() && self.end.as_ref().is_some_and(counts)
    }
}

/// Sends files for one organisation, and writes the ledger.
pub struct Uploader {
    senders: Arc<Senders>,
    client: Client,
    url: Url,
    token: String,
}

impl Uploader {
    /// Makes an uploader to the intake at this base address, with this bearer token.
    ///
    /// # Errors
    /// The address is not valid.
    pub fn new(senders: Arc<Senders>, intake: &str, token: String) -> anyhow::Result<Arc<Self>> {
        Ok(Arc::new(Self {
            senders,
            // an upload has no deadline
            client: Client::builder().no_proxy().pool_max_idle_per_host(0).build()?,
            url: Url::parse(intake)?.join("/v1/batches")?,
            token,
        }))
    }

    /// Sends the file once, and reports the number of answered rows to `answered`. Dropping the
    /// future closes the connection.
    ///
    /// # Errors
    /// No thread can be started.
    pub async fn send(
        self: &Arc<Self>,
        batch: &Batch,
        attempt: u32,
        answered: watch::Sender<u64>,
    ) -> anyhow::Result<Upload> {
        let (uploader, batch) = (Arc::clone(self), batch.clone());
        aside(move || async move { Ok(uploader.exchange(&batch, attempt, &answered).await) }).await
    }

    async fn exchange(&self, batch: &Batch, attempt: u32, answered: &watch::Sender<u64>) -> Upload {
        let begun = Instant::now();
        let rows = Rows {
            senders: Arc::clone(&self.senders),
            numbers: batch.numbers(),
            attempt,
            begun,
        };
        let request = self
            .client
            .post(self.url.clone())
            .bearer_auth(&self.token)
            .header("Content-Type", "application/x-ndjson")
            .header("Idempotency-Key", &batch.key)
            .body(Body::wrap(rows));
        let mut reading = Reading {
            senders: &self.senders,
            batch,
            attempt,
            begun,
            answered,
            upload: Upload::default(),
        };
        match request.send().await {
            Ok(response) => reading.read(response).await,
            Err(error) => reading.wrong(format!("no answer: {error}")),
        }
        reading.upload.took = begun.elapsed();
        reading.upload
    }
}

/// The lines of the file, made while they are sent. Each is in the ledger before it is sent.
struct Rows {
    senders: Arc<Senders>,
    numbers: Range<u64>,
    attempt: u32,
    begun: Instant,
}

impl Rows {
    fn piece(&mut self) -> Option<Bytes> {
        let mut piece = String::new();
        for application in self.numbers.by_ref().take(PIECE) {
            let attempt = Attempt {
                application,
                attempt: self.attempt,
            };
            let applications = self.senders.applications();
            let key = applications.key(application);
            self.senders.ledger().sent(attempt, self.begun, &key);
            piece += &line(applications, application);
        }
        (!piece.is_empty()).then(|| piece.into())
    }
}

impl http_body::Body for Rows {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        Poll::Ready(self.get_mut().piece().map(|piece| Ok(Frame::data(piece))))
    }
}

/// The answer that is being read.
struct Reading<'a> {
    senders: &'a Senders,
    batch: &'a Batch,
    attempt: u32,
    begun: Instant,
    answered: &'a watch::Sender<u64>,
    upload: Upload,
}

impl Reading<'_> {
    async fn read(&mut self, mut response: Response) {
        self.upload.status = Some(response.status().as_u16());
        if response.status() != StatusCode::ACCEPTED {
            let body = response.text().await.unwrap_or_default();
            return self.wrong(format!("refused as a whole: {body}"));
        }
        let mut rest = Vec::new();
        loop {
            match response.chunk().await {
                Ok(Some(piece)) => rest.extend_from_slice(&piece),
                Ok(None) => break,
                Err(error) => return self.wrong(format!("the answer broke off: {error}")),
            }
            let whole = rest
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(0, |end| end + 1);
            let lines: Vec<u8> = rest.drain(..whole).collect();
            lines
                .split_inclusive(|byte| *byte == b'\n')
                .for_each(|line| self.line(line));
            self.answered.send_replace(self.rows());
        }
        if !rest.is_empty() {
            self.wrong("the last line has no end".to_owned());
        }
    }

    fn line(&mut self, line: &[u8]) {
        match serde_json::from_slice(line) {
            Ok(AnswerLine::Accepted {
                row, id, received_at, ..
            }) => {
                self.in_order(row);
                self.upload.accepted += 1;
                let attempt = Attempt {
                    application: self.batch.number(row),
                    attempt: self.attempt,
                };
                let answer = Answer::Accepted { id, received_at };
                self.senders.ledger().answered(attempt, self.begun, answer);
            }
            Ok(AnswerLine::Refused { row, problem }) => {
                self.in_order(row);
                self.upload.refused.push((row, problem));
            }
            Ok(AnswerLine::End { batch }) => self.upload.end = Some(batch),
            Err(error) => self.wrong(format!("a line that can't be read: {error}")),
        }
    }

    fn in_order(&mut self, row: u64) {
        let expected = self.rows() + 1;
        if row != expected || self.upload.end.is_some() {
            self.wrong(format!("row {row} is answered in the place of row {expected}"));
        }
    }

    /// Returns the number of answered rows.
    fn rows(&self) -> u64 {
        self.upload.accepted + u64::try_from(self.upload.refused.len()).unwrap_or(u64::MAX)
    }

    fn wrong(&mut self, what: String) {
        self.upload.wrong.push(what);
    }
}

#[cfg(test)]
mod tests {
    use sportello_domain::{Application, Channel};
    use sportello_people::Mint;

    use super::*;

    #[test]
    fn rows_are_valid_for_an_intermediary_and_lead_back_to_their_numbers() {
        let folder = tempfile::tempdir().unwrap();
        let applications = Applications::new(7, Mint::open(folder.path()).unwrap());
        let batch = Batch::new(&applications, 20..60);
        assert_eq!(batch.rows(), 40);
        for number in batch.numbers() {
            let line: Value = serde_json::from_str(&line(&applications, number)).unwrap();
            let key = line["idempotency_key"].as_str().unwrap();
            assert_eq!(applications.number(key), Some(number));
            let application = Application::parse(line["application"].to_string().as_bytes()).unwrap();
            assert_eq!(application.mandate_violation(Channel::Intermediary), None);
        }
    }
}
