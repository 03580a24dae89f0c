//! Guarantees for a sender of one application.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use crate::common::{Intake, WITHIN, assert_no_personal_data, content, person, with_header};
use serde_json::Value;
use sportello_domain::Channel;
use sportello_domain::ContentDigest;
use sportello_queue::{BrokerUri, depths};
use sportello_receipt::ReceiptVerifier;
use sportello_testkit::{Sandbox, broker, eventually};

async fn enqueued(amqp_url: &str) -> u32 {
    let uri: BrokerUri = amqp_url.parse().unwrap();
    depths(&uri).await.unwrap().of(Channel::Citizen)
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_application_is_enqueued_and_its_receipt_can_be_checked_offline() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let person = person(1);

    let answer = intake.post(&person).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let accepted: Value = answer.json().await.unwrap();
    assert_eq!(
        location,
        format!(
            "https://status.example/v1/applications/{}/status",
            accepted["id"].as_str().unwrap()
        )
    );
    assert_eq!(enqueued(sandbox.amqp_url()).await, 1);

    let keys = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
    let receipt = ReceiptVerifier::new(&keys)
        .verify(accepted["receipt"].as_str().unwrap())
        .unwrap();
    assert_eq!(receipt.application_id.to_string(), accepted["id"]);
    assert_eq!(receipt.benefit.as_str(), "indemnity-march-2020");
    assert_eq!(
        receipt.content_digest,
        ContentDigest::of(content(&person).to_string().as_bytes())
    );
    assert_no_personal_data(&intake.log(), &person);
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_byte_order_mark_before_the_body_does_not_count() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let sent = content(&person(1)).to_string();
    let answer = intake
        .post(&person(1))
        .body(format!("\u{feff}{sent}"))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 202);
    let accepted: Value = answer.json().await.unwrap();
    let keys = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
    let receipt = ReceiptVerifier::new(&keys).verify(accepted["receipt"].as_str().unwrap());
    let digest = ContentDigest::of(sent.as_bytes());
    assert_eq!(receipt.unwrap().content_digest, digest);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_key_gives_the_same_id_and_only_for_the_same_person() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let id = async |person, key: &str| {
        let request = with_header(intake.post(person), "idempotency-key", Some(key));
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 202);
        answer.json::<Value>().await.unwrap()["id"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let (anna, bruno) = (person(1), person(2));
    let first = id(&anna, "k-1").await;
    assert_eq!(first, id(&anna, "k-1").await);
    assert_ne!(first, id(&anna, "k-2").await);
    assert_ne!(first, id(&bruno, "k-1").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn under_another_secret_the_same_key_is_another_application() {
    let sandbox = Sandbox::queue().await;
    let mut intake = Intake::over(&sandbox).await;
    let person = person(1);
    let mut ids = Vec::new();
    for secret in [None, None, Some("another-another-another-another-another")] {
        if let Some(secret) = secret {
            let (_, issuer) = intake.stop_with_log().await;
            let settings = [("APPLICATION_ID_SECRET", secret)];
            intake = Intake::start_again(issuer, sandbox.amqp_url(), &settings).await;
            eventually(WITHIN, async || intake.get("/readyz").await.status() == 200).await;
        }
        let accepted: Value = intake.post(&person).send().await.unwrap().json().await.unwrap();
        let keys = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
        let receipt = ReceiptVerifier::new(&keys).verify(accepted["receipt"].as_str().unwrap());
        ids.push(receipt.unwrap().application_id);
    }
    assert_eq!(ids[0], ids[1]);
    assert_ne!(ids[0], ids[2]);
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_broker_it_says_so_at_once_and_recovers_by_itself() {
    let mut broker = broker().await;
    let intake = Intake::start(&broker.url()).await;
    let person = person(1);
    assert_eq!(intake.post(&person).send().await.unwrap().status(), 202);

    broker.kill().await.unwrap();
    let refused = async || intake.post(&person).send().await.unwrap();
    let answer = eventually(WITHIN, async || {
        Some(refused().await).filter(|a| a.status() == 503)
    })
    .await;
    assert!(answer.headers().contains_key("retry-after"));
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    eventually(WITHIN, async || intake.get("/readyz").await.status() == 503).await;
    assert_eq!(intake.get("/livez").await.status(), 200);
    assert_eq!(intake.get("/status").await.status(), 200);

    broker.start().await.unwrap();
    eventually(WITHIN, async || {
        intake.post(&person).send().await.unwrap().status() == 202
    })
    .await;
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn its_pages_are_there_for_everybody() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    intake.post(&person(1)).send().await.unwrap();
    let openapi: Value = intake.get("/openapi.json").await.json().await.unwrap();
    assert!(openapi["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(
        openapi["paths"]["/v1/applications"]["post"]["operationId"],
        "submit_application"
    );
    let metrics = intake.get("/metrics").await.text().await.unwrap();
    for name in [
        "sportello_http_request_duration_seconds_bucket",
        "http_route=\"/v1/applications\"",
    ] {
        assert!(metrics.contains(name), "{name}");
    }
}
