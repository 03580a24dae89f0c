//! Guarantees for a holder who withdraws, and no information for any other caller.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use crate::common::upload::ORGANISATION;
use crate::common::{Intake, WITHIN, assert_no_personal_data, person};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use sportello_domain::{Channel, OrganisationId, Submitter, Withdrawal};
use sportello_queue::{Consumer, ConsumerConfig, ack_all, decode};
use sportello_testkit::{Sandbox, broker, eventually};

const ID: &str = "018f0000-0000-8000-8000-000000000001";

fn withdraw(intake: &Intake, id: &str, token: &str) -> RequestBuilder {
    let url = format!("{}/v1/applications/{id}/withdrawal", intake.url());
    intake.client().post(url).bearer_auth(token)
}

/// Takes `count` withdrawals from a channel's queue.
async fn enqueued(amqp_url: &str, channel: Channel, count: usize) -> Vec<Withdrawal> {
    let mut consumer = Consumer::start(ConsumerConfig {
        uri: amqp_url.parse().unwrap(),
        channel,
        prefetch: 8,
        name: "test".into(),
    });
    let mut found = Vec::new();
    let taking = async {
        while found.len() < count {
            let batch = consumer.take(8).await.unwrap();
            for delivery in &batch {
                let decoded = decode(delivery.body()).unwrap();
                found.extend(decoded.withdrawals.into_iter().map(|found| found.withdrawal));
            }
            ack_all(batch).await.unwrap();
        }
    };
    tokio::time::timeout(WITHIN, taking).await.unwrap();
    consumer.close().await;
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawal_is_kept_in_its_callers_queue() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (citizen, organisation) = (
        intake.issuer.token(&person(1)),
        intake.issuer.organisation_token(ORGANISATION),
    );
    for token in [&citizen, &citizen, &organisation] {
        let answer = withdraw(&intake, ID, token).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let location = format!("https://status.example/v1/applications/{ID}/status");
        assert_eq!(answer.headers()["location"], location);
        let body: Value = answer.json().await.unwrap();
        assert_eq!(body["id"], ID);
    }
    let url = sandbox.amqp_url();
    for sent in enqueued(url, Channel::Citizen, 2).await {
        assert_eq!(sent.application_id.to_string(), ID);
        assert_eq!(sent.by, Submitter::Citizen(person(1).tax_code));
    }
    let organisation = OrganisationId::parse(ORGANISATION).unwrap();
    let sent = enqueued(url, Channel::Intermediary, 1).await;
    assert_eq!(sent[0].by, Submitter::Intermediary(organisation));
    assert_no_personal_data(&intake.log(), &person(1));
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_hold_an_application_withdraws() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let citizen = intake.issuer.token(&person(1));
    let operator = intake.issuer.operator_token("olga");
    for (id, token, status) in [(ID, "none", 401), (ID, &operator, 403), ("no-id", &citizen, 404)] {
        let answer = withdraw(&intake, id, token).send().await.unwrap();
        assert_eq!(answer.status(), status);
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
    }
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_broker_is_away_a_withdrawal_is_kept_on_the_disk() {
    let mut broker = broker().await;
    let spool = tempfile::tempdir().unwrap();
    let settings = [("SPOOL_FOLDER", spool.path().to_str().unwrap())];
    let intake = Intake::start_with(&broker.url(), &settings).await;
    let citizen = intake.issuer.token(&person(1));
    broker.kill().await.unwrap();
    eventually(WITHIN, async || {
        let answer = withdraw(&intake, ID, &citizen).send().await.unwrap();
        answer.status() == StatusCode::ACCEPTED
    })
    .await;
    broker.start().await.unwrap();
    let sent = enqueued(&broker.url(), Channel::Citizen, 1).await;
    assert_eq!(sent[0].application_id.to_string(), ID);
    intake.stop().await;
}
