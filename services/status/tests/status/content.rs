//! The content is shown to its holders, and to operators who give a reason.

use serde_json::json;
use sportello_testkit::Sandbox;

use crate::support::{Status, intermediary, people};

#[tokio::test(flavor = "multi_thread")]
async fn both_holders_and_an_operator_with_a_reason_get_the_same_bytes() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let aurora = intermediary("patronato-aurora");
    let (application, _) = status.sent_by(&aurora, &anna, "k-1", "2020-04-01T07:00:00Z");
    status.register(&application).await;
    let path = format!("/v1/applications/{}/content", application.id);
    let to_anna = status.ask(&status.issuer.token(&anna), &path, &[]).await;
    let to_aurora = status
        .ask(&status.issuer.organisation_token("patronato-aurora"), &path, &[])
        .await;
    let why = [("Access-Reason", "reclamo n. 42: perché l’IBAN è errato")];
    let to_olga = status
        .ask(&status.issuer.operator_token("olga"), &path, &why)
        .await;
    assert_eq!(
        to_anna.json(),
        json!({
            "id": application.id.to_string(),
            "benefit": "indemnity-march-2020",
            "received_at": "2020-04-01T07:00:00Z",
            "content_digest": application.content_digest.to_string(),
            "mandate": "PA-2020/7",
            "applicant": {
                "tax_code": anna.tax_code.as_str(),
                "given_name": anna.given_name,
                "family_name": anna.family_name,
                "iban": "IT60X0542811101000000123456",
            },
            "answers": { "no_pension": true },
        })
    );
    assert_eq!(to_anna, to_aurora);
    assert_eq!(to_anna, to_olga);
    assert_eq!(status.journal().await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_operator_who_does_not_say_why_reads_nothing() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let path = format!("/v1/applications/{}/content", application.id);
    let olga = status.issuer.operator_token("olga");
    let long = "a".repeat(201);
    let without: [&[_]; 5] = [
        &[],
        &[("Access-Reason", "curious")],
        &[("Access-Reason", "               ")],
        &[("Access-Reason", &long)],
        &[
            ("Access-Reason", "a first reason"),
            ("Access-Reason", "a second reason"),
        ],
    ];
    for headers in without {
        let refused = status.ask(&olga, &path, headers).await;
        assert_eq!(refused.status, 400);
        assert_eq!(refused.json()["type"], "urn:sportello:problem:access-reason");
    }
    assert_eq!(status.journal().await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn for_everybody_else_there_is_no_content() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let (queued, receipt) = status.application(&anna, "k-2");
    let (annas, brunos) = (status.issuer.token(&anna), status.issuer.token(&bruno));
    let (olga, caf) = (
        status.issuer.operator_token("olga"),
        status.issuer.organisation_token("caf-borea"),
    );
    let path = format!("/v1/applications/{}", application.id);
    let content = format!("{path}/content");
    let why = [("Access-Reason", "a good and lawful reason")];

    let nobodys = "/v1/applications/018f0000-0000-8000-8000-000000000000/content";
    let not_there = status.ask(&annas, nobodys, &[]).await;
    assert_eq!(not_there.status, 404);
    // a reason is an operator's; an application that is still on its way has its content in
    // out of every caller's reach
    assert_eq!(status.ask(&brunos, &content, &why).await, not_there);
    assert_eq!(status.ask(&caf, &content, &why).await, not_there);
    assert_eq!(status.ask(&olga, nobodys, &why).await, not_there);
    let waiting = format!("/v1/applications/{}/content", queued.id);
    assert_eq!(
        status.ask(&annas, &waiting, &[("Receipt", &receipt)]).await,
        not_there
    );
    // an operator sees the content and nothing else
    for path in [path.clone(), format!("{path}/status"), format!("{path}/accesses")] {
        assert_eq!(status.ask(&olga, &path, &why).await, not_there, "{path}");
    }
    assert_eq!(status.journal().await, []);
}
