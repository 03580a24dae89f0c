//! Bad input gets a problem that names the mistake. Nothing is enqueued, and nothing of it is
//! logged.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::Instant;

use crate::common::{Intake, assert_no_personal_data, content, person, with_header};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::{RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sportello_domain::Channel;
use sportello_people::Person;
use sportello_queue::{BrokerUri, depths};
use sportello_testkit::{Issuer, Sandbox, assert_methods};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

async fn assert_nothing_enqueued(sandbox: &Sandbox) {
    let uri: BrokerUri = sandbox.amqp_url().parse().unwrap();
    assert_eq!(depths(&uri).await.unwrap().of(Channel::Citizen), 0);
}

/// The problem's name, after checking that it is a proper document.
async fn problem(request: RequestBuilder) -> (u16, String, Value) {
    let answer = request.send().await.unwrap();
    let status = answer.status();
    assert!(status.is_client_error(), "{status}");
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(
        answer.headers().contains_key("www-authenticate"),
        status == StatusCode::UNAUTHORIZED
    );
    let document: Value = answer.json().await.unwrap();
    assert_eq!(document["status"], status.as_u16());
    assert!(!document["detail"].as_str().unwrap().is_empty());
    let name = document["type"]
        .as_str()
        .unwrap()
        .strip_prefix("urn:sportello:problem:")
        .unwrap();
    (status.as_u16(), name.to_owned(), document)
}

/// A good content of `person`, with another value at `pointer`.
fn changed(person: &Person, pointer: &str, value: Value) -> String {
    let mut content = content(person);
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    content.pointer_mut(parent).unwrap()[name] = value;
    content.to_string()
}

async fn assert_violation(intake: &Intake, body: String, expected: (u16, &str), pointer: &str, code: &str) {
    let (status, kind, document) = problem(intake.post(&person(1)).body(body)).await;
    assert_eq!((status, kind.as_str()), expected, "{pointer}");
    let violation = &document["violations"][0];
    assert_eq!(
        (&violation["pointer"], &violation["code"]),
        (&json!(pointer), &json!(code))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_is_no_json_is_refused_as_such() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let deep = changed(&person(1), "/answers/a", json!(1))
        .replace("\"a\":1", &format!("\"a\":{}", "[".repeat(10_000)));
    for body in ["{", "", "{}\u{feff}", &deep] {
        assert_violation(&intake, body.to_owned(), (400, "not-json"), "", "not_json").await;
    }
    let (status, kind, _) = problem(intake.post(&person(1)).body(vec![b' '; 65 * 1024])).await;
    assert_eq!((status, kind.as_str()), (413, "too-large"));
    assert_nothing_enqueued(&sandbox).await;
    assert_no_personal_data(&intake.log(), &person(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_bad_content_says_what_to_mend() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let person = person(1);
    assert_violation(
        &intake,
        "[]".to_owned(),
        (422, "invalid-application"),
        "",
        "unexpected",
    )
    .await;
    for (pointer, value, code) in [
        ("/shoe_size", json!(42), "unexpected"),
        ("/applicant/age", json!(42), "unexpected"),
        ("/answers/a", json!("\0"), "nul_character"),
        ("/applicant/given_name", json!("\0"), "name"),
        (
            "/applicant/tax_code",
            json!("RSSMRA80A01H501A"),
            "tax_code_check_character",
        ),
        (
            "/applicant/iban",
            json!("IT61X0542811101000000123456"),
            "iban_check_digits",
        ),
    ] {
        let body = changed(&person, pointer, value);
        assert_violation(&intake, body, (422, "invalid-application"), pointer, code).await;
    }
    let anothers = changed(
        &person,
        "/applicant/tax_code",
        json!(self::person(2).tax_code.as_str()),
    );
    let (status, kind, _) = problem(intake.post(&person).body(anothers)).await;
    assert_eq!((status, kind.as_str()), (403, "not-own-application"));
    assert_nothing_enqueued(&sandbox).await;
    assert_no_personal_data(&intake.log(), &person);
    assert!(!intake.log().contains("RSSMRA80A01H501A"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_bad_head_says_what_to_mend() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let person = person(1);
    let with = |name, value| with_header(intake.post(&person), name, value);
    let long_key = "k".repeat(256);
    for (request, status, name) in [
        (with("idempotency-key", None), 400, "idempotency-key"),
        (with("idempotency-key", Some("")), 400, "idempotency-key"),
        (with("idempotency-key", Some(&long_key)), 400, "idempotency-key"),
        (with("content-type", None), 415, "media-type"),
        (with("content-type", Some("text/plain")), 415, "media-type"),
        (
            intake.client().get(format!("{}/v1/applications", intake.url())),
            405,
            "method-not-allowed",
        ),
        (
            intake.client().get(format!("{}/v1/nothing", intake.url())),
            404,
            "not-found",
        ),
    ] {
        let (got, kind, _) = problem(request).await;
        assert_eq!((got, kind.as_str()), (status, name));
    }
    assert_nothing_enqueued(&sandbox).await;
}

fn changed_claims(person: &Person, changes: &[(&str, Value)]) -> Value {
    let mut claims = Issuer::claims(person);
    for (name, value) in changes {
        claims[name] = value.clone();
    }
    claims
}

fn unsigned(claims: &Value) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    format!(
        "{}.{}.",
        part(&json!({ "alg": "none", "typ": "JWT" })),
        part(claims)
    )
}

/// HS256, with the issuer's public key as the secret.
fn public_key_as_secret(issuer: &Issuer, person: &Person) -> String {
    let jwk = issuer.public_key();
    let mut header = Header::new(Algorithm::HS256);
    header.kid = Some(jwk["kid"].as_str().unwrap().to_owned());
    let secret = BASE64_URL_SAFE_NO_PAD.decode(jwk["x"].as_str().unwrap()).unwrap();
    jsonwebtoken::encode(
        &header,
        &Issuer::claims(person),
        &EncodingKey::from_secret(&secret),
    )
    .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_a_bad_token_says_why() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let person = person(1);
    let with = |changes: &[(&str, Value)]| intake.issuer.sign(&changed_claims(&person, changes));
    let good = with(&[]);
    let cases = [
        ("not.a.token".to_owned(), "not a signed JWT"),
        (format!("{}AAAA", &good[..good.len() - 4]), "signature"),
        (unsigned(&Issuer::claims(&person)), "algorithm"),
        (public_key_as_secret(&intake.issuer, &person), "algorithm"),
        (with(&[("exp", json!(1_585_699_200))]), "expired"),
        (with(&[("nbf", json!(4_000_000_000_u64))]), "not valid yet"),
        (with(&[("aud", json!("another"))]), "audience"),
        (with(&[("iss", json!("https://elsewhere.example"))]), "issuer"),
        (
            with(&[("acr", json!("https://www.spid.gov.it/SpidL1"))]),
            "too weak",
        ),
        (
            with(&[("fiscal_number", json!("TINIT-RSSMRA80A01H501A"))]),
            "tax code",
        ),
    ];
    for (token, why) in cases {
        let request = with_header(
            intake.post(&person),
            "authorization",
            Some(&format!("Bearer {token}")),
        );
        let (status, kind, document) = problem(request).await;
        assert_eq!((status, kind.as_str()), (401, "token-refused"), "{why}");
        let detail = document["detail"].as_str().unwrap();
        assert!(detail.contains(why), "{detail}");
    }
    let (status, kind, _) = problem(with_header(intake.post(&person), "authorization", None)).await;
    assert_eq!((status, kind.as_str()), (401, "token-missing"));
    assert_nothing_enqueued(&sandbox).await;
    assert_no_personal_data(&intake.log(), &person);
    assert!(
        !intake.log().contains(&good[..good.len() - 4]),
        "a token is in the log"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_never_comes_is_not_waited_for() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let mut connection = TcpStream::connect(intake.url().strip_prefix("http://").unwrap())
        .await
        .unwrap();
    let head = format!(
        "POST /v1/applications HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer {}\r\n\
         Idempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{",
        intake.issuer.token(&person(1))
    );
    let started = Instant::now();
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    tokio::time::timeout(crate::common::WITHIN, connection.read_to_string(&mut answer))
        .await
        .unwrap()
        .unwrap();
    assert!(
        answer.starts_with("HTTP/1.1 408"),
        "{answer} after {:?}",
        started.elapsed()
    );
    assert!(answer.contains("urn:sportello:problem:too-slow"));
    assert_nothing_enqueued(&sandbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_header_that_comes_twice_or_says_two_things_is_refused() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    for (name, value, expected) in [
        ("content-type", "application/json", (415, "media-type")),
        ("idempotency-key", "a-key", (400, "idempotency-key")),
        ("content-encoding", "gzip", (415, "content-coding")),
        ("content-encoding", "identity", (415, "content-coding")),
    ] {
        let (status, kind, _) = problem(intake.post(&person(1)).header(name, value)).await;
        assert_eq!((status, kind.as_str()), expected, "{name}");
    }
    for key in ["\"a-key", "a-key\"", "\"a-key\";b=1", "a, b", "a b", "\"\""] {
        let request = with_header(intake.post(&person(1)), "idempotency-key", Some(key));
        let (status, kind, _) = problem(request).await;
        assert_eq!((status, kind.as_str()), (400, "idempotency-key"), "{key}");
    }
    let compressed = intake.post(&person(1)).header("content-encoding", "gzip");
    assert_eq!(
        compressed.send().await.unwrap().headers()["accept-encoding"],
        "identity"
    );
    assert_nothing_enqueued(&sandbox).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_with_quotes_and_one_without_make_one_application() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let id = async |key: &str| {
        let request = with_header(intake.post(&person(1)), "idempotency-key", Some(key));
        let answer: Value = request.send().await.unwrap().json().await.unwrap();
        answer["id"].as_str().unwrap().to_owned()
    };
    assert_eq!(id("018f3c1e-7a4b").await, id("\"018f3c1e-7a4b\"").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_has_head_where_it_has_get_and_says_which_methods_there_are() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let document: Value = intake.get("/openapi.json").await.json().await.unwrap();
    let paths = document["paths"].as_object().unwrap();
    for (path, operations) in paths
        .iter()
        .chain([(&"/openapi.json".to_owned(), &json!({"get": {}}))])
    {
        let path = path
            .replace("{id}", "indemnity-march-2020")
            .replace("{channel}", "citizen");
        let address = format!("{}{path}?category=professionals", intake.url());
        assert_methods(intake.client(), &address, operations).await;
        if operations.get("get").is_some() {
            let get = intake.client().get(&address).send().await.unwrap();
            assert_eq!(get.status(), StatusCode::OK, "{path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_http_makes_no_errors_in_the_log() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let address = intake.url().strip_prefix("http://").unwrap();
    for garbage in [
        "\u{16}\u{3}\u{1}\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
    ] {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(garbage.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).await.unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 400 "), "{garbage:?}");
    }
    assert!(!intake.log().contains("\"level\":\"ERROR\""), "{}", intake.log());
}
