//! Only its holders see the status of an application.

use std::time::Duration;

use serde_json::json;
use sportello_domain::{
    AcceptedApplication, ApplicationId, CatalogueVersion, ContentDigest, Disposal, LotteryTicket, Reason,
    Submitter,
};
use sportello_testkit::{Sandbox, eventually, postgres};

use crate::support::{Status, intermediary, own, people, read};

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_shows_it_queued_and_the_register_what_became_of_it() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (application, receipt) = status.application(&anna, "k-1");
    let id = application.id.to_string();
    let waiting = format!("{id}/status");

    for path in [&id, &waiting] {
        let answer = status.get(&anna, path, Some(&receipt)).await;
        assert_eq!(answer.status(), 200);
        let view = read(answer).await;
        assert_eq!(
            (&view["status"], &view["id"]),
            (&"queued".into(), &id.as_str().into())
        );
        assert!(view.get("protocol_number").is_none());
    }

    status.register(&application).await;
    let answer = status.get(&anna, &waiting, Some(&receipt)).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(
        answer.headers()["location"],
        format!("https://status.example/v1/applications/{id}")
    );
    let view = read(status.get(&anna, &id, None).await).await;
    assert_eq!(view["status"], "registered");
    assert_eq!(view["protocol_number"], "2020-0000001");
    assert_eq!(view["received_at"], "2020-04-01T06:00:00Z");
    assert_eq!(view["history"][0]["event"], "registered");
    assert_eq!(
        (&view["reason"], &view["amount"]),
        (&"regular".into(), &600.5.into())
    );
    assert_eq!(
        view["catalogue_version"],
        CatalogueVersion::of(b"the benefit's file").as_str()
    );
    assert_eq!(
        view["lottery_ticket"],
        LotteryTicket::of(application.id).to_string()
    );
    for personal in [anna.tax_code.as_str(), &receipt] {
        assert!(!status.service.log().contains(personal));
    }
    status.service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_receipt_leads_to_its_own_answer() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let submitter = Submitter::Citizen(anna.tax_code.clone());
    let (later, receipt_of_later) = status.application(&anna, "k-1");
    let (earlier, receipt_of_earlier) = status.sent_by(&submitter, &anna, "k-2", "2020-04-01T05:59:59Z");
    let view = async |application: &AcceptedApplication, receipt| {
        let answer = status
            .get(&anna, &application.id.to_string(), Some(receipt))
            .await;
        assert_eq!(answer.status(), 200);
        read(answer).await
    };
    status.register(&later).await;
    assert_eq!(view(&later, &receipt_of_later).await["status"], "registered");
    assert_eq!(view(&earlier, &receipt_of_earlier).await["status"], "queued");

    // received earlier, and reached by a worker later
    status.register(&earlier).await;
    let stands = view(&earlier, &receipt_of_earlier).await;
    assert_eq!(
        (&stands["status"], &stands["reason"]),
        (&"registered".into(), &"regular".into())
    );
    assert!(stands.get("stands").is_none());
    let duplicate = view(&later, &receipt_of_later).await;
    assert_eq!(
        (&duplicate["status"], &duplicate["reason"]),
        (&"duplicate".into(), &"same_person".into())
    );
    assert_eq!(duplicate["stands"], earlier.id.to_string());
    assert_eq!(duplicate["explanation"], &*Reason::SamePerson.text().it);
    let history = duplicate["history"].as_array().unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (entry["event"].clone(), entry["status"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("registered".into(), "registered".into()),
            ("decided".into(), "duplicate".into())
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn another_content_under_a_key_is_a_conflict_that_says_what_to_do() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (first, _) = status.application(&anna, "k-1");
    let (mut other, _) = status.application(&anna, "k-1");
    other.content_digest = ContentDigest::of(b"another content");
    other.received_at = "2020-04-01T07:00:00Z".parse().unwrap();
    status.register(&first).await;
    status.register(&other).await;
    let view = read(status.get(&anna, &first.id.to_string(), None).await).await;
    assert_eq!(
        (&view["status"], &view["content_digest"]),
        (&"registered".into(), &first.content_digest.to_string().into())
    );
    let expected = json!([{
        "content_digest": other.content_digest.to_string(), "received_at": "2020-04-01T07:00:00Z",
        "status": "conflict", "reason": "key_reused", "explanation": Reason::KeyReused.text().it
    }]);
    assert_eq!(view["conflicts"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_explanation_is_in_the_language_of_its_reader() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let address = format!("{}/v1/applications/{}", status.service.url(), application.id);
    let text = Reason::Regular.text();
    for (wanted, text) in [("de-AT, en;q=0.5", text.de), ("en", text.en), ("fr", text.it)] {
        let request = status
            .service
            .client()
            .get(&address)
            .bearer_auth(status.issuer.token(&anna));
        let answer = request.header("Accept-Language", wanted).send().await.unwrap();
        assert_eq!(read(answer).await["explanation"], &*text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn both_holders_get_the_same_bytes_and_learn_of_no_application_that_only_one_of_them_holds() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (first, _) = status.application(&anna, "k-1");
    let aurora = intermediary("patronato-aurora");
    let (second, _) = status.sent_by(&aurora, &anna, "k-2", "2020-04-01T07:00:00Z");
    let (third, _) = status.application(&anna, "k-3");
    for application in [&first, &second, &third] {
        status.register(application).await;
    }
    let tokens = [
        status.issuer.token(&anna),
        status.issuer.organisation_token("patronato-aurora"),
    ];

    let path = format!("/v1/applications/{}", second.id);
    for language in ["it", "en", "de"] {
        let headers = [("Accept-Language", language)];
        let to_anna = status.ask(&tokens[0], &path, &headers).await;
        assert_eq!(to_anna, status.ask(&tokens[1], &path, &headers).await);
        let told = to_anna.json();
        assert_eq!((&told["status"], told.get("stands")), (&"duplicate".into(), None));
    }
    // the application that stands has the same submitter and the same applicant
    let duplicate = status
        .ask(&tokens[0], &format!("/v1/applications/{}", third.id), &[])
        .await;
    assert_eq!(duplicate.json()["stands"], first.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_is_queued_every_receipt_of_it_proves_the_same() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let aurora = intermediary("patronato-aurora");
    // one key, sent twice
    let (application, first) = status.sent_by(&aurora, &anna, "k-1", "2020-04-01T07:00:00Z");
    let (_, second) = status.sent_by(&aurora, &anna, "k-1", "2020-04-01T08:00:00Z");
    let (_, for_bruno) = status.sent_by(&aurora, &bruno, "k-1", "2020-04-01T08:00:00Z");
    let path = format!("/v1/applications/{}", application.id);
    let (annas, brunos) = (status.issuer.token(&anna), status.issuer.token(&bruno));
    for path in [path.clone(), format!("{path}/status")] {
        let answer = status.ask(&annas, &path, &[("Receipt", &first)]).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer, status.ask(&annas, &path, &[("Receipt", &second)]).await);
        // the same key for another person is another application
        let to_bruno = status.ask(&brunos, &path, &[("Receipt", &for_bruno)]).await;
        assert_eq!(to_bruno.status, 404);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_concerns_a_person_is_kept_by_no_cache_and_says_what_it_depends_on() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let token = status.issuer.token(&anna);
    let path = format!("/v1/applications/{}", application.id);
    let paths = [
        own(&token),
        path.clone(),
        format!("{path}/status"),
        format!("{path}/content"),
        format!("{path}/accesses"),
        "/v1/applications/018f0000-0000-8000-8000-000000000000".to_owned(),
    ];
    for path in paths {
        let answer = status.ask(&token, &path, &[]).await;
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
        let vary = answer.headers["vary"].to_str().unwrap();
        for header in ["Authorization", "Accept-Language", "Receipt"] {
            assert!(vary.contains(header), "{path}: {vary}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn for_anybody_else_it_does_not_exist() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let (registered, receipt) = status.application(&anna, "k-1");
    status.register(&registered).await;
    let (queued, queued_receipt) = status.application(&anna, "k-2");
    let nobodys: ApplicationId = "018f0000-0000-8000-8000-000000000000".parse().unwrap();

    let expected = {
        let answer = status.get(&bruno, &nobodys.to_string(), None).await;
        assert_eq!(answer.status(), 404);
        (answer.headers().len(), answer.text().await.unwrap())
    };
    for (person, id, receipt) in [
        (&bruno, registered.id.to_string(), None),
        (&bruno, registered.id.to_string(), Some(&receipt)),
        (&bruno, queued.id.to_string(), Some(&queued_receipt)),
        // not without its receipt, nor with another's or with a changed one
        (&anna, queued.id.to_string(), None),
        (&anna, queued.id.to_string(), Some(&receipt)),
        (
            &anna,
            queued.id.to_string(),
            Some(&queued_receipt[1..].to_owned()),
        ),
        (&anna, "no-uuid".to_owned(), Some(&queued_receipt)),
    ] {
        for path in [id.clone(), format!("{id}/status")] {
            let answer = status.get(person, &path, receipt.map(String::as_str)).await;
            assert_eq!(answer.status(), 404);
            assert_eq!((answer.headers().len(), answer.text().await.unwrap()), expected);
        }
    }
    let anonymous = status
        .service
        .get(&format!("/v1/applications/{}", registered.id))
        .await;
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_it_says_so_within_a_second_and_recovers() {
    let mut database = postgres().await;
    let status = Status::start(&database.url()).await;
    let (anna, _) = people();
    let (application, receipt) = status.application(&anna, "k-1");
    let ask = async || {
        status
            .get(&anna, &application.id.to_string(), Some(&receipt))
            .await
    };
    assert_eq!(ask().await.status(), 200);

    database.process().kill().await.unwrap();
    let answer = ask().await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));

    database.start().await.unwrap();
    eventually(Duration::from_secs(20), async || ask().await.status() == 200).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_kept_any_more_does_not_exist_even_for_its_holder_with_the_receipt() {
    for then in [Disposal::Pseudonymise, Disposal::Purge] {
        let sandbox = Sandbox::database().await;
        let status = Status::start(sandbox.database_url()).await;
        let (anna, _) = people();
        let (application, receipt) = status.application(&anna, "k-1");
        status.register(&application).await;
        let id = application.id.to_string();
        assert_eq!(status.get(&anna, &id, Some(&receipt)).await.status(), 200);
        status.forget(then).await;
        let (_, of_another) = status.application(&anna, "k-2");
        let nobodys = ApplicationId::from(uuid::Uuid::max()).to_string();
        let missing = read(status.get(&anna, &nobodys, None).await).await;
        for path in ["", "/status", "/content", "/accesses"] {
            for receipt in [Some(&receipt), Some(&of_another), None] {
                let path = format!("{id}{path}");
                let answer = status.get(&anna, &path, receipt.map(String::as_str)).await;
                assert_eq!(answer.status(), 404, "{path}");
                assert_eq!(read(answer).await["type"], missing["type"]);
            }
        }
        assert_eq!(status.journal().await, []);
        status.service.stop().await;
    }
}
