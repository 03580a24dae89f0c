//! Guarantees for the sender of a file in parts, such as a page in a browser.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use crate::common::upload::{ORGANISATION, connect, enqueued, row};
use crate::common::{Intake, person};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sportello_receipt::ReceiptVerifier;
use sportello_testkit::Sandbox;

/// A request with a part: its number and the rows before it.
fn part(intake: &Intake, part: (&str, usize), rows: impl Into<reqwest::Body>) -> RequestBuilder {
    let (number, before) = part;
    intake
        .client()
        .post(format!("{}/v1/batches", intake.url()))
        .bearer_auth(intake.issuer.organisation_token(ORGANISATION))
        .header("Idempotency-Key", "a-file")
        .header("Accept-Language", "en")
        .header("Content-Type", "text/csv")
        .header("Batch-Part", number)
        .header("Row-Offset", before)
        .body(rows)
}

/// Returns the lines of an accepted part: each row's, and the counts of the last line.
async fn send(request: RequestBuilder) -> (Vec<Value>, Value) {
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let text = answer.text().await.unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
    let mut lines: Vec<Value> = lines.collect();
    let last = lines.pop().unwrap();
    (lines, last["batch"].clone())
}

/// Returns a refused request: its status, the problem's name, and the code of the mistake.
async fn refused(request: RequestBuilder) -> (u16, String, String) {
    let answer = request.send().await.unwrap();
    let status = answer.status().as_u16();
    let problem: Value = answer.json().await.unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let name = text(&problem["type"]).replace("urn:sportello:problem:", "");
    (status, name, text(&problem["violations"][0]["code"]))
}

/// Asks for one receipt in place of these.
fn join(intake: &Intake, batch: &Value, receipts: &[&Value]) -> RequestBuilder {
    let id = batch["id"].as_str().unwrap();
    intake
        .client()
        .post(format!("{}/v1/batches/{id}/receipt", intake.url()))
        .bearer_auth(intake.issuer.organisation_token(ORGANISATION))
        .header("Accept-Language", "en")
        .json(&json!({ "receipts": receipts.iter().map(|part| &part["receipt"]).collect::<Vec<_>>() }))
}

async fn joined(intake: &Intake, batch: &Value, receipts: &[&Value]) -> Value {
    let answer = join(intake, batch, receipts).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.json::<Value>().await.unwrap()["batch"].clone()
}

const HEADER: &str = "idempotency_key;/benefit;/category;/mandate;/applicant/tax_code;/applicant/given_name;\
/applicant/family_name;/applicant/iban;/answers/no_pension;/answers/no_citizenship_income;/answers/activity";

/// Rows of a file of persons with these numbers, under the header; the one of 0 is refused.
fn rows(numbers: &[u64]) -> String {
    let row = |number: &u64| match number {
        0 => "key;no-such-benefit".to_owned(),
        number => format!(
            "k-{number};indemnity-march-2020;professionals;PA-1;{};Anna;Verdi;IT60X0542811101000000123456;sì;sì;\
             collaborator",
            person(*number).tax_code.as_str()
        ),
    };
    let rows: Vec<String> = numbers.iter().map(row).collect();
    format!("{HEADER}\r\n{}\r\n", rows.join("\r\n"))
}

