//! Every operation that the OpenAPI documents show refuses whoever may not use it. The documents
//! are those that the running services serve, so that an operation that nobody thought of here
//! fails the test.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::collections::BTreeSet;

use crate::office::{Accepted, Office, client};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use loadtests::people::contents::indemnity;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Method, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sportello_people::Person;
use sportello_testkit::{Issuer, Service};

const SEED: u64 = 20_200_404;
const METHODS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// An operation as a document shows it.
#[derive(Debug)]
struct Operation {
    id: String,
    method: Method,
    path: String,
    is_public: bool,
}

/// A caller that tries an operation.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Who {
    /// Applicant of what there is.
    Holder,
    /// Another citizen.
    OtherCitizen,
    /// The intermediary that sent the batch.
    Intermediary,
    /// Another organisation.
    OtherIntermediary,
    Operator,
}

const EVERYBODY: [Who; 5] = [
    Who::Holder,
    Who::OtherCitizen,
    Who::Intermediary,
    Who::OtherIntermediary,
    Who::Operator,
];

/// The caller that may use an operation as [`World::request`] makes it; all others are refused.
fn allowed(operation: &str) -> &'static [Who] {
    match operation {
        // the content is the holder's: an intermediary would need a mandate in it
        "submit_application" | "find_application" | "follow_application" | "list_accesses" => &[Who::Holder],
        // each asks for the list of their own token, and an operator has none
        "list_own_applications" => &[
            Who::Holder,
            Who::OtherCitizen,
            Who::Intermediary,
            Who::OtherIntermediary,
        ],
        "read_content" => &[Who::Holder, Who::Operator],
        // intake does not know whose it is: for anybody but a holder nothing follows
        "withdraw_application" => &[
            Who::Holder,
            Who::OtherCitizen,
            Who::Intermediary,
            Who::OtherIntermediary,
        ],
        "submit_batch" => &[Who::Intermediary, Who::OtherIntermediary],
        "find_batch" | "list_batch_errors" | "join_batch_receipts" => &[Who::Intermediary],
        "set_channel" => &[Who::Operator],
        other => panic!("who may use {other}? Say it here"),
    }
}

/// Running services with an application of the holder's and a batch of the intermediary's on the
/// register.
struct World {
    office: Office,
    application: Accepted,
    batch: String,
    /// The receipt of its only part.
    part_receipt: String,
}

impl World {
    async fn new() -> Self {
        let office = Office::open().await;
        let token = token(&office.issuer, Who::Holder);
        let content = indemnity(&person(Who::Holder), 0, "authorisation");
        let application = office.apply(office.intake.url(), &token, "key", &content).await;
        office.is_decided(&token, &application).await;
        let mut world = Self {
            office,
            application,
            batch: String::new(),
            part_receipt: String::new(),
        };
        (world.batch, world.part_receipt) = world.send_batch().await;
        world
    }

    async fn send_batch(&self) -> (String, String) {
        let issuer = &self.office.issuer;
        let url = format!("{}/v1/batches", self.office.intake.url());
        let request = batch(client().post(url)).bearer_auth(token(issuer, Who::Intermediary));
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let location = answer.headers()["location"]
            .to_str()
            .expect("an address")
            .to_owned();
        let answers = answer.text().await.expect("a body");
        let first: Value = serde_json::from_str(answers.lines().next().expect("a line")).expect("JSON");
        let text = |name: &str| first[name].as_str().expect(name).to_owned();
        let sent = Accepted {
            id: text("id"),
            receipt: text("receipt"),
        };
        self.office
            .is_decided(&token(issuer, Who::Intermediary), &sent)
            .await;
        let last: Value = serde_json::from_str(answers.lines().last().expect("a line")).expect("JSON");
        let receipt = last["batch"]["receipt"].as_str().expect("a receipt").to_owned();
        (location.rsplit('/').next().expect("an id").to_owned(), receipt)
    }

    fn service(&self, operation: &Operation) -> &Service {
        match operation.id.as_str() {
            "submit_application"
            | "submit_batch"
            | "join_batch_receipts"
            | "set_channel"
            | "withdraw_application" => &self.office.intake,
            _ => &self.office.status,
        }
    }

    /// A request that is right in everything but perhaps its token.
    fn request(&self, operation: &Operation, token: &str, query: &str) -> RequestBuilder {
        let hash = BASE64URL.encode(Sha256::digest(token));
        let is_batch = operation.path.starts_with("/v1/batches");
        let id = match operation.id.as_str() {
            "set_channel" => "indemnity-march-2020",
            _ if is_batch => &self.batch,
            _ => &self.application.id,
        };
        let path = operation.path.replace("{id}", id).replace("{ath}", &hash);
        let path = path.replace("{channel}", "citizen");
        assert!(!path.contains('{'), "{path}");
        let url = self.service(operation).url().to_owned() + &path + query;
        let request = client().request(operation.method.clone(), url);
        match operation.id.as_str() {
            "submit_application" => request.header("Idempotency-Key", "another-key").json(&indemnity(
                &person(Who::Holder),
                0,
                "authorisation",
            )),
            "submit_batch" => batch(request),
            "join_batch_receipts" => request.json(&json!({ "receipts": [self.part_receipt] })),
            "set_channel" => {
                request.json(&json!({ "position": "scheduled", "reason": "nothing but a test" }))
            }
            "read_content" => request.header("Access-Reason", "nothing but a test"),
            _ => request,
        }
    }
}

