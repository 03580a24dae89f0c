//! A real intake process, and a good request to spoil.

#![allow(dead_code, reason = "each test file uses its part")]

pub mod upload;

use std::ops::Deref;
use std::path::PathBuf;
use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sportello_people::Person;
use sportello_queue::declare_topology;
use sportello_testkit::{Account, Issuer, Sandbox, Service, receipt_keys};

pub const WITHIN: Duration = Duration::from_secs(20);

/// The process and the issuer that it trusts.
pub struct Intake {
    service: Service,
    pub issuer: Issuer,
}

impl Deref for Intake {
    type Target = Service;

    fn deref(&self) -> &Service {
        &self.service
    }
}

impl Intake {
    pub async fn start(amqp_url: &str) -> Self {
        Self::start_with(amqp_url, &[]).await
    }

    /// With settings of its own, at the broker's administrator's address, once the topology is
    /// there.
    pub async fn start_with(amqp_url: &str, settings: &[(&str, &str)]) -> Self {
        declare_topology(&amqp_url.parse().unwrap()).await.unwrap();
        let Self { service, issuer } = Self::start_again(Issuer::new(), amqp_url, settings).await;
        let service = service.ready().await;
        Self { service, issuer }
    }

    /// With the keys of one that has ended, and ready or not.
    pub async fn start_again(issuer: Issuer, amqp_url: &str, settings: &[(&str, &str)]) -> Self {
        let own_url = Account::Intake.address(amqp_url);
        let path = |name: &str| issuer.folder().join(name).to_str().unwrap().to_owned();
        let (identity, keys) = (path("identity.toml"), receipt_keys(issuer.folder()));
        let variables = [
            ("INTAKE_ADDR", "127.0.0.1:0"),
            ("AMQP_URL", own_url.as_str()),
            ("IDENTITY_CONFIG", identity.as_str()),
            ("RECEIPT_KEYS", keys.to_str().unwrap()),
            ("APPLICATION_ID_SECRET", "0123456789abcdef0123456789abcdef"),
            ("INTAKE_PUBLIC_URL", "https://intake.example"),
            ("STATUS_PUBLIC_URL", "https://status.example"),
        ];
        let variables = [&variables, settings].concat();
        let service = Service::start(env!("CARGO_BIN_EXE_intake"), issuer.folder(), &variables).await;
        Self { service, issuer }
    }

    /// Stops the process. Returns its log, and the issuer to start it again with.
    pub async fn stop_with_log(self) -> (String, Issuer) {
        let log = self.issuer.folder().join("intake.log");
        self.service.stop().await;
        (std::fs::read_to_string(log).unwrap(), self.issuer)
    }

    /// Ends the process as `kill -9` does. Returns the issuer to start it again with.
    pub fn kill(self) -> Issuer {
        drop(self.service);
        self.issuer
    }

    pub async fn over(sandbox: &Sandbox) -> Self {
        Self::start(sandbox.amqp_url()).await
    }

    /// A good request for `person`.
    pub fn post(&self, person: &Person) -> RequestBuilder {
        self.client()
            .post(format!("{}/v1/applications", self.url()))
            .bearer_auth(self.issuer.token(person))
            .header("Idempotency-Key", "a-key")
            .json(&content(person))
    }

    /// The folder of its own copy of the catalogue.
    pub fn catalogue(&self) -> PathBuf {
        self.issuer.folder().join("catalogue")
    }

    pub async fn stop(self) {
        self.service.stop().await;
    }
}

/// The request with another value of a header, or without it.
pub fn with_header(request: RequestBuilder, name: &'static str, value: Option<&str>) -> RequestBuilder {
    let (client, request) = request.build_split();
    let mut request = request.unwrap();
    request.headers_mut().remove(name);
    if let Some(value) = value {
        request.headers_mut().insert(name, value.parse().unwrap());
    }
    RequestBuilder::from_parts(client, request)
}

pub fn person(index: u64) -> Person {
    Person::invent(7, index)
}

pub fn content(person: &Person) -> Value {
    json!({
        "benefit": "indemnity-march-2020",
        "category": "professionals",
        "applicant": {
            "tax_code": person.tax_code.as_str(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": "marked.address@example.org",
            "iban": "IT60X0542811101000000123456",
        },
        "answers": {
            "no_pension": true,
            "no_citizenship_income": true,
            "activity": "vat_professional",
            "vat_number": "12345670157",
        },
    })
}

/// Asserts that a log holds nothing of [`content`] of `person`.
pub fn assert_no_personal_data(log: &str, person: &Person) {
    for personal in [
        person.tax_code.as_str(),
        "marked.address",
        "IT60X05428",
        "12345670157",
    ] {
        assert!(!log.contains(personal), "{personal} is in the log");
    }
}
