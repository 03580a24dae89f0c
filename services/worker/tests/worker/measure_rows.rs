//! Cost of many rows of one applicant, and how long a citizen waits beside them: `cargo test
//! --workspace --test worker measure_many_rows -- --ignored --nocapture`.

#![allow(clippy::print_stdout, reason = "its figures are its output")]

use std::time::{Duration, Instant};

use jiff::Timestamp;
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::{BasicProperties, Connection, ConnectionProperties};
use sportello_domain::Channel;
use sportello_queue::encode;
use sportello_testkit::eventually;

use crate::measure::start;
use crate::support::{Office, Sent, citizen, open};

const ROWS: u32 = 300_000;
/// Rows of a message, as intake makes it of a file.
const TOGETHER: u32 = 32;
/// Citizens are other persons than those of the rows.
const CITIZENS: u32 = 1_000_000;
/// Between two citizens.
const BETWEEN: Duration = Duration::from_millis(50);
const DRAINED_WITHIN: Duration = Duration::from_secs(1_200);

/// A row of a file: of the same applicant as all others, or of another one.
fn row(number: u32, of_one: bool) -> Sent {
    let person = if of_one { 0 } else { number };
    Sent {
        channel: Channel::Intermediary,
        ..citizen(number).of(person)
    }
}

async fn prefill(office: &Office, of_one: bool) {
    let connection = Connection::connect(office.sandbox.amqp_url(), ConnectionProperties::default());
    let connection = connection.await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let confirms = ConfirmSelectOptions::default();
    channel.confirm_select(confirms).await.unwrap();
    let mut unconfirmed = Vec::new();
    for first in (0..ROWS).step_by(TOGETHER as usize) {
        let numbers = first..(first + TOGETHER).min(ROWS);
        let rows: Vec<_> = numbers.map(|number| row(number, of_one).submission()).collect();
        let properties = BasicProperties::default().with_delivery_mode(2);
        let options = BasicPublishOptions::default();
        let body = encode(rows.iter());
        let published = channel.basic_publish(
            "applications".into(),
            "intermediary".into(),
            options,
            &body,
            properties,
        );
        unconfirmed.push(published.await.unwrap());
    }
    for published in unconfirmed {
        published.await.unwrap();
    }
    connection.close(200, "done".into()).await.unwrap();
}

/// Publishes one citizen after the other, until it is ended.
async fn citizens(office: &Office) {
    let mut times = tokio::time::interval(BETWEEN);
    for number in CITIZENS.. {
        times.tick().await;
        let sent = Sent {
            received_at: Timestamp::now(),
            ..citizen(number).of(ROWS + number % ROWS)
        };
        office.publish([sent]).await;
    }
}

async fn drain(of_one: bool) {
    let office = open().await;
    prefill(&office, of_one).await;
    let mut connection = office.connection().await;
    let began = Instant::now();
    let _worker = start(env!("CARGO_BIN_EXE_worker").as_ref(), &office);
    let drained = async {
        let mut looks = tokio::time::interval(Duration::from_secs(1));
        let count = "select count(*) from applications where channel = 'intermediary'";
        eventually(DRAINED_WITHIN, async || {
            looks.tick().await;
            let rows: i64 = sqlx::query_scalar(count)
                .fetch_one(&mut connection)
                .await
                .unwrap();
            rows == i64::from(ROWS)
        })
        .await;
    };
    tokio::select! {
        () = drained => {}
        () = citizens(&office) => unreachable!("they come without end"),
    }
    let seconds = began.elapsed().as_secs_f64();
    let waits = "select percentile_cont(array[0.5, 0.99, 1]) within group (
            order by extract(epoch from registered_at - received_at)::float8
        ) from applications where channel = 'citizen'";
    let mut connection = office.connection().await;
    let waits: Vec<f64> = sqlx::query_scalar(waits)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    println!(
        "{}: {:.0} rows a second; a citizen beside them is registered after {:.3} s, p99 {:.3} s, longest {:.3} s",
        if of_one {
            "one applicant"
        } else {
            "as many applicants"
        },
        f64::from(ROWS) / seconds,
        waits[0],
        waits[1],
        waits[2],
    );
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a measurement, not a test"]
async fn measure_many_rows() {
    for of_one in [false, true] {
        drain(of_one).await;
    }
}
