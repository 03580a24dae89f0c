//! Intake checks contents against the catalogue, and every caller may read the catalogue.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::process::Command;

use crate::common::{Intake, WITHIN, content, person, with_header};
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sportello_domain::CatalogueVersion;
use sportello_faults::FakeClock;
use sportello_testkit::{Issuer, Sandbox, eventually};

const INDEMNITY: &str = "indemnity-march-2020";

/// Returns the answer to a changed content, in the language.
async fn answer(intake: &Intake, content: &Value, language: &str) -> (u16, Value) {
    let request = intake.post(&person(1)).json(content);
    let request = with_header(request, "accept-language", Some(language));
    let answer = request.send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// The places and codes of the violations.
fn places(problem: &Value) -> Vec<(&str, &str)> {
    let violations = problem["violations"].as_array().unwrap().iter();
    violations
        .map(|violation| {
            (
                violation["pointer"].as_str().unwrap(),
                violation["code"].as_str().unwrap(),
            )
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_mistake_in_the_answers_is_reported_at_once_in_the_callers_language() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let mut wrong = content(&person(1));
    wrong["applicant"]["iban"] = json!("IT61X0542811101000000123456");
    wrong["answers"] = json!({ "no_pension": false, "activity": "vat_professional", "shoe_size": 42 });
    let mut messages = Vec::new();
    for language in ["it", "en", "de-AT"] {
        let (status, problem) = answer(&intake, &wrong, language).await;
        assert_eq!(status, 422);
        assert_eq!(problem["type"], "urn:sportello:problem:invalid-application");
        let mut places = places(&problem);
        places.sort_unstable();
        assert_eq!(
            places.iter().map(|(pointer, _)| *pointer).collect::<Vec<_>>(),
            [
                "/answers/no_citizenship_income",
                "/answers/no_pension",
                "/answers/shoe_size",
                "/answers/vat_number",
                "/applicant/iban",
            ]
        );
        messages.push(problem["violations"].to_string());
    }
    messages.dedup();
    assert_eq!(messages.len(), 3, "{messages:?}");

    wrong["applicant"].as_object_mut().unwrap().remove("iban");
    let (_, problem) = answer(&intake, &wrong, "en").await;
    assert_eq!(places(&problem).len(), 5, "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_in_the_catalogue_can_not_be_asked_for() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let changed = |field: &str, value: Value| {
        let mut content = content(&person(1));
        content[field] = value;
        content
    };
    for (content, pointer, code) in [
        (
            changed("benefit", json!("moon-bonus-2020")),
            "/benefit",
            "benefit_unknown",
        ),
        (
            changed("category", json!("astronauts")),
            "/category",
            "category_unknown",
        ),
        (changed("category", Value::Null), "/category", "required"),
    ] {
        let (status, problem) = answer(&intake, &content, "en").await;
        assert_eq!((status, places(&problem)), (422, vec![(pointer, code)]));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_does_not_fit_the_tax_code_is_accepted_with_a_warning() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let mut odd = content(&person(1));
    let (status, accepted) = answer(&intake, &odd, "en").await;
    assert_eq!((status, accepted.get("warnings")), (202, None));

    odd["applicant"]["given_name"] = json!("Xxyyzz");
    let (status, accepted) = answer(&intake, &odd, "de").await;
    assert_eq!(status, 202);
    assert_eq!(accepted["warnings"].as_array().unwrap().len(), 1);
    assert_eq!(accepted["warnings"][0]["pointer"], "/applicant/given_name");
    assert_eq!(accepted["warnings"][0]["code"], "name_mismatch");
    let (_, in_italian) = answer(&intake, &odd, "it").await;
    assert_ne!(
        accepted["warnings"][0]["message"],
        in_italian["warnings"][0]["message"]
    );

    let file = fs::read(intake.catalogue().join(format!("{INDEMNITY}.toml"))).unwrap();
    assert_eq!(
        accepted["catalogue_version"],
        CatalogueVersion::of(&file).as_str()
    );
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer.headers()[name].to_str().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn anybody_may_read_the_benefits_and_keep_them_for_a_minute() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let ask = async |method: Method, path: &str, name: &'static str, value: &str| {
        let request = intake.client().request(method, format!("{}{path}", intake.url()));
        request.header(name, value).send().await.unwrap()
    };
    for path in [
        "/v1/benefits",
        "/v1/benefits/indemnity-march-2020",
        "/openapi.json",
    ] {
        let answer = intake.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "cache-control"), "public, max-age=60");
        assert_eq!(header(&answer, "content-type"), "application/json");
        assert!(!answer.headers().contains_key("vary"), "{path}");
        let tag = header(&answer, "etag").to_owned();
        assert!(tag.starts_with('"'), "{tag} is not strong");
        let body = answer.bytes().await.unwrap();

        let in_german = ask(Method::GET, path, "accept-language", "de").await;
        assert_eq!(
            in_german.bytes().await.unwrap(),
            body,
            "{path} is not the same for everybody"
        );
        for known in [tag.clone(), format!("\"another\", W/{tag}"), "*".to_owned()] {
            let answer = ask(Method::GET, path, "if-none-match", &known).await;
            assert_eq!(
                (answer.status().as_u16(), header(&answer, "etag")),
                (304, tag.as_str())
            );
            assert_eq!(header(&answer, "cache-control"), "public, max-age=60");
            assert!(answer.bytes().await.unwrap().is_empty());
        }
        let other = ask(Method::GET, path, "if-none-match", "\"another\"").await;
        assert_eq!(other.status(), 200);
        let head = ask(Method::HEAD, path, "accept", "*/*").await;
        assert_eq!(
            (head.status().as_u16(), header(&head, "etag")),
            (200, tag.as_str())
        );
        assert!(head.bytes().await.unwrap().is_empty());
        let post = ask(Method::POST, path, "accept", "*/*").await;
        assert_eq!(post.status(), 405);
        assert_eq!(post.headers()["allow"], "GET, HEAD");
    }
    for path in ["/v1/benefits/moon-bonus-2020", "/v1/benefits/Not%20an%20id"] {
        let answer = intake.get(path).await;
        assert_eq!(answer.status(), 404);
        assert_eq!(header(&answer, "content-type"), "application/problem+json");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_benefit_is_shown_with_its_forms_in_all_languages() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let json = async |path: &str| intake.get(path).await.json::<Value>().await.unwrap();
    let list = json("/v1/benefits").await;
    let ids: Vec<&Value> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| &item["id"])
        .collect();
    assert_eq!(ids, ["baby-sitting-bonus-2020", INDEMNITY, "parental-leave-2020"]);

    let benefit = json("/v1/benefits/indemnity-march-2020").await;
    assert_eq!(list["items"][1]["version"], benefit["version"]);
    let categories = benefit["categories"].as_array().unwrap();
    assert_eq!(categories.len(), 5);
    let declaration = &categories[0]["form"]["properties"]["no_pension"];
    for language in ["it", "en", "de"] {
        assert!(benefit["title"][language].is_string());
        assert!(declaration["label"][language].is_string());
    }
    let posted = intake
        .post(&person(1))
        .json(&benefit["example"])
        .send()
        .await
        .unwrap();
    assert_eq!(
        posted.status(),
        403,
        "the example is somebody else's, and right otherwise"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_catalogue_is_taken_while_running_and_a_broken_one_is_not() {
    let sandbox = Sandbox::queue().await;
    let intake = Intake::over(&sandbox).await;
    let path = intake.catalogue().join(format!("{INDEMNITY}.toml"));
    let before = fs::read_to_string(&path).unwrap();
    let json = async |path: &str| intake.get(path).await.json::<Value>().await.unwrap();
    let title = async || json("/v1/benefits/indemnity-march-2020").await["title"]["en"].clone();
    let health = async || json("/status").await;

    let english = title().await;
    let english = english.as_str().unwrap();
    let changed = before.replace(english, "Another title");
    fs::write(&path, &changed).unwrap();
    eventually(WITHIN, async || title().await == "Another title").await;
    let api = json("/openapi.json").await.to_string();
    assert!(api.contains("Another title: ") && !api.contains(english));
    let accepted = intake.post(&person(1)).send().await.unwrap();
    let accepted: Value = accepted.json().await.unwrap();
    let version = CatalogueVersion::of(changed.as_bytes());
    assert_eq!(accepted["catalogue_version"], version.as_str());
    assert_eq!(health().await["health"], "pass");

    fs::write(&path, changed.replace("id = ", "di = ")).unwrap();
    eventually(WITHIN, async || {
        health().await["checks"]["catalogue"]["status"] == "warn"
    })
    .await;
    assert_eq!(health().await["health"], "warn");
    assert_eq!(intake.get("/readyz").await.status(), 200);
    assert_eq!(title().await, "Another title");
    assert_eq!(intake.post(&person(1)).send().await.unwrap().status(), 202);

    fs::write(&path, &before).unwrap();
    eventually(WITHIN, async || health().await["health"] == "pass").await;
    assert_eq!(title().await, english);
}

#[tokio::test(flavor = "multi_thread")]
async fn order_of_arrival_is_closed_while_the_clock_is_wrong() {
    let sandbox = Sandbox::queue().await;
    let folder = tempfile::tempdir().unwrap();
    let clock = FakeClock::at(&folder.path().join("clock")).unwrap();
    let settings = clock.environment();
    let settings = settings
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()));
    let settings: Vec<_> = settings.collect();
    let intake = Intake::start_with(sandbox.amqp_url(), &settings).await;
    let warns = async || {
        let status: Value = intake.get("/status").await.json().await.unwrap();
        status["checks"]["clock"]["status"] == "warn"
    };
    let answer = async || intake.post(&person(1)).send().await.unwrap();
    // once the clocks were compared
    eventually(WITHIN, async || !warns().await).await;
    clock.jump(20).unwrap();
    eventually(WITHIN, warns).await;
    assert_eq!(answer().await.status(), 202, "its order is not that of arrival");

    let path = intake.catalogue().join(format!("{INDEMNITY}.toml"));
    let file = fs::read_to_string(&path).unwrap();
    let by_arrival = file.replace(r#"policy = "none""#, r#"policy = "arrival""#);
    assert_ne!(by_arrival, file);
    fs::write(&path, &by_arrival).unwrap();
    eventually(WITHIN, async || answer().await.status() == 503).await;
    assert!(answer().await.headers().contains_key("retry-after"));
    // twenty seconds may be more than one may be wrong, or less
    let tolerant = r#"policy = "arrival"
clock_tolerance_seconds = 60"#;
    fs::write(&path, file.replace(r#"policy = "none""#, tolerant)).unwrap();
    eventually(WITHIN, async || answer().await.status() == 202).await;
    clock.jump(0).unwrap();
    fs::write(&path, &by_arrival).unwrap();
    eventually(WITHIN, async || !warns().await).await;
    eventually(WITHIN, async || answer().await.status() == 202).await;
}

#[test]
fn with_a_broken_catalogue_it_does_not_start_and_says_what_to_mend() {
    let issuer = Issuer::new();
    let folder = issuer.folder().join("catalogue");
    sportello_stack::catalogue::reopened(&sportello_stack::catalogue::shipped(), &folder).unwrap();
    let path = folder.join(format!("{INDEMNITY}.toml"));
    let good = fs::read_to_string(&path).unwrap();
    let bad = good
        .replace("policy = \"none\"", "policy = \"hurry\"")
        .replace("fixed = 600", "fixed = -600");
    fs::write(&path, &bad).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_intake"))
        .env("INTAKE_ADDR", "127.0.0.1:0")
        .env("INTERNAL_ADDR", "127.0.0.1:0")
        .env("AMQP_URL", "amqp://nobody:nothing@127.0.0.1:1/none")
        .env("IDENTITY_CONFIG", issuer.folder().join("identity.toml"))
        .env("RECEIPT_KEYS", issuer.folder().join("receipt-keys.json"))
        .env("APPLICATION_ID_SECRET", "0123456789abcdef0123456789abcdef")
        .env("INTAKE_PUBLIC_URL", "https://intake.example")
        .env("STATUS_PUBLIC_URL", "https://status.example")
        .env("CATALOGUE", &folder)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let log = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
    for mistake in ["policy = \"hurry\"", "fixed = -600"] {
        let line = 1 + bad.lines().position(|line| line.starts_with(mistake)).unwrap();
        assert!(log.contains(&format!("{INDEMNITY}.toml:{line}:")), "{log}");
    }
}
