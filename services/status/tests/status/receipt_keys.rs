//! How the keys of receipts change while holders ask.

use std::process::Command;
use std::time::Duration;

use serde_json::json;
use sportello_testkit::{Sandbox, eventually};

use crate::support::{Status, people};

const SOON: Duration = Duration::from_secs(20);

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_a_new_key_is_good_at_once() {
    let sandbox = Sandbox::database().await;
    let mut status = Status::start(sandbox.database_url()).await;
    let (mario, _) = people();
    status.change_receipt_key();
    status.publish(status.signer.public_keys());
    let (application, receipt) = status.application(&mario, "key");
    let answer = status
        .get(&mario, &application.id.to_string(), Some(&receipt))
        .await;
    assert_eq!(answer.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_key_set_replaces_no_receipt_keys() {
    let sandbox = Sandbox::database().await;
    let mut status = Status::start(sandbox.database_url()).await;
    let (mario, _) = people();
    let (application, receipt) = status.application(&mario, "key");
    status.publish(&json!({ "keys": [] }));
    status.change_receipt_key();
    // an unknown key has the set fetched
    let (other, unknown) = status.application(&mario, "other");
    let answer = status.get(&mario, &other.id.to_string(), Some(&unknown)).await;
    assert_eq!(answer.status(), 404);
    // it is logged after the callers that waited for the keys go on
    let logged = "the document has no key for checking receipts";
    eventually(SOON, async || status.service.log().contains(logged)).await;
    let answer = status
        .get(&mario, &application.id.to_string(), Some(&receipt))
        .await;
    assert_eq!(answer.status(), 200);
}

#[test]
fn keys_and_database_in_clear_text_are_refused() {
    for (name, value) in [
        ("RECEIPT_JWKS_URL", "http://intake.example/.well-known/jwks.json"),
        ("DATABASE_URL", "postgres://u:p@db.example/d"),
    ] {
        let issuer = sportello_testkit::Issuer::new();
        let output = Command::new(env!("CARGO_BIN_EXE_status"))
            .env("STATUS_ADDR", "127.0.0.1:0")
            .env("IDENTITY_CONFIG", issuer.config())
            .env("DATABASE_URL", "postgres://u:p@127.0.0.1:1/d")
            .env("RECEIPT_JWKS_URL", "http://127.0.0.1:1/jwks")
            .env("APPLICATION_ID_SECRET", "0123456789abcdef0123456789abcdef")
            .env("STATUS_PUBLIC_URL", "https://status.example")
            .env(name, value)
            .output()
            .unwrap();
        assert!(!output.status.success());
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.contains(name) && said.contains("ALLOW_CLEAR_TEXT"), "{said}");
    }
}
