//! Cost of an application for the worker and PostgreSQL: `cargo test --workspace --test worker
//! measure_a_drain -- --ignored --nocapture`.
//!
//! `MEASURE_WORKERS` names programs to measure in turn, separated by a colon; the one that was
//! built otherwise.

#![allow(clippy::print_stdout, reason = "its figures are its output")]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Connection, ConnectionProperties};
use serde_json::json;
use sportello_domain::{
    ApplicationId, CatalogueVersion, Channel, Content, IdSecret, IdempotencyKey, ProcessId, Stamp, Submitter,
};
use sportello_people::Person;
use sportello_queue::{Cover, Submission, encode};
use sportello_stack::Identity;
use sportello_testkit::{Account, eventually, free_port};
use sqlx::PgConnection;

use crate::support::{Office, open};

const ROUNDS: u64 = 2;
const MESSAGES: u64 = 3_000;
/// Applications of a message, as intake makes it under load.
const TOGETHER: u64 = 32;
const DRAINED_WITHIN: Duration = Duration::from_secs(600);

/// A process that is killed when the measurement fails.
pub(crate) struct Worker(Child);

/// The worker of an office.
pub(crate) fn start(program: &Path, office: &Office) -> Worker {
    let worker = Command::new(program)
        .env("AMQP_URL", office.sandbox.amqp_url_of(Account::Worker))
        .env("DATABASE_URL", Account::Worker.address(&office.database_url))
        .env("CATALOGUE", office.benefits.path())
        .env("INTERNAL_ADDR", format!("127.0.0.1:{}", free_port()))
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    Worker(worker)
}

impl Drop for Worker {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Seconds of CPU that a process has had; none where it is gone.
fn cpu_seconds(pid: u32) -> f64 {
    let process = Identity::of(pid);
    process.map_or(0.0, |process| process.own_cpu_time().as_secs_f64())
}

/// Of all processes of the server that this machine shows, and the bytes of write-ahead log so far.
async fn server(connection: &mut PgConnection) -> (f64, f64) {
    let pids: Vec<i32> = sqlx::query_scalar("select pid from pg_stat_activity")
        .fetch_all(&mut *connection)
        .await
        .unwrap();
    let log = "select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::float8";
    let log: f64 = sqlx::query_scalar(log).fetch_one(connection).await.unwrap();
    let cpu = pids.iter().map(|pid| cpu_seconds(pid.cast_unsigned())).sum();
    (cpu, log)
}

fn submission(secret: &IdSecret, version: &CatalogueVersion, number: u64) -> Submission {
    let person = Person::invent(7, number);
    let submitter = Submitter::Citizen(person.tax_code.clone());
    let key = IdempotencyKey::parse(&format!("measure-{number}")).unwrap();
    let id: ApplicationId = secret.application_id(&submitter, &person.tax_code, &key);
    let content = json!({
        "benefit": "indemnity-march-2020",
        "category": "professionals",
        "applicant": {
            "tax_code": person.tax_code.as_str(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": format!("measure-{number}@example.org"),
            "iban": "IT60X0542811101000000123456",
        },
        "answers": {
            "activity": "vat_professional", "vat_number": "12345670157",
            "no_pension": true, "no_citizenship_income": true,
        },
    });
    let cover = Cover::new(id, &submitter, jiff::Timestamp::now(), version);
    Submission::new(&cover, Content::parse(content.to_string().as_bytes()).unwrap())
        .unwrap()
        .0
}

async fn prefill(office: &Office) {
    let connection = Connection::connect(office.sandbox.amqp_url(), ConnectionProperties::default())
        .await
        .unwrap();
    let channel = connection.create_channel().await.unwrap();
    channel
        .confirm_select(ConfirmSelectOptions::default())
        .await
        .unwrap();
    let secret = IdSecret::new(&"s".repeat(32).into()).unwrap();
    let version = CatalogueVersion::of(b"");
    let process = ProcessId::random();
    let mut unconfirmed = std::collections::VecDeque::new();
    for message in 0..MESSAGES {
        let numbers = message * TOGETHER..(message + 1) * TOGETHER;
        let submissions: Vec<_> = numbers
            .map(|number| submission(&secret, &version, number))
            .collect();
        let body = encode(submissions.iter());
        let mut headers = FieldTable::default();
        headers.insert("applications".into(), u32::try_from(TOGETHER).unwrap().into());
        let stamp = Stamp {
            process,
            channel: Channel::Citizen,
            number: message,
        };
        let properties = BasicProperties::default()
            .with_delivery_mode(2)
            .with_message_id(stamp.message_id().into())
            .with_headers(headers);
        let options = BasicPublishOptions::default();
        let published = channel.basic_publish(
            "applications".into(),
            "citizen".into(),
            options,
            &body,
            properties,
        );
        unconfirmed.push_back(published.await.unwrap());
        if unconfirmed.len() >= 64 {
            unconfirmed.pop_front().unwrap().await.unwrap();
        }
    }
    for published in unconfirmed {
        published.await.unwrap();
    }
    connection.close(200, "done".into()).await.unwrap();
}

async fn drain(program: &Path) {
    let office = open().await;
    prefill(&office).await;
    let mut connection = office.connection().await;
    let (server_before, log_before) = server(&mut connection).await;
    let began = Instant::now();
    let worker = start(program, &office);
    let all = MESSAGES * TOGETHER;
    eventually(DRAINED_WITHIN, async || {
        let last = "select last_value from pg_sequences where sequencename like 'protocol_numbers_%'";
        let last: Option<i64> = sqlx::query_scalar(last)
            .fetch_optional(&mut connection)
            .await
            .unwrap()
            .flatten();
        last.is_some_and(|last| last.cast_unsigned() >= all)
    })
    .await;
    let seconds = began.elapsed().as_secs_f64();
    let (server_after, log_after) = server(&mut connection).await;
    let each = |amount: f64| amount * 1e6 / all as f64;
    println!(
        "{}: {:.0} a second; of each application worker {:.1} µs, PostgreSQL {:.1} µs, write-ahead log {:.0} bytes",
        program.display(),
        all as f64 / seconds,
        each(cpu_seconds(worker.0.id())),
        each(server_after - server_before),
        each(log_after - log_before) / 1e6,
    );
    // the last numbers were taken, and their transactions may not have ended
    eventually(DRAINED_WITHIN, async || office.count().await == all).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_a_drain() {
    let programs = std::env::var("MEASURE_WORKERS").unwrap_or_else(|_| env!("CARGO_BIN_EXE_worker").into());
    for _ in 0..ROUNDS {
        for program in programs.split(':') {
            drain(Path::new(program)).await;
        }
    }
}
