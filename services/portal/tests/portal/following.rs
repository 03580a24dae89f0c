//! What changes while the portal runs: the catalogue, and what it knows of intake and status.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use sportello_testkit::eventually;

use crate::support::{Behind, LANGUAGES, Portal, WITHIN, between};

/// The keys of a file, where it can be read.
fn kept_in(file: &Path) -> Option<Value> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// The keys that stand in a page.
fn keys_in(page: &str) -> Option<Value> {
    let start = r#"<script type="application/json" id="keys" data-element="keys">"#;
    serde_json::from_str(between(page, start, "</script>").next()?).ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benefit_dropped_into_the_folder_has_its_pages_in_three_languages() {
    let portal = Portal::start().await;
    let path = "/de/leistungen/school-bonus-2026/antrag/";
    assert_eq!(portal.service.get(path).await.status(), 404);
    let file =
        include_str!("../../../../shared/catalogue/tests/catalogue/benefits/files/school-bonus-2026.toml");
    portal.add_benefit("school-bonus-2026", file);
    portal.until(path, 200).await;
    for (language, title) in LANGUAGES
        .into_iter()
        .zip(["Bonus scuola", "School bonus", "Schulbonus"])
    {
        assert!(
            portal.page(&format!("/{language}/")).await.contains(title),
            "{language}"
        );
    }
    let form = portal.json("/data/benefits/school-bonus-2026.json").await;
    assert_eq!(form["title"]["en"], "School bonus");
    let schema = &form["categories"][0]["form"]["properties"];
    assert_eq!(schema["children"]["type"], "array");
    let page = portal.page("/it/prestazioni/school-bonus-2026/").await;
    for text in [
        "600,50 euro",
        "16:00–08:00",
        "08:00–12:00 e 13:00–16:00",
        "Decide un sorteggio",
        "1.000.000 euro",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_catalogue_leaves_the_pages_as_they_are() {
    let portal = Portal::start().await;
    portal.add_benefit("indemnity-march-2020", "id = 'indemnity-march-2020'");
    let warned = async || portal.json("/status").await["checks"]["catalogue"]["status"] == "warn";
    eventually(WITHIN, warned).await;
    assert!(
        portal
            .page("/it/")
            .await
            .contains("Indennità di 600 euro per marzo 2020")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benefit_that_opens_and_closes_is_shown_as_it_is_now() {
    let portal = Portal::start().await;
    let file = include_str!("../../../../catalogue/parental-leave-2020.toml");
    let file = file.replace("id = \"parental-leave-2020\"", "id = \"later-2099\"");
    let file = file.replace("[\"baby-sitting-bonus-2020\"]", "[]");
    let file = file.replace("2020-08-01T", "2099-08-01T");
    let later = file.replace("2020-03-30T", "2099-03-30T");
    portal.add_benefit("later-2099", &later);
    let shows = async |text: &str| {
        let answer = portal.service.get("/en/benefits/later-2099/").await;
        answer.text().await.unwrap().contains(text)
    };
    eventually(WITHIN, async || shows("Opens on 30 March 2099").await).await;
    portal.add_benefit("later-2099", &file);
    eventually(WITHIN, async || shows("Open now").await).await;
    portal.add_benefit("later-2099", &file.replace("2099-08-01T", "2020-08-01T"));
    eventually(WITHIN, async || shows("Closed since 1 August 2020").await).await;
    assert!(!shows("/en/benefits/later-2099/apply/\" data-element=\"service-online-access\"").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn with_everything_behind_stopped_every_page_answers_and_says_that_sending_waits() {
    let portal = Portal::start().await;
    for path in portal.every_page().await {
        assert_eq!(portal.service.get(&path).await.status(), 200, "{path}");
    }
    let known = async || portal.json("/data/progress.json").await["intake"]["answers"] == false;
    eventually(WITHIN, known).await;
    let says = async || {
        portal
            .page("/it/andamento/")
            .await
            .contains("L’invio è in attesa")
    };
    eventually(WITHIN, says).await;
    let numbers = portal.json("/data/progress.json").await;
    assert_eq!(numbers["registered"], json!(null));
    // what the hours say
    let benefit = &numbers["benefits"][0];
    assert_eq!(benefit["id"], "baby-sitting-bonus-2020");
    assert_eq!(benefit["citizen"]["open"], true);
    assert_eq!(benefit["citizen"]["closes_at"], "2099-12-31T23:00:00Z");
    assert_eq!(portal.service.get("/data/keys.json").await.status(), 503);
    assert_eq!(portal.service.get("/readyz").await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_keys_outlast_a_restart_while_intake_is_away() {
    let behind = Behind::default();
    let keys = json!({ "keys": [{ "kty": "OKP", "kid": "k1" }] });
    behind.set("/.well-known/jwks.json", 200, &keys);
    let folder = tempfile::tempdir().unwrap();
    let (url, kept) = (behind.serve(), folder.path().join("keys.json"));
    let settings = [
        ("INTAKE_INTERNAL_URL", url.as_str()),
        ("KEYS_KEPT", kept.to_str().unwrap()),
    ];
    let portal = Portal::start_with(&settings).await;
    portal.until("/data/keys.json", 200).await;
    eventually(WITHIN, async || kept.exists()).await;

    behind.fail();
    let Portal { service, folder } = portal;
    service.stop().await;
    let portal = Portal::start_in(folder, &settings).await;
    assert_eq!(portal.json("/data/keys.json").await, keys);
    assert_eq!(keys_in(&portal.page("/it/verifica/").await), Some(keys));

    // intake is back with other keys
    let newer = json!({ "keys": [{ "kty": "OKP", "kid": "k2" }] });
    behind.set("/.well-known/jwks.json", 200, &newer);
    let Portal { service, folder } = portal;
    service.stop().await;
    let portal = Portal::start_in(folder, &settings).await;
    eventually(WITHIN, async || portal.json("/data/keys.json").await == newer).await;
    let says = async || keys_in(&portal.page("/en/check/").await) == Some(newer.clone());
    eventually(WITHIN, says).await;
    eventually(WITHIN, async || kept_in(&kept) == Some(newer.clone())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_spoilt_file_of_keys_is_reported_and_replaced() {
    let behind = Behind::default();
    let folder = tempfile::tempdir().unwrap();
    let (url, kept) = (behind.serve(), folder.path().join("keys.json"));
    fs::write(&kept, "{").unwrap();
    let settings = [
        ("INTAKE_INTERNAL_URL", url.as_str()),
        ("KEYS_KEPT", kept.to_str().unwrap()),
    ];
    let portal = Portal::start_with(&settings).await;
    assert_eq!(portal.service.get("/data/keys.json").await.status(), 503);
    assert!(portal.service.log().contains("KEYS_KEPT can't be read"));
    let keys = json!({ "keys": [{ "kty": "OKP", "kid": "k1" }] });
    behind.set("/.well-known/jwks.json", 200, &keys);
    portal.until("/data/keys.json", 200).await;
    eventually(WITHIN, async || kept_in(&kept) == Some(keys.clone())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_stops_leaves_its_last_numbers_and_keys() {
    let behind = Behind::default();
    behind.set("/status", 200, &json!({ "health": "pass" }));
    let counts = json!({
        "received": 330_001, "registered": 312_408, "registered_last_minute": 900, "waiting_seconds": 3.2
    });
    behind.set("/v1/progress", 200, &counts);
    let keys = json!({ "keys": [{ "kty": "OKP", "kid": "k1" }] });
    behind.set("/.well-known/jwks.json", 200, &keys);
    let closed = json!({ "items": [{ "channel": "citizen", "position": "closed", "open": false }] });
    behind.set("/v1/benefits/indemnity-march-2020/channels", 200, &closed);
    let url = behind.serve();
    let settings = [
        ("INTAKE_INTERNAL_URL", url.as_str()),
        ("STATUS_INTERNAL_URL", url.as_str()),
    ];
    let portal = Portal::start_with(&settings).await;
    let numbers = async || portal.json("/data/progress.json").await;
    eventually(WITHIN, async || numbers().await["registered"] == 312_408).await;
    let known = numbers().await;
    assert_eq!(known["intake"]["answers"], true);
    assert_eq!(known["received"], 330_001);
    assert_eq!(known["waiting_seconds"], 3.2);
    // an operator has closed it, whatever its hours say
    assert_eq!(known["benefits"][1]["citizen"]["open"], false);
    let page = async || portal.page("/it/andamento/").await;
    eventually(WITHIN, async || page().await.contains("312.408")).await;
    for (path, text) in [
        ("/it/andamento/", "ricevute quest’anno"),
        ("/en/progress/", "received this year"),
        ("/de/stand/", "eingegangen in diesem Jahr"),
    ] {
        let page = portal.page(path).await;
        assert!(
            page.contains(text) && (page.contains("330.001") || page.contains("330,001")),
            "{path}"
        );
    }
    assert_eq!(portal.json("/data/keys.json").await, keys);

    behind.fail();
    eventually(WITHIN, async || numbers().await["intake"]["answers"] == false).await;
    let last = numbers().await;
    assert_eq!(last["registered"], 312_408);
    assert!(last["numbers_at"].as_str().unwrap() < last["at"].as_str().unwrap());
    assert!(last["intake"]["since"].as_str().unwrap() > known["intake"]["since"].as_str().unwrap());
    assert_eq!(portal.json("/data/keys.json").await, keys);
    assert!(page().await.contains("312.408"));
}
