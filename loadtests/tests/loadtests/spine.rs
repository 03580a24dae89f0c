//! From a citizen's login to a row of the register, on real parts.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::time::Duration;

use loadtests::people::contents::content;
use loadtests::system::private_system::PrivateSystem;
use reqwest::header::LOCATION;
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use sportello_people::Person;
use sportello_people::login::login;
use sportello_stack::Part;
use sportello_testkit::eventually;

const GRACE: Duration = Duration::from_secs(10);
const REGISTERED_WITHIN: Duration = Duration::from_secs(20);

/// A citizen who has logged in.
struct Citizen {
    client: Client,
    token: String,
}

/// What intake answered.
struct Accepted {
    location: String,
    id: String,
    receipt: String,
}

impl Citizen {
    async fn log_in(system: &PrivateSystem, person: &Person) -> Self {
        let issuer = system.url(Part::IdentityProvider).expect("its address");
        let token = login(&issuer, person.tax_code.as_str()).await.expect("a login");
        let client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .build()
            .expect("a client");
        Self { client, token }
    }

    async fn apply(&self, system: &PrivateSystem, key: &str, content: &Value) -> Accepted {
        let intake = system.url(Part::Intake).expect("its address");
        let request = self.client.post(format!("{intake}/v1/applications"));
        let request = request
            .bearer_auth(&self.token)
            .header("Idempotency-Key", key)
            .json(content);
        let answer = request.send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let location = location(&answer);
        let body: Value = answer.json().await.expect("JSON");
        let text = |name: &str| body[name].as_str().expect(name).to_owned();
        assert!(text("received_at").parse::<jiff::Timestamp>().is_ok());
        Accepted {
            location,
            id: text("id"),
            receipt: text("receipt"),
        }
    }

    async fn get(&self, url: &str, receipt: &str) -> Response {
        let request = self
            .client
            .get(url)
            .bearer_auth(&self.token)
            .header("Receipt", receipt);
        request.send().await.expect("an answer")
    }

    /// Status, media type and body of the answer: all that could tell two refusals apart.
    async fn sees(&self, url: &str, receipt: &str) -> (StatusCode, Vec<u8>) {
        let answer = self.get(url, receipt).await;
        (answer.status(), answer.bytes().await.expect("a body").to_vec())
    }
}

fn location(answer: &Response) -> String {
    answer.headers()[LOCATION]
        .to_str()
        .expect("an address")
        .to_owned()
}

#[tokio::test]
async fn a_citizens_application_is_accepted_registered_and_seen_by_its_holder_alone() {
    let mut system = PrivateSystem::start().await.expect("a private system");
    let (marta, luca) = (crate::citizens::marta(), crate::citizens::luca());
    let content = content(&marta, 1, "spine");
    let holder = Citizen::log_in(&system, &marta).await;
    let other = Citizen::log_in(&system, &luca).await;

    // without a worker it stays queued
    system
        .process(Part::Worker(1))
        .terminate(GRACE)
        .await
        .expect("the worker ends");
    let accepted = holder.apply(&system, "key-1", &content).await;
    let answer = holder.get(&accepted.location, &accepted.receipt).await;
    assert_eq!(answer.status(), StatusCode::OK);
    let queued: Value = answer.json().await.expect("JSON");
    assert_eq!(
        (&queued["status"], &queued["id"]),
        (&"queued".into(), &accepted.id.as_str().into())
    );
    nobody_else_sees(&other, &accepted).await;

    system
        .start_part(Part::Worker(1))
        .await
        .expect("the worker starts");
    let registered = decided(&holder, &accepted).await;
    assert_eq!(
        (&registered["status"], &registered["id"]),
        (&"registered".into(), &accepted.id.as_str().into())
    );
    assert!(registered["protocol_number"].is_string(), "{registered}");
    nobody_else_sees(&other, &accepted).await;

    let again = holder.apply(&system, "key-1", &content).await;
    assert_eq!((&again.id, &again.location), (&accepted.id, &accepted.location));
    let another = holder.apply(&system, "key-2", &content).await;
    assert_ne!(another.id, accepted.id);
    let duplicate = decided(&holder, &another).await;
    assert_eq!(
        (&duplicate["status"], &duplicate["reason"], &duplicate["stands"]),
        (
            &"duplicate".into(),
            &"same_person".into(),
            &accepted.id.as_str().into()
        )
    );

    system.stop().await.expect("everything ends");
    no_log_holds(&system, &crate::citizens::personal_data(&content));
}

/// What its holder sees once it is decided on.
async fn decided(holder: &Citizen, accepted: &Accepted) -> Value {
    let url = eventually(REGISTERED_WITHIN, async || {
        let answer = holder.get(&accepted.location, &accepted.receipt).await;
        (answer.status() == StatusCode::SEE_OTHER).then(|| location(&answer))
    });
    holder.get(&url.await, "").await.json().await.expect("JSON")
}

/// For anybody else, even with the receipt, it is as if it did not exist.
async fn nobody_else_sees(other: &Citizen, accepted: &Accepted) {
    let unknown = accepted
        .location
        .replace(&accepted.id, &uuid::Uuid::new_v4().to_string());
    let for_unknown = other.sees(&unknown, "").await;
    assert_eq!(for_unknown.0, StatusCode::NOT_FOUND);
    for receipt in ["", &accepted.receipt] {
        assert_eq!(other.sees(&accepted.location, receipt).await, for_unknown);
    }
}

fn no_log_holds(system: &PrivateSystem, personal_data: &[String]) {
    let logs: Vec<_> = std::fs::read_dir(system.folder().join("logs"))
        .expect("logs")
        .flatten()
        .collect();
    assert!(logs.len() >= 6, "every process has a log");
    for log in logs {
        let text = std::fs::read_to_string(log.path()).expect("a log");
        for item in personal_data {
            assert!(
                !text.contains(item),
                "{} holds personal data",
                log.path().display()
            );
        }
    }
}
