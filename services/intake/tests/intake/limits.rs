//! Nobody can have more of intake than one may.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use crate::common::{Intake, WITHIN, person, with_header};
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use sportello_people::Person;
use sportello_testkit::{Issuer, Sandbox, eventually};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

async fn limited(sandbox: &Sandbox) -> Intake {
    let settings = [
        ("CITIZEN_REQUESTS_PER_MINUTE", "8"),
        ("ORGANISATION_REQUESTS_PER_MINUTE", "12"),
        ("OPERATOR_REQUESTS_PER_MINUTE", "0"),
    ];
    Intake::start_with(sandbox.amqp_url(), &settings).await
}

/// `RateLimit-Limit`, `-Remaining` and `-Reset`.
fn standing(answer: &Response) -> [u32; 3] {
    ["limit", "remaining", "reset"].map(|name| {
        let value = &answer.headers()[format!("ratelimit-{name}")];
        value.to_str().unwrap().parse().unwrap()
    })
}

fn with_token(request: RequestBuilder, token: &str) -> RequestBuilder {
    with_header(request, "authorization", Some(&format!("Bearer {token}")))
}

fn claims(person: &Person, name: &str, value: Value) -> Value {
    let mut claims = Issuer::claims(person);
    claims[name] = value;
    claims
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_over_a_limit_says_when_to_come_back_and_no_other_person_is_touched() {
    let sandbox = Sandbox::queue().await;
    let intake = limited(&sandbox).await;
    let (anna, bruno) = (person(1), person(2));

    let first = intake.post(&anna).send().await.unwrap();
    assert_eq!(
        (first.status().as_u16(), standing(&first)[..2].to_vec()),
        (202, vec![2, 1])
    );
    assert!((1..=30).contains(&standing(&first)[2]));
    // bad requests count as well, and their answers show the caller's standing
    let second = intake.post(&anna).body("{").send().await.unwrap();
    assert_eq!(
        (second.status().as_u16(), standing(&second)[..2].to_vec()),
        (400, vec![2, 0])
    );

    let refused = intake.post(&anna).send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), standing(&refused)[..2].to_vec()),
        (429, vec![2, 0])
    );
    assert_eq!(refused.headers()["content-type"], "application/problem+json");
    let retry_after: u32 = refused.headers()["retry-after"]
        .to_str()
        .unwrap()
        .parse()
        .unwrap();
    assert!((1..=30).contains(&retry_after), "{retry_after}");
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "urn:sportello:problem:too-many-requests");

    let others = intake.post(&bruno).send().await.unwrap();
    assert_eq!(
        (others.status().as_u16(), standing(&others)[..2].to_vec()),
        (202, vec![2, 1])
    );
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_has_one_limit_for_all_of_its_people() {
    let sandbox = Sandbox::queue().await;
    let intake = limited(&sandbox).await;
    let of = |organisation: &str, subject: &str| {
        let mut claims = claims(&person(1), "organisation", json!(organisation));
        claims["sub"] = json!(subject);
        intake.issuer.sign(&claims)
    };
    let ask = async |token: &str| with_token(intake.post(&person(1)), token).send().await.unwrap();
    for subject in ["irene", "ivo", "irene"] {
        let answer = ask(&of("patronato-aurora", subject)).await;
        assert_ne!(answer.status(), 429);
        assert_eq!(standing(&answer)[0], 3);
    }
    assert_eq!(ask(&of("patronato-aurora", "ida")).await.status(), 429);
    assert_ne!(ask(&of("patronato-brina", "berta")).await.status(), 429);
}

#[tokio::test(flavor = "multi_thread")]
async fn callers_without_a_name_or_a_limit_are_not_counted() {
    let sandbox = Sandbox::queue().await;
    let intake = limited(&sandbox).await;
    let operator = intake
        .issuer
        .sign(&claims(&person(1), "roles", json!(["operator"])));
    for token in ["not.a.token", operator.as_str()] {
        for _ in 0..5 {
            let answer = with_token(intake.post(&person(1)), token).send().await.unwrap();
            assert!(
                [401, 403].contains(&answer.status().as_u16()),
                "{}",
                answer.status()
            );
            assert!(!answer.headers().contains_key("ratelimit-limit"));
        }
    }
    let pages = intake.get("/v1/benefits").await;
    assert!(!pages.headers().contains_key("ratelimit-limit"));
}

/// Returns the server's bytes until it ends the connection.
async fn rest(connection: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // a reset is an end as well
    let _ = timeout(WITHIN, connection.read_to_end(&mut bytes)).await.unwrap();
    String::from_utf8(bytes).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_or_endless_head_is_cut_off_and_others_are_answered() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let address = intake.url().strip_prefix("http://").unwrap();
    let connect = async || TcpStream::connect(address).await.unwrap();

    let mut slow = connect().await;
    slow.write_all(b"POST /v1/applications HTTP/1.1\r\n")
        .await
        .unwrap();
    let mut slow_again = connect().await;
    let first = b"GET /v1/benefits HTTP/1.1\r\nHost: a\r\n\r\nGET /v1/benefits HTTP/1.1\r\nHost";
    slow_again.write_all(first).await.unwrap();
    let mut giant = connect().await;
    let head = format!(
        "GET /v1/benefits HTTP/1.1\r\nAuthorization: {}\r\n\r\n",
        "x".repeat(40_000)
    );
    giant.write_all(head.as_bytes()).await.unwrap();

    let answer = intake.post(&person(1)).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert!(rest(&mut giant).await.starts_with("HTTP/1.1 431 "));
    assert!(rest(&mut slow).await.starts_with("HTTP/1.1 408 "));
    let said = rest(&mut slow_again).await;
    assert_eq!(said.matches("HTTP/1.1 200 ").count(), 1, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_with_as_much_in_work_as_one_may_keeps_nobody_else_out() {
    let sandbox = Sandbox::queue().await;
    let settings = [
        ("CITIZEN_REQUESTS_PER_MINUTE", "0"),
        ("CITIZEN_REQUESTS_AT_ONCE", "2"),
    ];
    let intake = Intake::start_with(sandbox.amqp_url(), &settings).await;
    let (anna, bruno) = (person(1), person(2));
    let address = intake.url().strip_prefix("http://").unwrap();
    let head = format!(
        "POST /v1/applications HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {}\r\nIdempotency-Key: slow\r\n\
         Content-Type: application/json\r\nContent-Length: 10\r\n\r\n",
        intake.issuer.token(&anna)
    );
    let mut slow = Vec::new();
    let answer = eventually(WITHIN, async || {
        // more each time: a busy machine sheds them, as any request
        for _ in 0..2 {
            let mut connection = TcpStream::connect(address).await.unwrap();
            connection.write_all(head.as_bytes()).await.unwrap();
            slow.push(connection);
        }
        let answer = intake.post(&anna).send().await.unwrap();
        (answer.status() == 429).then_some(answer)
    })
    .await;
    assert_eq!(answer.headers()["retry-after"], "1");
    assert_eq!(intake.post(&bruno).send().await.unwrap().status(), 202);
    drop(slow);
    eventually(WITHIN, async || {
        intake.post(&anna).send().await.unwrap().status() == 202
    })
    .await;
}
