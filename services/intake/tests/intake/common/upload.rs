//! An upload of many rows whose answers are read while it goes on.

use std::collections::{BTreeMap, VecDeque};

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sportello_domain::Channel;
use sportello_people::Person;
use sportello_queue::{Consumer, ConsumerConfig, Received, ack_all, decode};
use sportello_testkit::{Sandbox, eventually};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::{Intake, WITHIN, content};

/// The organisation of [`token`].
pub const ORGANISATION: &str = "patronato-aurora";

/// The bytes that are sent, as the chunks of a body without a length.
pub struct Sender(OwnedWriteHalf);

/// The bytes that come back.
pub struct Answer {
    reader: BufReader<OwnedReadHalf>,
    lines: VecDeque<String>,
    rest: Vec<u8>,
}

/// The head of an answer.
pub struct Head {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
}

/// A whole file.
pub fn post(intake: &Intake, key: &str, body: impl Into<reqwest::Body>) -> RequestBuilder {
    intake
        .client()
        .post(format!("{}/v1/batches", intake.url()))
        .bearer_auth(intake.issuer.organisation_token(ORGANISATION))
        .header("Idempotency-Key", key)
        .header("Accept-Language", "en")
        .header("Content-Type", "application/x-ndjson")
        .body(body)
}

pub fn lines(answer: &str) -> Vec<Value> {
    answer
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Returns the result of a row: `accepted`, or the problem's name with its first violation.
pub fn outcome(line: &Value) -> String {
    if line["receipt"].is_string() {
        return "accepted".into();
    }
    let problem = &line["problem"];
    let name = problem["type"].as_str().unwrap_or_default();
    let name = name.trim_start_matches("urn:sportello:problem:");
    let violation = &problem["violations"][0];
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    format!(
        "{name} {} {}",
        text(&violation["pointer"]),
        text(&violation["code"])
    )
}

/// Waits until no upload goes on.
pub async fn all_ended(intake: &Intake) {
    eventually(WITHIN, async || {
        let metrics = intake.get("/metrics").await.text().await.unwrap();
        let line = metrics
            .lines()
            .find(|line| line.starts_with("sportello_batches_uploads_in_progress"));
        line.is_some_and(|line| line.ends_with(" 0"))
    })
    .await;
}

/// Begins to send the batch `key`.
pub async fn begin(intake: &Intake, key: &str) -> (Sender, Answer) {
    let token = intake.issuer.organisation_token(ORGANISATION);
    let head = format!(
        "POST /v1/batches HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer {token}\r\nIdempotency-Key: {key}\r\n\
         Accept-Language: en\r\nContent-Type: application/x-ndjson\r\n"
    );
    connect(intake, &format!("{head}Transfer-Encoding: chunked\r\n\r\n")).await
}

/// Sends a request's head.
pub async fn connect(intake: &Intake, head: &str) -> (Sender, Answer) {
    let address = intake.url().strip_prefix("http://").unwrap();
    let connection = TcpStream::connect(address).await.unwrap();
    let (reader, mut writer) = connection.into_split();
    writer.write_all(head.as_bytes()).await.unwrap();
    let answer = Answer {
        reader: BufReader::new(reader),
        lines: VecDeque::new(),
        rest: Vec::new(),
    };
    (Sender(writer), answer)
}

impl Sender {
    /// Sends one chunk.
    pub async fn send(&mut self, text: &str) {
        let chunk = format!("{:x}\r\n{text}\r\n", text.len());
        self.0.write_all(chunk.as_bytes()).await.unwrap();
    }

    /// Sends bytes as they are, as far as they are taken.
    pub async fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes).await
    }

    /// The body ends.
    pub async fn end(&mut self) {
        self.0.write_all(b"0\r\n\r\n").await.unwrap();
    }
}

impl Answer {
    /// The head; answers of 100 are passed over.
    pub async fn head(&mut self) -> Head {
        loop {
            let status = self.text_line().await;
            let status = status.split(' ').nth(1).unwrap().parse().unwrap();
            let mut headers = BTreeMap::new();
            loop {
                let line = self.text_line().await;
                let Some((name, value)) = line.split_once(": ") else {
                    break;
                };
                headers.insert(name.to_lowercase(), value.to_owned());
            }
            if status != 100 {
                return Head { status, headers };
            }
        }
    }

    async fn text_line(&mut self) -> String {
        let mut line = String::new();
        let read = self.reader.read_line(&mut line);
        tokio::time::timeout(WITHIN, read).await.unwrap().unwrap();
        line.trim_end().to_owned()
    }

    /// The next line; `None` where the answer has ended.
    pub async fn line(&mut self) -> Option<Value> {
        while self.lines.is_empty() {
            let size = self.text_line().await;
            let size = usize::from_str_radix(&size, 16).unwrap_or(0);
            if size == 0 {
                return None;
            }
            let mut chunk = vec![0; size + 2];
            self.reader.read_exact(&mut chunk).await.unwrap();
            self.rest.extend_from_slice(&chunk[..size]);
            while let Some(end) = self.rest.iter().position(|&byte| byte == b'\n') {
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                self.lines.push_back(String::from_utf8(line).unwrap());
            }
        }
        Some(serde_json::from_str(&self.lines.pop_front()?).unwrap())
    }

    /// All lines that still come.
    pub async fn lines(&mut self) -> Vec<Value> {
        let mut lines = Vec::new();
        while let Some(line) = self.line().await {
            lines.push(line);
        }
        lines
    }
}

/// A good application of an intermediary.
pub fn application(person: &Person) -> Value {
    let mut content = content(person);
    content["mandate"] = json!("PA-2020/000123");
    content
}

/// A good row.
pub fn row(key: &str, person: &Person) -> String {
    json!({ "idempotency_key": key, "application": application(person) }).to_string()
}

/// Takes everything from the queue until `count` different applications have come.
pub async fn enqueued(sandbox: &Sandbox, count: usize) -> BTreeMap<String, Received> {
    let mut consumer = Consumer::start(ConsumerConfig {
        uri: sandbox.amqp_url().parse().unwrap(),
        channel: Channel::Intermediary,
        prefetch: 200,
        name: "test".into(),
    });
    let mut found = BTreeMap::new();
    let taking = async {
        while found.len() < count {
            let batch = consumer.take(500).await.unwrap();
            let items = batch
                .iter()
                .flat_map(|delivery| decode(delivery.body()).unwrap().received);
            found.extend(items.map(|item| (item.application.id.to_string(), item)));
            ack_all(batch).await.unwrap();
        }
    };
    tokio::time::timeout(WITHIN, taking).await.unwrap();
    consumer.close().await;
    found
}