fn batch(request: RequestBuilder) -> RequestBuilder {
    let mut application = indemnity(&Person::invent(SEED, 7), 7, "authorisation-batch");
    application["mandate"] = "PA-7".into();
    let line = json!({ "idempotency_key": "row-1", "application": application });
    request
        .header("Idempotency-Key", "batch")
        .header("Batch-Part", "1;end")
        .header("Row-Offset", "0")
        .header(CONTENT_TYPE, "application/x-ndjson")
        .body(line.to_string())
}

fn person(who: Who) -> Person {
    Person::invent(SEED, u64::from(who == Who::OtherCitizen))
}

fn claims(who: Who) -> Value {
    let mut claims = Issuer::claims(&person(who));
    match who {
        Who::Holder | Who::OtherCitizen => return claims,
        Who::Intermediary => claims["organisation"] = "patronato-aurora".into(),
        Who::OtherIntermediary => claims["organisation"] = "caf-tramonto".into(),
        Who::Operator => claims["roles"] = json!(["operator"]),
    }
    // organisations and operators are nobody's tax code
    claims.as_object_mut().expect("claims").remove("fiscal_number");
    claims
}

fn token(issuer: &Issuer, who: Who) -> String {
    issuer.sign(&claims(who))
}

/// Tokens without any rights, made from one that would be valid.
fn bad_tokens(issuer: &Issuer, who: Who) -> Vec<(&'static str, String)> {
    let with = |name: &str, value: Value| {
        let mut claims = claims(who);
        claims[name] = value;
        issuer.sign(&claims)
    };
    let good = token(issuer, who);
    let (signed, signature) = good.rsplit_once('.').expect("a JWS");
    let payload = signed.split('.').nth(1).expect("a JWS");
    let none = BASE64URL.encode(json!({ "alg": "none", "typ": "at+jwt" }).to_string());
    let mut turned = signature.to_owned();
    turned.replace_range(..1, if signature.starts_with('A') { "B" } else { "A" });
    vec![
        ("expired", with("exp", 1_585_699_200.into())),
        ("for another audience", with("aud", "another".into())),
        ("of another issuer", with("iss", "https://another.example".into())),
        ("signed by another's key", token(&Issuer::new(), who)),
        ("with another signature", format!("{signed}.{turned}")),
        ("not signed", format!("{none}.{payload}.")),
        (
            "not signed, with the old signature",
            format!("{none}.{payload}.{signature}"),
        ),
        ("no token at all", "x".into()),
    ]
}

async fn operations(service: &Service) -> Vec<Operation> {
    let document: Value = service.get("/openapi.json").await.json().await.expect("JSON");
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for method in METHODS {
            if let Some(operation) = item.get(method) {
                operations.push(Operation {
                    id: operation["operationId"].as_str().expect("an id").to_owned(),
                    method: method.to_uppercase().parse().expect("a method"),
                    path: path.clone(),
                    is_public: operation["security"] == json!([{}]),
                });
            }
        }
    }
    operations
}

#[tokio::test]
async fn every_operation_refuses_whoever_may_not_use_it() {
    let world = World::new().await;
    let mut seen = BTreeSet::new();
    for service in [&world.office.intake, &world.office.status] {
        for operation in operations(service).await {
            if operation.is_public || !seen.insert(operation.id.clone()) {
                continue;
            }
            refuses_bad_tokens(&world, &operation).await;
            refuses_others(&world, &operation).await;
        }
    }
    assert!(seen.len() >= 10, "{seen:?}");
}

async fn refuses_bad_tokens(world: &World, operation: &Operation) {
    let who = allowed(&operation.id)[0];
    let mut tokens = bad_tokens(&world.office.issuer, who);
    tokens.push(("in the address alone", String::new()));
    for (what, token) in tokens {
        let request = if token.is_empty() {
            let token = self::token(&world.office.issuer, who);
            world.request(operation, &token, &format!("?access_token={token}"))
        } else {
            world.request(operation, &token, "").bearer_auth(&token)
        };
        let answer = request.send().await.expect("an answer");
        assert_eq!(
            answer.status(),
            StatusCode::UNAUTHORIZED,
            "{} with a token that is {what}",
            operation.id
        );
        let challenge = answer.headers()["www-authenticate"].to_str().expect("ASCII");
        assert!(challenge.starts_with("Bearer"), "{challenge}");
        let problem: Value = answer.json().await.expect("a problem");
        assert_eq!(problem["status"], 401, "{problem}");
    }
}

async fn refuses_others(world: &World, operation: &Operation) {
    for who in EVERYBODY {
        let token = token(&world.office.issuer, who);
        let request = world.request(operation, &token, "").bearer_auth(&token);
        let answer = request.send().await.expect("an answer");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        if allowed(&operation.id).contains(&who) {
            let done = status.is_success() || status == StatusCode::SEE_OTHER;
            assert!(done, "{} refuses {who:?}: {status} {text}", operation.id);
            continue;
        }
        let refused = matches!(
            status,
            StatusCode::FORBIDDEN | StatusCode::NOT_FOUND | StatusCode::UNPROCESSABLE_ENTITY
        );
        assert!(refused, "{} lets {who:?} in: {status}", operation.id);
        let problem: Value = serde_json::from_str(&text).expect("a problem");
        assert_eq!(problem["status"], status.as_u16());
        assert!(!text.contains(&world.application.id), "{text}");
    }
}
