//! Dead letters: found, looked at with a reason, decided upon once.

use reqwest::Method;
use serde_json::{Value, json};
use sportello_testkit::Sandbox;
use sqlx::{Connection as _, PgConnection};

use crate::support::{Change, Console, REASON};

/// Puts a letter into the table, as a worker would, and returns its id.
async fn letter(sandbox: &Sandbox, number: i64) -> String {
    let mut connection = PgConnection::connect(sandbox.database_url()).await.unwrap();
    let id: uuid::Uuid = sqlx::query_scalar(
        "insert into dead_letters (
            source, holds, channel, process, number, item, application_id, benefit, reason, detail,
            dead_lettered_at, message_digest, body
        ) values (
            'dead_letter', 'application', 'citizen', 1, $1, 0, gen_random_uuid(), 'indemnity-march-2020',
            'unknown_benefit', 'no such benefit', now(), sha256('x'), 'no envelope'
        ) returning id",
    )
    .bind(number)
    .fetch_one(&mut connection)
    .await
    .unwrap();
    id.to_string()
}

fn decision<'a>(path: &'a str, operator: &'a str, seen: i64, key: &'a str) -> Change<'a> {
    Change {
        method: Method::POST,
        path,
        operator,
        seen: Some(seen),
        key,
        body: json!({ "reason": REASON }),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn letters_are_found_by_their_filters_and_counted() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    for number in 0..3 {
        letter(&sandbox, number).await;
    }
    let page = console
        .json("/v1/dead-letters?state=open&reason=unknown_benefit&limit=2")
        .await;
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    assert_eq!(page["selected"], 3);
    let next = page["next"].as_str().unwrap();
    let rest = console
        .json(&format!("/v1/dead-letters?limit=2&after={next}"))
        .await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        console.json("/v1/dead-letters?benefit=another").await["selected"],
        0
    );
    assert_eq!(console.get("/v1/dead-letters?state=nowhere").await.status(), 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_content_is_shown_only_with_a_reason() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let id = letter(&sandbox, 1).await;
    let path = format!("/v1/dead-letters/{id}/content");
    assert_eq!(console.get(&path).await.status(), 400);
    let read = console
        .request(Method::GET, &path, "olga")
        .header("Access-Reason", REASON);
    let read = read.send().await.unwrap();
    assert_eq!(read.status(), 200);
    let content: Value = read.json().await.unwrap();
    // it is no envelope: the whole message
    assert_eq!(content["base64"], "bm8gZW52ZWxvcGU=");
    assert!(content.get("text").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_of_two_decisions_counts_and_the_second_is_refused_with_it() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let id = letter(&sandbox, 1).await;
    let discard = format!("/v1/dead-letters/{id}/discard");
    let requeue = format!("/v1/dead-letters/{id}/requeue");
    let made = console.change(decision(&discard, "olga", 1, "a")).await;
    assert_eq!(made.status(), 200);
    let made: Value = made.json().await.unwrap();
    assert_eq!(
        (&made["state"], &made["version"]),
        (&"discarded".into(), &2.into())
    );
    // the same request again is answered with what it did
    assert_eq!(
        console.change(decision(&discard, "olga", 1, "a")).await.status(),
        200
    );

    let refused = console.change(decision(&requeue, "anna", 1, "b")).await;
    assert_eq!(refused.status(), 412);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["changed"]["by"], "olga");
    assert_eq!(refused["current"]["state"], "discarded");
    // with the version of now it is told that this can't be
    assert_eq!(
        console.change(decision(&requeue, "anna", 2, "c")).await.status(),
        409
    );
    let audit = console.json("/v1/audit").await;
    let entries = audit["items"].as_array().unwrap();
    assert_eq!(entries.len(), 1, "{audit}");
    assert_eq!(entries[0]["action"], "discard_letter");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_requeued_only_by_their_exact_number() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    for number in 0..3 {
        letter(&sandbox, number).await;
    }
    let many = |count: u32, key| Change {
        method: Method::POST,
        path: "/v1/requeue-jobs",
        operator: "olga",
        seen: None,
        key,
        body: json!({ "which": { "filter": {} }, "count": count, "reason": REASON }),
    };
    let refused = console.change(many(4, "a")).await;
    assert_eq!(refused.status(), 422);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["violations"][0]["pointer"], "/count");
    assert_eq!(console.json("/v1/requeue-jobs").await["items"], json!([]));

    let job = console.change(many(3, "b")).await;
    assert_eq!(job.status(), 200);
    let job: Value = job.json().await.unwrap();
    assert_eq!(job["letters"], 3);
    // the same request again is the same job
    let again: Value = console.change(many(3, "b")).await.json().await.unwrap();
    assert_eq!(again["job"], job["job"]);
    let path = format!("/v1/requeue-jobs/{}/letters", job["job"].as_str().unwrap());
    assert_eq!(console.json(&path).await["items"].as_array().unwrap().len(), 3);
    let audit = console.json("/v1/audit").await;
    assert_eq!(
        (
            &audit["items"][0]["count"],
            audit["items"].as_array().unwrap().len()
        ),
        (&3.into(), 1)
    );
}
