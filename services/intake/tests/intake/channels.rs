//! Closed channels: by hours of the clock in Italy, and by channel settings, on every process.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::time::{Duration, Instant};

use crate::common::{Intake, WITHIN, content, person};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sportello_testkit::{Sandbox, broker, eventually};

const INDEMNITY: &str = "indemnity-march-2020";

/// Hours of citizens that are over or to come, and of intermediaries that include now; far from any
/// change of clocks.
fn hours() -> (&'static str, &'static str) {
    let hour = Timestamp::now()
        .to_zoned(TimeZone::get("Europe/Rome").unwrap())
        .hour();
    if hour < 12 {
        ("13:00-23:00", "23:00-13:00")
    } else {
        ("05:00-11:00", "11:00-05:00")
    }
}

/// Changes the benefit's file, and waits until the sign of the citizens' channel shows it.
async fn declare(intake: &Intake, change: impl Fn(&str) -> String, is_shown: impl Fn(&Value) -> bool) {
    let file = intake.catalogue().join(format!("{INDEMNITY}.toml"));
    let changed: Vec<_> = fs::read_to_string(&file).unwrap().lines().map(change).collect();
    fs::write(&file, changed.join("\n")).unwrap();
    eventually(WITHIN, async || is_shown(&sign(intake, "citizen").await)).await;
}

async fn sign(intake: &Intake, channel: &str) -> Value {
    let signs: Value = intake
        .get(&format!("/v1/benefits/{INDEMNITY}/channels"))
        .await
        .json()
        .await
        .unwrap();
    let items = signs["items"].as_array().unwrap();
    items
        .iter()
        .find(|item| item["channel"] == channel)
        .unwrap()
        .clone()
}

async fn apply(intake: &Intake) -> Response {
    intake.post(&person(1)).send().await.unwrap()
}

/// The problem of a channel that is closed.
async fn refused(intake: &Intake) -> (Option<u64>, Value) {
    let answer = apply(intake).await;
    assert_eq!(answer.status(), 403);
    let retry_after = answer.headers().get("retry-after");
    let retry_after = retry_after.map(|value| value.to_str().unwrap().parse().unwrap());
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["type"], "urn:sportello:problem:channel-closed");
    (retry_after, problem)
}

/// Sets the citizens' channel.
async fn set(intake: &Intake, token: &str, body: &Value) -> Response {
    let url = format!("{}/v1/benefits/{INDEMNITY}/channels/citizen", intake.url());
    let request = intake.client().request(Method::PUT, url).bearer_auth(token);
    request.json(body).send().await.unwrap()
}

async fn is_set(intake: &Intake, position: &str) {
    let token = intake.issuer.operator_token("olga");
    let body = json!({ "position": position, "reason": "a reason for a test" });
    let answer = set(intake, &token, &body).await;
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.json::<Value>().await.unwrap()["position"], position);
}

#[tokio::test(flavor = "multi_thread")]
async fn outside_its_hours_a_channel_says_when_it_opens_and_the_other_is_not_touched() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    assert_eq!(apply(&intake).await.status(), 202);
    let (citizen, intermediary) = hours();
    let with_hours = |line: &str| match line {
        "[opening]" => {
            format!("[windows]\ncitizen = [\"{citizen}\"]\nintermediary = [\"{intermediary}\"]\n\n[opening]")
        }
        line => line.to_owned(),
    };
    declare(&intake, with_hours, |sign| sign["open"] == false).await;

    let (retry_after, problem) = refused(&intake).await;
    let opens_at: Timestamp = problem["opens_at"].as_str().unwrap().parse().unwrap();
    let in_rome = opens_at.to_zoned(TimeZone::get("Europe/Rome").unwrap());
    assert_eq!(in_rome.strftime("%H:%M").to_string(), citizen[..5]);
    let seconds = opens_at.duration_since(Timestamp::now()).as_secs().unsigned_abs();
    assert!(retry_after.unwrap().abs_diff(seconds) <= 60);
    assert_eq!(sign(&intake, "citizen").await["opens_at"], problem["opens_at"]);
    assert_eq!(sign(&intake, "intermediary").await["open"], true);

    let organisation = "patronato-aurora";
    let mut content = content(&person(2));
    content["mandate"] = json!("PA-1");
    let request = intake.post(&person(2)).json(&content);
    let (client, request) = request.build_split();
    let mut request = request.unwrap();
    let token = intake.issuer.organisation_token(organisation);
    request
        .headers_mut()
        .insert("authorization", format!("Bearer {token}").parse().unwrap());
    assert_eq!(client.execute(request).await.unwrap().status(), 202);
}

