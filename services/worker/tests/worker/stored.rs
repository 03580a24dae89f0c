//! Envelopes as earlier revisions stored them: a queue may hold them across an update.
//!
//! Those until 2026-11-28 were written by hand after the program of then; the others are what the
//! present one writes.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;
use sportello_domain::{BatchRow, Channel, Withdrawal};
use sportello_queue::{Submission, encode};
use sqlx::types::Uuid;
use worker::Done;

use crate::support::{Sent, citizen, open, settle};

const TRACEPARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/worker/envelopes")
}

/// Each file with its channel, by which its name begins.
fn stored() -> Vec<(Channel, Vec<u8>)> {
    let mut paths: Vec<_> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let read = |path: &PathBuf| {
        let name = path.file_name().unwrap().to_str().unwrap();
        let channel = name.split('-').next().unwrap().parse().unwrap();
        (channel, fs::read(path).unwrap())
    };
    paths.iter().map(read).collect()
}

fn items<'a>(envelope: &'a Value, kind: &str) -> impl Iterator<Item = Uuid> + 'a {
    let items = envelope[kind].as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .map(|item| item["id"].as_str().unwrap().parse().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn envelopes_of_every_earlier_form_drain() {
    let office = open().await;
    let stored = stored();
    assert!(stored.len() >= 5, "{} files", stored.len());
    for (channel, body) in stored {
        let envelope: Value = serde_json::from_slice(&body).unwrap();
        let ids: Vec<Uuid> = items(&envelope, "applications").collect();
        let withdrawn: Vec<Uuid> = items(&envelope, "withdrawals").collect();
        office.publish_bytes(channel, &body).await;
        let mut lane = office.lane(channel);
        let done = settle(&mut lane, ids.len() + withdrawn.len()).await;
        let wanted = Done {
            registered: ids.len(),
            withdrawals: withdrawn.len(),
            ..Done::default()
        };
        assert_eq!(done, wanted, "{envelope}");
        lane.close().await;
        let mut database = office.connection().await;
        for id in ids {
            let outcome = sqlx::query_scalar("select outcome from applications where id = $1").bind(id);
            let outcome: String = outcome.fetch_one(&mut database).await.unwrap();
            assert_eq!(
                outcome == "withdrawn",
                withdrawn.contains(&id),
                "{id} is {outcome}"
            );
        }
        office.assert_drained(channel).await;
    }
    assert_eq!(office.dead_letters().await, []);
}

/// What the present intake stores: a form for each kind of message.
fn present() -> [(&'static str, Vec<u8>); 3] {
    let of_organisation = |number| Sent {
        channel: Channel::Intermediary,
        hours_judged: true,
        ..citizen(number)
    };
    let row = |row| BatchRow {
        id: Uuid::from_u128(9).into(),
        row,
    };
    let withdrawal = Withdrawal {
        application_id: citizen(905).id(),
        by: citizen(905).submitter(),
        requested_at: "2020-04-02T06:00:00.123Z".parse().unwrap(),
    };
    let withdrawal = Submission::withdrawal(&withdrawal, Some(TRACEPARENT)).unwrap();
    let envelope = |submissions: &[Submission]| encode(submissions.iter());
    [
        (
            "citizen-1.json",
            envelope(&[citizen(901).traced(TRACEPARENT), citizen(902).submission()]),
        ),
        (
            "intermediary-1.json",
            envelope(&[
                of_organisation(903).in_batch(row(1)),
                of_organisation(904).in_batch(row(2)),
            ]),
        ),
        (
            "citizen-2.json",
            envelope(&[citizen(905).submission(), withdrawal]),
        ),
    ]
}

#[test]
fn the_present_form_is_among_those_that_drain() {
    for (name, envelope) in present() {
        let path = folder().join(name);
        if std::env::var_os("WRITE_DOCS").is_some() {
            fs::write(&path, &envelope).unwrap();
        }
        assert!(
            fs::read(&path).is_ok_and(|stored| stored == envelope),
            "{name} has another form: keep it under another name, and write it with WRITE_DOCS=1 (CONTRIBUTING.md)"
        );
    }
}
