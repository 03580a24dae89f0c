//! Channels: the closed sign, with author and reason.

use reqwest::Method;
use serde_json::{Value, json};
use sportello_testkit::{Sandbox, eventually};

use crate::support::{Change, Console, REASON, WITHIN};

const PATH: &str = "/v1/benefits/indemnity-march-2020/channels/citizen";

fn set<'a>(operator: &'a str, seen: i64, key: &'a str, position: &str) -> Change<'a> {
    Change {
        method: Method::PUT,
        path: PATH,
        operator,
        seen: Some(seen),
        key,
        body: json!({ "position": position, "reason": REASON }),
    }
}

async fn citizens(console: &Console) -> Value {
    let channels = console.json("/v1/channels").await;
    let mut channels = channels["items"].as_array().unwrap().iter();
    let found = channels.find(|it| it["benefit"] == "indemnity-march-2020" && it["channel"] == "citizen");
    found.unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_operators_at_two_consoles_is_refused_with_what_the_first_did() {
    let sandbox = Sandbox::both().await;
    let one = Console::start(&sandbox, &[]).await;
    let two = Console::beside(&sandbox, &[]).await;
    eventually(WITHIN, async || two.get("/v1/channels").await.status() == 200).await;

    let closed = one.change(set("olga", 0, "a", "closed")).await;
    assert_eq!(closed.status(), 200);
    let closed: Value = closed.json().await.unwrap();
    assert_eq!(
        (&closed["position"], &closed["open"]),
        (&"closed".into(), &false.into())
    );
    eventually(WITHIN, async || citizens(&two).await["version"] == 1).await;

    let refused = two.change(set("anna", 0, "b", "open")).await;
    assert_eq!(refused.status(), 412);
    let refused: Value = refused.json().await.unwrap();
    assert_eq!(refused["changed"]["by"], "olga");
    assert_eq!(refused["current"]["position"], "closed");

    let opened = two.change(set("anna", 1, "c", "open")).await;
    assert_eq!(opened.status(), 200);
    eventually(WITHIN, async || citizens(&one).await["changed"]["by"] == "anna").await;
    let audit = one.json("/v1/audit").await;
    let done: Vec<&str> = audit["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|it| it["by"].as_str())
        .collect();
    assert_eq!(done, ["anna", "olga"]);
}
