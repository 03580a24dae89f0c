//! How the secret for ids changes while holders show receipts.

use sportello_domain::{BatchReceipt, IdSecret, IdempotencyKey};
use sportello_testkit::{Issuer, Sandbox};

use crate::support::{Status, intermediary, people};

const BEFORE: &str = "before-before-before-before-before";
const NOW: &str = "now-now-now-now-now-now-now-now-now-now";
const SETTING: &str = "APPLICATION_ID_SECRET";
const PREVIOUS: &str = "APPLICATION_ID_SECRET_PREVIOUS";

fn secret(text: &str) -> IdSecret {
    IdSecret::new(&text.into()).unwrap()
}

async fn start(sandbox: &Sandbox, settings: &[(&str, &str)]) -> Status {
    Status::start_with(sandbox.database_url(), Issuer::new(), settings).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_accepted_under_the_secret_before_keeps_its_id_and_its_receipt() {
    let sandbox = Sandbox::database().await;
    let (anna, bruno) = people();
    let mut status = start(&sandbox, &[(SETTING, NOW), (PREVIOUS, BEFORE)]).await;
    for of in [BEFORE, NOW] {
        status.secret = secret(of);
        let (application, receipt) = status.application(&anna, "k-1");
        let id = application.id.to_string();
        for path in [id.clone(), format!("{id}/status")] {
            let asked = async |person, receipt| status.get(person, &path, receipt).await.status();
            assert_eq!(asked(&anna, Some(&receipt)).await, 200, "{of}");
            assert_eq!(asked(&bruno, Some(&receipt)).await, 404, "{of}");
        }
        status.register(&application).await;
        let path = format!("/v1/applications/{id}");
        let view = status.ask(&status.issuer.token(&anna), &path, &[]).await.json();
        assert_eq!(
            (&view["id"], &view["status"] == "queued"),
            (&id.into(), false),
            "{of}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_of_a_secret_that_is_not_set_any_more_proves_nothing() {
    let sandbox = Sandbox::database().await;
    let (anna, _) = people();
    let mut status = start(&sandbox, &[(SETTING, NOW)]).await;
    status.secret = secret(BEFORE);
    let (registered, _) = status.application(&anna, "k-1");
    let (queued, receipt) = status.application(&anna, "k-2");
    let id = queued.id.to_string();
    assert_eq!(status.get(&anna, &id, Some(&receipt)).await.status(), 404);
    // a registered application needs no receipt
    status.register(&registered).await;
    let id = registered.id.to_string();
    assert_eq!(status.get(&anna, &id, None).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batchs_receipt_of_the_secret_before_is_good_while_that_is_set() {
    let sandbox = Sandbox::database().await;
    let (sender, key) = (
        intermediary("patronato-aurora"),
        IdempotencyKey::parse("batch-1").unwrap(),
    );
    let id = secret(BEFORE).batch_id(&sender, &key);
    let receipt = BatchReceipt {
        batch_id: id,
        received_at: "2020-04-01T08:00:00Z".parse().unwrap(),
        rows: 3,
        accepted: 2,
        parts: None,
        holders: vec![secret(BEFORE).holder_tag(id, &sender)],
    };
    let both = [(SETTING, NOW), (PREVIOUS, BEFORE)];
    for (settings, found) in [(&both[..], 200), (&both[..1], 404)] {
        let status = start(&sandbox, settings).await;
        let receipt = status.signer.sign_batch(&receipt).unwrap();
        let token = status.issuer.organisation_token("patronato-aurora");
        let path = format!("/v1/batches/{id}");
        let answer = status.ask(&token, &path, &[("Receipt", &receipt)]).await;
        assert_eq!(answer.status, found, "{}", answer.body);
    }
}
