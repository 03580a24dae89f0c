//! Guarantees for a sender of many applications at once.

use std::collections::BTreeSet;

use crate::common::upload::{
    ORGANISATION, all_ended, application, begin, connect, enqueued, lines, outcome, post, row,
};
use crate::common::{Intake, assert_no_personal_data, person};
use serde_json::{Value, json};
use sportello_domain::ContentDigest;
use sportello_receipt::ReceiptVerifier;
use sportello_testkit::Sandbox;

/// Ten rows, as [`OUTCOMES`] says, with empty lines among them and no end of line at the end.
fn mixed_file() -> String {
    let person = person(1);
    let with = |key: &str, change: &dyn Fn(&mut Value)| {
        let mut row: Value = serde_json::from_str(&row(key, &person)).unwrap();
        change(&mut row);
        row.to_string()
    };
    let long = with("k-4", &|row| {
        row["application"]["answers"]["note"] = json!("x".repeat(70_000))
    });
    [
        format!("\u{feff}{}", row("1", &person)),
        String::new(),
        "{\"idempotency_key\":".into(),
        row("2", &crate::common::person(2)) + "\r",
        with("k-5", &|row| {
            row["application"].as_object_mut().unwrap().remove("mandate");
        }),
        row("1", &person),
        with("k-6", &|row| row["idempotency_key"] = json!("")),
        long,
        "  \r".into(),
        with("k-7", &|row| {
            row["application"]["benefit"] = json!("no-such-benefit")
        }),
        with("k-8", &|row| {
            row["application"]["applicant"]["tax_code"] = json!("RSSMRA80A01H501A")
        }),
        row("3", &crate::common::person(3)),
    ]
    .join("\n")
}