#[tokio::test(flavor = "multi_thread")]
async fn parts_lost_doubled_and_out_of_order_are_one_batch() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (_, third) = send(part(&intake, ("3;end", 7), rows(&[8, 9]))).await;
    let (first_lines, first) = send(part(&intake, ("1", 0), rows(&[1, 2, 3]))).await;
    assert_eq!(third["id"], first["id"]);
    // the second is lost, and noticed
    let answer = join(&intake, &first, &[&third, &first]).send().await.unwrap();
    assert_eq!(answer.status(), 422);
    let problem: Value = answer.json().await.unwrap();
    assert_eq!(problem["violations"][0]["code"], "part_missing");
    let message = problem["violations"][0]["message"].as_str().unwrap();
    assert!(message.contains("parts 2 to 2"), "{message}");

    let second = rows(&[4, 0, 6, 7]);
    let (lines, counted) = send(part(&intake, ("2", 3), second.clone())).await;
    let numbers: Vec<_> = lines.iter().map(|line| line["row"].as_u64().unwrap()).collect();
    assert_eq!(numbers, [4, 5, 6, 7]);
    let span = json!({ "first": 2, "last": 2, "end": false, "first_row": 4, "last_row": 7 });
    assert_eq!(counted["parts"], span);
    let (again, doubled) = send(part(&intake, ("2", 3), second)).await;
    let ids = |lines: &[Value]| lines.iter().map(|line| line["id"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&lines), ids(&again));

    let some = joined(&intake, &first, &[&counted, &first]).await;
    for receipts in [
        &[&third, &doubled, &first, &counted][..],
        &[&some, &third, &counted],
        &[&third, &some, &some],
    ] {
        let whole = joined(&intake, &first, receipts).await;
        assert_eq!(
            [&whole["rows"], &whole["accepted"], &whole["refused"]],
            [&json!(9), &json!(8), &json!(1)]
        );
        let span = json!({ "first": 1, "last": 3, "end": true, "first_row": 1, "last_row": 9 });
        assert_eq!(whole["parts"], span);
        let keys = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
        let receipt = ReceiptVerifier::new(&keys).verify_batch(whole["receipt"].as_str().unwrap());
        assert!(receipt.unwrap().is_whole());
    }
    // every row has its number of the file
    let found = enqueued(&sandbox, 8).await;
    let placed = |lines: &[Value]| {
        for line in lines.iter().filter(|line| line["id"].is_string()) {
            let batch = found[line["id"].as_str().unwrap()].application.batch.unwrap();
            assert_eq!(json!([batch.id, batch.row]), json!([first["id"], line["row"]]));
        }
    };
    placed(&first_lines);
    placed(&lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_of_parts_need_not_read_before_all_is_sent() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    // answers of several megabytes
    let rows = format!("{{\"application\":\"{}\"}}\n", "x".repeat(20)).repeat(12_000);
    let head = format!(
        "POST /v1/batches HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/x-ndjson\r\nBatch-Part: 1;end\r\nRow-Offset: 0\r\nContent-Length: {}\r\n\r\n",
        intake.issuer.organisation_token(ORGANISATION),
        rows.len()
    );
    let (mut sender, mut answer) = connect(&intake, &head).await;
    sender.raw(rows.as_bytes()).await.unwrap();
    assert_eq!(answer.head().await.status, 202);
    let lines = answer.lines().await;
    assert_eq!(lines.len(), 12_001);
    assert_eq!(lines[12_000]["batch"]["refused"], 12_000);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_in_two_parts_is_one_application() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (first, _) = send(part(&intake, ("1", 0), rows(&[1, 2, 1]))).await;
    let repeated = &first[2]["problem"]["violations"][0];
    assert_eq!(repeated["code"], "key_repeated", "within a part it is refused");
    let (second, _) = send(part(&intake, ("2;end", 3), rows(&[1]))).await;
    assert_eq!(first[0]["id"], second[0]["id"]);
    assert_eq!(enqueued(&sandbox, 2).await.len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_part_is_reported_before_anything_is_accepted() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    for (number, before) in [("0", 0), ("1;last", 0), ("1", 100_001)] {
        let (status, name, _) = refused(part(&intake, (number, before), rows(&[1]))).await;
        assert_eq!((status, name.as_str()), (400, "batch-part"), "{number}");
    }
    for header in ["Batch-Part", "Row-Offset"] {
        let request = crate::common::with_header(part(&intake, ("1", 0), rows(&[1])), header, None);
        assert_eq!(refused(request).await.0, 400, "{header}");
    }
    let large = format!("{}\n{}", rows(&[1]), " ".repeat(512 * 1024));
    assert_eq!(refused(part(&intake, ("1", 0), large)).await.1, "too-large");
    let (status, name, _) = refused(part(&intake, ("2", 100_000), rows(&[1]))).await;
    assert_eq!((status, name.as_str()), (413, "too-many-rows"));
    // the blank lines at the end of a file are a part without rows
    let (lines, counted) = send(part(&intake, ("2;end", 3), format!("{HEADER}\n;;\n\n"))).await;
    assert_eq!((lines.len(), &counted["rows"]), (0, &json!(0)));
    let (_, first) = send(part(&intake, ("1", 0), rows(&[1, 2, 3]))).await;
    let whole = joined(&intake, &first, &[&first, &counted]).await;
    assert_eq!(
        [&whole["rows"], &whole["parts"]["end"]],
        [&json!(3), &json!(true)]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_added_up_for_their_sender_alone() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (lines, batch) = send(part(&intake, ("1;end", 0), rows(&[1]))).await;
    let as_other = |token: String| {
        let token = format!("Bearer {token}");
        crate::common::with_header(join(&intake, &batch, &[&batch]), "authorization", Some(&token))
    };
    let borea = intake.issuer.organisation_token("caf-borea");
    assert_eq!(
        refused(as_other(borea)).await,
        (422, "batch-parts".into(), "not_a_part".into())
    );
    let citizen = intake.issuer.token(&person(1));
    assert_eq!(refused(as_other(citizen)).await.0, 403);
    let other = json!({ "id": "018f0000-0000-8000-8000-000000000000" });
    assert_eq!(refused(join(&intake, &other, &[&batch])).await.2, "not_a_part");
    assert_eq!(
        refused(join(&intake, &json!({ "id": "x" }), &[&batch])).await.0,
        404
    );
    // that of an application, of a whole file, and none at all
    assert_eq!(refused(join(&intake, &batch, &[&lines[0]])).await.2, "not_a_part");
    let whole = part(&intake, ("1", 0), row("w", &person(2)));
    let whole = crate::common::with_header(whole, "batch-part", None);
    let whole = crate::common::with_header(whole, "row-offset", None);
    let whole = crate::common::with_header(whole, "content-type", Some("application/x-ndjson"));
    let (_, whole) = send(whole).await;
    assert_eq!(
        refused(join(&intake, &batch, &[&batch, &whole])).await.2,
        "not_a_part"
    );
    assert_eq!(refused(join(&intake, &batch, &[])).await.2, "unexpected");
    let bad = join(&intake, &batch, &[]).body("{\"receipts\":[1]}");
    assert_eq!(refused(bad).await.0, 422);
}
