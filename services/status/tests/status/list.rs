//! Everybody lists their own applications, at an address that is only theirs.

use serde_json::Value;
use sportello_testkit::Sandbox;

use crate::support::{Answer, Status, intermediary, own, people};

fn ids(list: &Answer) -> Vec<String> {
    assert_eq!(list.status, 200, "{}", list.body);
    let items = list.json()["items"].as_array().unwrap().clone();
    let id = |item: &Value| item["id"].as_str().unwrap().to_owned();
    items.iter().map(id).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_lists_their_own_applications_and_nobody_elses() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let (aurora, borea) = (intermediary("patronato-aurora"), intermediary("caf-borea"));
    let (annas, _) = status.application(&anna, "k-1");
    let (for_anna, _) = status.sent_by(&aurora, &anna, "k-2", "2020-04-01T07:00:00Z");
    let (later, _) = status.sent_by(&aurora, &anna, "k-3", "2020-04-01T08:00:00Z");
    let (for_bruno, _) = status.sent_by(&borea, &bruno, "k-4", "2020-04-01T09:00:00Z");
    for application in [&annas, &for_anna, &later, &for_bruno] {
        status.register(application).await;
    }
    let list = async |token: String| status.ask(&token, &own(&token), &[]).await;

    // newest first, for any sender
    let of_anna = list(status.issuer.token(&anna)).await;
    let expected = [later.id, for_anna.id, annas.id].map(|id| id.to_string());
    assert_eq!(ids(&of_anna), expected);
    let of_bruno = list(status.issuer.token(&bruno)).await;
    assert_eq!(ids(&of_bruno), [for_bruno.id.to_string()]);
    let of_aurora = list(status.issuer.organisation_token("patronato-aurora")).await;
    assert_eq!(ids(&of_aurora), expected[..2]);
    let of_borea = list(status.issuer.organisation_token("caf-borea")).await;
    assert_eq!(ids(&of_borea), [for_bruno.id.to_string()]);
    let of_others = list(status.issuer.organisation_token("caf-without-any")).await;
    assert_eq!(of_others.body, r#"{"items":[]}"#);

    let items = &of_anna.json()["items"];
    assert_eq!(
        items[2],
        serde_json::json!({
            "id": annas.id.to_string(),
            "href": format!("https://status.example/v1/applications/{}", annas.id),
            "status": "registered",
            "benefit": "indemnity-march-2020",
            "received_at": "2020-04-01T06:00:00Z",
            "protocol_number": "2020-0000001",
        })
    );
    // the application that stands has another submitter for one of them, and so not all of its
    // holders
    assert_eq!(
        (&items[1]["status"], items[1].get("stands")),
        (&"duplicate".into(), None)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_of_another_token_is_not_there() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let (annas, brunos) = (status.issuer.token(&anna), status.issuer.token(&bruno));
    let operators = status.issuer.operator_token("olga");
    let not_there = status
        .ask(
            &annas,
            "/v1/applications/018f0000-0000-8000-8000-000000000000",
            &[],
        )
        .await;
    assert_eq!(not_there.status, 404);
    for (token, path) in [
        (&brunos, own(&annas)),
        (&annas, own(&brunos)),
        (&annas, own(&annas).replace("/applications", "=/applications")),
        (&annas, "/v1/tokens/me/applications".to_owned()),
        (&operators, own(&annas)),
        // staff have none of their own
        (&operators, own(&operators)),
    ] {
        assert_eq!(status.ask(token, &path, &[]).await, not_there, "{path}");
    }
    let anonymous = status.service.get(&own(&annas)).await;
    assert_eq!(anonymous.status(), 401);
    assert_eq!(status.journal().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_is_read_page_by_page() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let aurora = intermediary("patronato-aurora");
    // three at the same instant
    for (key, minute) in [("1", 1), ("2", 2), ("3", 2), ("4", 2), ("5", 3)] {
        let instant = format!("2020-04-01T07:0{minute}:00Z");
        status
            .register(&status.sent_by(&aurora, &anna, key, &instant).0)
            .await;
    }
    status.register(&status.application(&bruno, "k-1").0).await;
    for token in [
        status.issuer.token(&anna),
        status.issuer.organisation_token("patronato-aurora"),
    ] {
        let all = ids(&status.ask(&token, &own(&token), &[]).await);
        let (mut pages, mut after) = (Vec::new(), String::new());
        loop {
            let page = status
                .ask(&token, &format!("{}?limit=2{after}", own(&token)), &[])
                .await;
            pages.push(ids(&page));
            let Some(next) = page.json()["next"].as_str().map(str::to_owned) else {
                break;
            };
            after = format!("&after={next}");
        }
        assert_eq!(pages.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        assert_eq!(pages.concat(), all);
        // with another's cursor one's own list is read all the same
        let brunos = status.issuer.token(&bruno);
        let page = status
            .ask(
                &brunos,
                &format!("{}?{}", own(&brunos), after.trim_start_matches('&')),
                &[],
            )
            .await;
        assert_eq!(ids(&page).len(), 1);
    }
    let token = status.issuer.token(&anna);
    for query in ["limit=0", "limit=101", "limit=x", "after=1", "limit=1&limit=2"] {
        let refused = status.ask(&token, &format!("{}?{query}", own(&token)), &[]).await;
        assert_eq!(refused.status, 400, "{query}");
        assert_eq!(refused.json()["type"], "urn:sportello:problem:page");
    }
}