const OUTCOMES: [&str; 10] = [
    "accepted",
    "not-json  not_json",
    "accepted",
    "invalid-application /mandate required",
    "invalid-application /idempotency_key key_repeated",
    "invalid-application /idempotency_key idempotency_key",
    "too-large  ",
    "invalid-application /benefit benefit_unknown",
    "invalid-application /applicant/tax_code tax_code_check_character",
    "accepted",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_row_has_its_answer_in_order_whatever_the_others_are() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let answer = post(&intake, "mixed", mixed_file()).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    assert_eq!(answer.headers()["content-type"], "application/x-ndjson");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let answers = lines(&answer.text().await.unwrap());

    let (end, rows) = answers.split_last().unwrap();
    let numbers: Vec<_> = rows.iter().map(|line| line["row"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=10).collect::<Vec<_>>());
    let outcomes: Vec<_> = rows.iter().map(outcome).collect();
    assert_eq!(outcomes, OUTCOMES);
    let batch = &end["batch"];
    assert_eq!(
        [&batch["rows"], &batch["accepted"], &batch["refused"]],
        [&json!(10), &json!(3), &json!(7)]
    );
    let id = batch["id"].as_str().unwrap();
    assert_eq!(location, format!("https://status.example/v1/batches/{id}"));

    let keys = intake.get("/.well-known/jwks.json").await.json().await.unwrap();
    let verifier = ReceiptVerifier::new(&keys);
    let receipt = verifier.verify_batch(batch["receipt"].as_str().unwrap()).unwrap();
    assert_eq!(receipt.batch_id.to_string(), id);
    assert_eq!((receipt.rows, receipt.accepted), (10, 3));
    let first = verifier.verify(rows[0]["receipt"].as_str().unwrap()).unwrap();
    let sent = application(&person(1)).to_string();
    assert_eq!(first.content_digest, ContentDigest::of(sent.as_bytes()));

    let found = enqueued(&sandbox, 3).await;
    let third = &found[rows[9]["id"].as_str().unwrap()].application;
    assert_eq!(
        third.batch.map(|row| (row.id.to_string(), row.row)),
        Some((id.into(), 10))
    );
    assert_no_personal_data(&intake.log(), &person(1));
    let metrics = intake.get("/metrics").await.text().await.unwrap();
    assert!(metrics.contains("sportello_batches_rows_total{"), "{metrics}");
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_files_with_the_same_row_keys_join_no_two_people() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let file = |first: u64| {
        let rows = (0..3).map(|number| row(&number.to_string(), &person(first + number)));
        rows.collect::<Vec<_>>().join("\n")
    };
    let send = async |key, file| {
        lines(
            &post(&intake, key, file)
                .send()
                .await
                .unwrap()
                .text()
                .await
                .unwrap(),
        )
    };
    let monday = send("monday", file(1)).await;
    let tuesday = send("tuesday", file(11)).await;
    let again = send("tuesday", file(11)).await;
    let ids = |lines: &[Value]| -> Vec<Value> { lines[..3].iter().map(|line| line["id"].clone()).collect() };
    assert_eq!(ids(&tuesday), ids(&again), "a retry stays one application");
    let found = enqueued(&sandbox, 6).await;
    let applicants: BTreeSet<_> = found
        .values()
        .map(|received| received.application.application.applicant.tax_code.as_str())
        .collect();
    assert_eq!(applicants.len(), 6);
    assert!(ids(&monday).iter().all(|id| !ids(&tuesday).contains(id)));
    assert!(found.values().all(|received| received.application.hours_judged));
    intake.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_organisation_sends_so_many_for_one_applicant_a_day() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let send = async |key, rows: Vec<String>| {
        let answer = post(&intake, key, rows.join("\n")).send().await.unwrap();
        lines(&answer.text().await.unwrap())
    };
    let many = (0..22).map(|number| row(&number.to_string(), &person(1)));
    let many: Vec<_> = many.chain([row("other", &person(2))]).collect();
    for key in ["one", "again"] {
        let answers = send(key, many.clone()).await;
        let outcomes: Vec<_> = answers[..23].iter().map(outcome).collect();
        let accepted = |outcomes: &[String]| outcomes.iter().all(|outcome| outcome == "accepted");
        assert!(
            accepted(&outcomes[..20]) && accepted(&outcomes[22..]),
            "{outcomes:?}"
        );
        assert_eq!(outcomes[20..22], ["too-many-for-applicant  "; 2]);
        assert_eq!(answers[23]["batch"]["accepted"], 21);
    }
    let alone = |number| {
        let url = format!("{}/v1/applications", intake.url());
        let request = intake.client().post(url).header("Idempotency-Key", "alone");
        let token = intake.issuer.organisation_token(ORGANISATION);
        request
            .bearer_auth(token)
            .json(&application(&person(number)))
            .send()
    };
    let answer = alone(1).await.unwrap();
    assert_eq!(answer.status(), 429);
    let retry_after = answer.headers()["retry-after"].to_str().unwrap().parse::<u32>();
    assert!((1..=86_400 / 20).contains(&retry_after.unwrap()));
    assert_eq!(alone(2).await.unwrap().status(), 202);
    assert_eq!(
        intake.post(&person(1)).send().await.unwrap().status(),
        202,
        "their own"
    );
    intake.stop().await;
}

const TABLE: &str = "idempotency_key,/benefit,/category,/mandate,/applicant/tax_code,/applicant/given_name,\
/applicant/family_name,/applicant/iban,/answers/no_pension,/answers/no_citizenship_income,/answers/activity";

