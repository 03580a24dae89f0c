//! `intake keys …`, and the keys and certificates that intake needs to start.

#![allow(clippy::unwrap_used, reason = "tests and their helpers")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use crate::common::Intake;
use serde_json::Value;
use sportello_testkit::{Issuer, Sandbox, receipt_keys};

fn intake(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_intake"))
        .args(arguments)
        .env("RECEIPT_KEYS", folder.join("receipt-keys.json"))
        .env("INTAKE_ADDR", "127.0.0.1:0")
        .env("AMQP_URL", "amqp://nobody:nothing@127.0.0.1:1/none")
        .env("IDENTITY_CONFIG", folder.join("identity.toml"))
        .env("APPLICATION_ID_SECRET", "0123456789abcdef0123456789abcdef")
        .env("INTAKE_PUBLIC_URL", "https://intake.example")
        .env("STATUS_PUBLIC_URL", "https://status.example")
        .env("CATALOGUE", sportello_stack::catalogue::shipped())
        // no CA certificates
        .env("SSL_CERT_FILE", folder.join("none"))
        .env("SSL_CERT_DIR", folder.join("none"))
        .output()
        .unwrap()
}

/// Returns the error output of a command that fails.
fn refusal(output: &Output) -> String {
    assert!(!output.status.success());
    String::from_utf8([output.stdout.as_slice(), &output.stderr].concat()).unwrap()
}

#[test]
fn without_receipt_keys_it_does_not_start_and_makes_none() {
    let issuer = Issuer::new();
    let said = refusal(&intake(issuer.folder(), &[]));
    assert!(said.contains("intake keys new"), "{said}");
    assert!(!issuer.folder().join("receipt-keys.json").exists());
}

#[test]
fn a_command_makes_keys_and_says_which_signs() {
    let folder = tempfile::tempdir().unwrap();
    let keys = |arguments: &[&str]| {
        let output = intake(folder.path(), &[&["keys"], arguments].concat());
        assert!(output.status.success());
        String::from_utf8(output.stdout).unwrap()
    };
    assert!(keys(&["new", "--if-missing"]).contains("signs receipts"));
    let before = fs::read(folder.path().join("receipt-keys.json")).unwrap();
    assert!(keys(&["new", "--if-missing"]).contains("there are keys already"));
    assert_eq!(fs::read(folder.path().join("receipt-keys.json")).unwrap(), before);
    let second = keys(&["new"]);
    assert!(second.contains("is published"), "{second}");
    let (id, _) = second.split_once(' ').unwrap();
    assert!(keys(&["use", id]).contains("signs receipts"));
    let said = refusal(&intake(folder.path(), &["keys", "use", "unheard-of"]));
    assert!(said.contains(id), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn published_keys_are_the_one_that_signs_and_the_next() {
    let (sandbox, issuer) = (Sandbox::queue().await, Issuer::new());
    let _ = receipt_keys(issuer.folder());
    assert!(intake(issuer.folder(), &["keys", "new"]).status.success());
    let intake = Intake::start_again(issuer, sandbox.amqp_url(), &[]).await;
    let jwks: Value = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
    assert_eq!(jwks["keys"].as_array().unwrap().len(), 2);
    assert!(!jwks.to_string().contains("\"d\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn ca_certificates_are_needed_for_https_only() {
    let (sandbox, issuer) = (Sandbox::queue().await, Issuer::new());
    let none = issuer.folder().join("none").to_str().unwrap().to_owned();
    let trust = |issuer: &Issuer, url: &str| {
        let config = format!(
            "[[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_url = '{url}'\nalgorithms = ['ES256']\n"
        );
        fs::write(issuer.config(), config).unwrap();
    };
    let _ = receipt_keys(issuer.folder());
    trust(&issuer, "https://login.example.it/jwks");
    let said = refusal(&intake(issuer.folder(), &[]));
    assert!(said.contains("ca-certificates"), "{said}");

    trust(&issuer, "http://127.0.0.1:1/jwks");
    let no_certificates = [("SSL_CERT_FILE", none.as_str()), ("SSL_CERT_DIR", none.as_str())];
    let intake = Intake::start_again(issuer, sandbox.amqp_url(), &no_certificates).await;
    assert_eq!(intake.get("/livez").await.status(), 200);
}
