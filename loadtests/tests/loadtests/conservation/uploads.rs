//! Organisations that send files, whole or in parts, and withdraw some of what was in them.

use futures_util::StreamExt as _;
use futures_util::stream::iter;
use loadtests::bulk::batches::End;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::conservation::callers::Callers;
use crate::conservation::papers::{File, ORGANISATIONS, Paper};
use crate::conservation::record::Batch;

/// Withdrawals at once.
const AT_ONCE: usize = 16;

/// A line of a file; a broken one has no paper.
struct Line<'a> {
    text: String,
    paper: Option<&'a Paper>,
}

/// A run of lines that go in one request.
struct Part<'a> {
    lines: &'a [Line<'a>],
    /// Rows of the file before it.
    before: usize,
    /// The headers' values, where it is not the whole file.
    number: Option<String>,
}

/// What a batch's sender keeps of it.
pub(crate) struct Sent {
    pub(crate) id: Uuid,
    pub(crate) receipt: String,
}

impl<'a> Line<'a> {
    fn of(paper: &'a Paper) -> Self {
        let Paper { key, content, .. } = paper;
        Self {
            text: format!(r#"{{"idempotency_key":"{key}","application":{content}}}"#),
            paper: Some(paper),
        }
    }
}

impl File {
    /// Its rows, then one with the key and content of the last, and one that can't be read.
    fn lines(&self) -> Vec<Line<'_>> {
        let papers = self.papers.iter().chain(self.papers.last());
        let broken = Line {
            text: "{".to_owned(),
            paper: None,
        };
        papers.map(Line::of).chain([broken]).collect()
    }
}

impl Callers {
    /// Sends a file at once, until every row has its answer.
    pub(crate) async fn send(&self, file: &File) -> Sent {
        let lines = file.lines();
        let whole = Part {
            lines: &lines,
            before: 0,
            number: None,
        };
        let End { id, receipt, .. } = self.send_part(file, &whole).await;
        Sent { id, receipt }
    }

    /// Sends a file in parts of so many rows, the second of them twice, and has intake join their
    /// receipts.
    pub(crate) async fn send_in_parts(&self, file: &File, rows: usize) -> Sent {
        let lines = file.lines();
        let chunks: Vec<_> = lines.chunks(rows).collect();
        let mut ends = Vec::new();
        for index in (0..chunks.len()).chain([1]) {
            let is_last = index + 1 == chunks.len();
            let part = Part {
                lines: chunks[index],
                before: index * rows,
                number: Some(format!("{}{}", index + 1, if is_last { ";end" } else { "" })),
            };
            ends.push(self.send_part(file, &part).await);
        }
        let receipts: Vec<_> = ends.iter().map(|end| end.receipt.as_str()).collect();
        let (path, token) = (
            format!("/v1/batches/{}/receipt", ends[0].id),
            self.token_of(file.organisation),
        );
        let request = || {
            self.to_intake(&path, &token)
                .json(&json!({ "receipts": receipts }))
        };
        let answer = self.answer(request).await;
        assert_eq!(answer.status(), StatusCode::OK, "the receipts of the parts");
        let joined: Value = answer.json().await.expect("JSON");
        let End { id, receipt, .. } = serde_json::from_value(joined["batch"].clone()).expect("an end");
        Sent { id, receipt }
    }

    async fn send_part(&self, file: &File, part: &Part<'_>) -> End {
        let token = self.token_of(file.organisation);
        let answer = self.answer(|| self.upload(file, part, &token)).await;
        assert_eq!(answer.status(), StatusCode::ACCEPTED, "a file");
        let answers = answer.text().await.expect("all of the answer");
        let answers: Vec<Value> = answers
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let (end, rows) = answers.split_last().expect("the last line");
        assert_eq!(rows.len(), part.lines.len(), "each row has its answer");
        let end: End = serde_json::from_value(end["batch"].clone()).expect("the end of the batch");
        self.write_down(file, part, end.id, rows);
        end
    }

    fn upload(&self, file: &File, part: &Part<'_>, token: &str) -> RequestBuilder {
        let body: String = part.lines.iter().map(|line| line.text.clone() + "\n").collect();
        let request = self
            .to_intake("/v1/batches", token)
            .header("Idempotency-Key", file.key)
            .header(CONTENT_TYPE, "application/x-ndjson")
            .body(body);
        match &part.number {
            None => request,
            Some(number) => request
                .header("Batch-Part", number)
                .header("Row-Offset", part.before),
        }
    }

    fn write_down(&self, file: &File, part: &Part<'_>, batch: Uuid, answers: &[Value]) {
        let mut record = self.record();
        for (line, answer) in part.lines.iter().zip(answers) {
            let Some(id) = answer["id"].as_str() else {
                continue;
            };
            let paper = line.paper.expect("a row that can be read");
            let id = id.parse().expect("an id");
            record.accepted(file.organisation, paper, id);
            let row = answer["row"].as_u64().expect("a row");
            let of_batch = record.batches.entry(batch).or_insert_with(|| Batch {
                organisation: file.organisation,
                ..Batch::default()
            });
            of_batch.rows.insert(row);
        }
    }

    /// Holders and others ask for withdrawals of some of what was in a file.
    pub(crate) async fn withdraw_from(&self, file: &File) {
        let sender = self.token_of(file.organisation);
        let other = ORGANISATIONS.iter().find(|other| **other != file.organisation);
        let other = self.token_of(other.expect("another organisation"));
        let papers = file.papers.iter().filter(|paper| !paper.refused);
        let ask = async |(row, paper): (usize, &Paper)| {
            let id = self.record().id(file.organisation, &paper.key, paper.person);
            // a prime, so that all benefits are among them
            match row % 79 {
                7 => self.withdraw(id, &sender, true).await,
                27 => {
                    self.withdraw(id, &sender, true).await;
                    self.withdraw(id, &sender, true).await;
                }
                47 => {
                    let applicant = self.token_of_person(paper.person);
                    self.withdraw(id, &applicant, true).await;
                }
                67 => self.withdraw(id, &other, false).await,
                _ => {}
            }
        };
        iter(papers.enumerate()).for_each_concurrent(AT_ONCE, ask).await;
    }
}
