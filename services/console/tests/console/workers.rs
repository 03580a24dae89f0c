//! The workers' setting: two operators at once never undo each other unseen.

use serde_json::{Value, json};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{Console, REASON, WITHIN, set_workers, workers};

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_the_second_of_two_operators_says_who_when_and_what() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let before = console.get("/v1/workers").await;
    assert_eq!(before.headers()["etag"], "\"0\"");

    let first = set_workers("olga", Some(0), "first", workers(1, 5));
    let made: Value = console.change(first).await.json().await.unwrap();
    assert_eq!(
        (made["version"].as_i64(), made["ceiling"].as_i64()),
        (Some(1), Some(5))
    );
    assert_eq!(made["changed"]["by"], "olga");

    let second = set_workers("anna", Some(0), "second", workers(2, 6));
    let refused = console.change(second).await;
    assert_eq!(refused.status(), 412);
    let problem: Value = refused.json().await.unwrap();
    assert_eq!(problem["type"], "urn:sportello:problem:stale-version");
    assert_eq!(
        (&problem["changed"]["by"], &problem["changed"]["reason"]),
        (&json!("olga"), &json!(REASON))
    );
    assert_eq!(problem["current"]["ceiling"], 5);
    // what was refused changed nothing, and left no entry
    assert_eq!(console.json("/v1/workers").await["ceiling"], 5);
    assert_eq!(
        console.json("/v1/audit").await["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_needs_a_version_a_key_and_a_reason() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let status = async |change| console.change(change).await.status().as_u16();
    assert_eq!(status(set_workers("olga", None, "a", workers(1, 5))).await, 428);
    let mut short = workers(1, 5);
    short["reason"] = json!("because");
    assert_eq!(status(set_workers("olga", Some(0), "b", short)).await, 422);
    assert_eq!(
        status(set_workers("olga", Some(0), "c", workers(6, 5))).await,
        422
    );
    let mut manual = workers(1, 5);
    manual["manual"] = json!({ "workers": 9, "until": "2100-01-01T00:00:00Z" });
    let refused = console.change(set_workers("olga", Some(0), "d", manual)).await;
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["violations"][0]["pointer"], "/manual");
    let keyless = console.request(reqwest::Method::PUT, "/v1/workers", "olga");
    let keyless = keyless.header("If-Match", "\"0\"").json(&workers(1, 5));
    assert_eq!(keyless.send().await.unwrap().status(), 400);
    assert_eq!(console.json("/v1/workers").await["version"], 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_change_again_is_made_once() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    for _ in 0..2 {
        let answer = console
            .change(set_workers("olga", Some(0), "once", workers(1, 5)))
            .await;
        assert_eq!(answer.status(), 200);
        let made: Value = answer.json().await.unwrap();
        assert_eq!(made["version"], 1);
    }
    let other = console
        .change(set_workers("olga", Some(1), "once", workers(1, 6)))
        .await;
    assert_eq!(other.status(), 422);
    let problem: Value = other.json().await.unwrap();
    assert_eq!(problem["type"], "urn:sportello:problem:key-reused");
    assert_eq!(
        console.json("/v1/audit").await["items"].as_array().unwrap().len(),
        1
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_by_hand_is_wanted_until_its_end_and_says_so() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let until = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(1);
    let mut manual = workers(1, 8);
    manual["manual"] = json!({ "workers": 6, "until": until });
    let set = console.change(set_workers("olga", Some(0), "a", manual)).await;
    assert_eq!(set.status(), 200);
    eventually(WITHIN, async || {
        let now = console.json("/v1/workers").await["now"].clone();
        now["wanted"]["value"] == 6 && now["why"][0]["code"] == "manual"
    })
    .await;
}