/// A record of [`TABLE`].
fn record(key: &str, tax_code: &str) -> String {
    format!(
        "{key},indemnity-march-2020,professionals,PA-1,{tax_code},Anna,Verdi,IT60X0542811101000000123456,true,true,\
         collaborator"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_may_come_as_a_table() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let table = |rows: &[&str]| {
        let request = post(&intake, "table", rows.join("\r\n"));
        crate::common::with_header(request, "content-type", Some("text/csv; charset=utf-8"))
    };
    let good = record("1", person(1).tax_code.as_str());
    let bad = record("2", "RSSMRA80A01H501A");
    let answer = table(&[TABLE, &good, &bad]).send().await.unwrap();
    assert_eq!(answer.status(), 202);
    let lines = lines(&answer.text().await.unwrap());
    assert_eq!(outcome(&lines[0]), "accepted");
    assert_eq!(
        outcome(&lines[1]),
        "invalid-application /applicant/tax_code tax_code_check_character"
    );
    assert_eq!(lines[2]["batch"]["rows"], 2);

    let answer = table(&["shoe_size", "42"]).send().await.unwrap();
    assert!(answer.status().is_client_error());
    assert_eq!(answer.headers()["content-type"], "application/problem+json");
    assert_eq!(enqueued(&sandbox, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_come_while_rows_are_still_being_sent() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let (mut sender, mut answer) = begin(&intake, "slow").await;
    for number in 1..=3 {
        let line = row(&format!("k-{number}"), &person(number)) + "\n";
        // in two pieces
        sender.send(&line[..100]).await;
        sender.send(&line[100..]).await;
        if number == 1 {
            assert_eq!(answer.head().await.status, 202);
        }
        let line = answer.line().await.unwrap();
        assert_eq!(
            (&line["row"], outcome(&line)),
            (&json!(number), "accepted".into())
        );
    }
    sender.end().await;
    assert_eq!(answer.line().await.unwrap()["batch"]["rows"], 3);
    assert_eq!(answer.line().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sender_may_say_the_length_and_wait_for_100_continue() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let rows = [row("1", &person(1)) + "\n", row("2", &person(2))];
    let head = format!(
        "POST /v1/batches HTTP/1.1\r\nHost: intake\r\nAuthorization: Bearer {}\r\nIdempotency-Key: k\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: {}\r\nExpect: 100-continue\r\n\r\n",
        intake.issuer.organisation_token(ORGANISATION),
        rows.iter().map(String::len).sum::<usize>()
    );
    let (mut sender, mut answer) = connect(&intake, &head).await;
    sender.raw(rows[0].as_bytes()).await.unwrap();
    assert_eq!(answer.head().await.status, 202);
    assert_eq!(answer.line().await.unwrap()["row"], 1);
    sender.raw(rows[1].as_bytes()).await.unwrap();
    assert_eq!(answer.line().await.unwrap()["row"], 2);
    assert_eq!(answer.line().await.unwrap()["batch"]["accepted"], 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_what_is_no_upload_says_what_to_mend_before_anything_is_accepted() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let good = row("1", &person(1));
    let with = |name, value| crate::common::with_header(post(&intake, "k", good.clone()), name, value);
    let citizen = format!("Bearer {}", intake.issuer.token(&person(1)));
    let operator = format!("Bearer {}", intake.issuer.operator_token("op-1"));
    for (request, status, name) in [
        (with("authorization", None), 401, "token-missing"),
        (with("authorization", Some(&citizen)), 403, "role-not-allowed"),
        (with("authorization", Some(&operator)), 403, "role-not-allowed"),
        (with("idempotency-key", None), 400, "idempotency-key"),
        (with("content-type", None), 415, "media-type"),
        (with("content-type", Some("application/json")), 415, "media-type"),
        (with("content-encoding", Some("gzip")), 415, "content-coding"),
        (post(&intake, "k", ""), 422, "invalid-application"),
        (post(&intake, "k", "\n \r\n"), 422, "invalid-application"),
    ] {
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), status, "{name}");
        assert_eq!(answer.headers()["content-type"], "application/problem+json");
        assert_eq!(answer.headers()["cache-control"], "no-store");
        let problem: Value = answer.json().await.unwrap();
        assert_eq!(problem["type"], format!("urn:sportello:problem:{name}"));
    }
    let (mut sender, mut answer) = begin(&intake, "silent").await;
    sender.send("{").await;
    assert_eq!(answer.head().await.status, 408);
    all_ended(&intake).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn uploads_of_one_organisation_at_once_are_bounded() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let mut uploads = Vec::new();
    for number in 0..4 {
        let (mut sender, mut answer) = begin(&intake, &format!("b-{number}")).await;
        sender.send("{}\n").await;
        assert_eq!(answer.head().await.status, 202);
        uploads.push((sender, answer));
    }
    let fifth = post(&intake, "b-5", row("1", &person(1))).send().await.unwrap();
    assert_eq!(fifth.status(), 429);
    assert!(fifth.headers().contains_key("retry-after"));
    let single = crate::common::with_header(
        intake.post(&person(1)).json(&application(&person(1))),
        "authorization",
        Some(&format!(
            "Bearer {}",
            intake.issuer.organisation_token(ORGANISATION)
        )),
    );
    assert_eq!(single.send().await.unwrap().status(), 202);
    drop(uploads);
    all_ended(&intake).await;
    let sixth = post(&intake, "b-6", row("1", &person(1))).send().await.unwrap();
    assert_eq!(sixth.status(), 202);
}