#[tokio::test(flavor = "multi_thread")]
async fn before_its_opening_a_benefit_says_when_and_after_its_closing_that_it_is_over() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let line_of = |key: &'static str, value: &'static str| {
        move |line: &str| {
            if line.starts_with(key) {
                format!("{key} = {value}")
            } else {
                line.to_owned()
            }
        }
    };
    let later = line_of("opens", "2099-01-01T08:00:00+01:00");
    declare(&intake, later, |sign| sign["open"] == false).await;
    let (_, problem) = refused(&intake).await;
    assert_eq!(problem["opens_at"], "2099-01-01T07:00:00Z");

    let (opened, over) = (
        line_of("opens", "2020-04-01T08:00:00+02:00"),
        line_of("closes", "2021-01-01T00:00:00+01:00"),
    );
    declare(
        &intake,
        |line| over(&opened(line)),
        |sign| sign["opens_at"].is_null(),
    )
    .await;
    let (retry_after, problem) = refused(&intake).await;
    assert_eq!((retry_after, &problem["opens_at"]), (None, &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_closes_and_opens_a_channel_on_every_process_at_once() {
    let sandbox = Sandbox::queue().await;
    let (one, other) = tokio::join!(Intake::over(&sandbox), Intake::over(&sandbox));
    is_set(&one, "closed").await;
    assert_eq!(apply(&one).await.status(), 403, "at once where it was set");
    eventually(WITHIN, async || apply(&other).await.status() == 403).await;
    let (retry_after, problem) = refused(&other).await;
    assert_eq!((retry_after, &problem["opens_at"]), (None, &Value::Null));
    assert_eq!(sign(&other, "intermediary").await["open"], true);

    let third = Intake::over(&sandbox).await;
    assert_eq!(apply(&third).await.status(), 403, "who starts later knows it");
    is_set(&third, "scheduled").await;
    for process in [&one, &other] {
        eventually(WITHIN, async || apply(process).await.status() == 202).await;
    }

    let opened_late = |line: &str| match line {
        line if line.starts_with("opens") => "opens = 2099-01-01T08:00:00+01:00".to_owned(),
        line => line.to_owned(),
    };
    declare(&third, opened_late, |sign| sign["open"] == false).await;
    refused(&third).await;
    is_set(&third, "open").await;
    assert_eq!(apply(&third).await.status(), 202, "whatever its file says");
    for process in [one, other, third] {
        assert!(!process.log().contains("olga"), "the operator is in the log");
        process.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_an_operator_set_outlives_the_end_of_every_process_and_of_the_broker() {
    let mut broker = broker().await;
    let intake = Intake::start(&broker.url()).await;
    // a queue that is younger at the kill of the broker is lost: it writes down within 3 s that
    // there is a new one
    let made = Instant::now();
    eventually(WITHIN, async || made.elapsed() > Duration::from_secs(6)).await;
    is_set(&intake, "closed").await;
    // dropped without a word, as by `kill -9`
    drop(intake);
    let intake = Intake::start(&broker.url()).await;
    assert_eq!(apply(&intake).await.status(), 403);
    broker.kill().await.unwrap();
    broker.start().await.unwrap();
    eventually(WITHIN, async || apply(&intake).await.status() == 403).await;
    drop(intake);
    let intake = Intake::start(&broker.url()).await;
    assert_eq!(apply(&intake).await.status(), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_operator_sets_a_channel_and_only_to_what_there_is() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let good = json!({ "position": "closed", "reason": "a reason for a test" });
    let organisation = "patronato-aurora";
    for token in [
        intake.issuer.token(&person(1)),
        intake.issuer.organisation_token(organisation),
    ] {
        let answer = set(&intake, &token, &good).await;
        assert_eq!(answer.status(), 403);
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], "urn:sportello:problem:role-not-allowed");
    }
    let operator = intake.issuer.operator_token("olga");
    for (body, pointers) in [
        (json!({}), vec!["/position", "/reason"]),
        (
            json!({ "position": "shut", "reason": "short" }),
            vec!["/position", "/reason"],
        ),
        (
            json!({ "position": "open", "reason": "a good reason", "until": "noon" }),
            vec!["/until"],
        ),
        (json!([]), vec![""]),
    ] {
        let answer = set(&intake, &operator, &body).await;
        assert_eq!(answer.status(), 422, "{body}");
        let problem: Value = answer.json().await.unwrap();
        let violations = problem["violations"].as_array().unwrap().iter();
        let found: Vec<_> = violations
            .map(|violation| violation["pointer"].as_str().unwrap())
            .collect();
        assert_eq!(found, pointers, "{body}");
    }
    for path in [
        "nothing-2020/channels/citizen",
        "indemnity-march-2020/channels/window",
        "X/channels/citizen",
    ] {
        let url = format!("{}/v1/benefits/{path}", intake.url());
        let answer = intake
            .client()
            .put(url)
            .bearer_auth(&operator)
            .json(&good)
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), 404, "{path}");
    }
    assert_eq!(
        intake.get("/v1/benefits/nothing-2020/channels").await.status(),
        404
    );
    assert_eq!(apply(&intake).await.status(), 202, "nothing was closed");
}
