//! Intake, worker and status over the tests' servers, and people who use them.

#![allow(dead_code, reason = "each test uses some of it")]

use std::process::Command;
use std::time::Duration;

use loadtests::private_system::programs;
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use sportello_testkit::{Issuer, Sandbox, Service, eventually};

/// For whatever must happen soon, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(60);
const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The services and the issuer that they trust.
pub(crate) struct Office {
    pub(crate) intake: Service,
    pub(crate) status: Service,
    _worker: Service,
    pub(crate) issuer: Issuer,
    _sandbox: Sandbox,
}

/// What intake answered.
#[derive(Debug, Clone)]
pub(crate) struct Accepted {
    pub(crate) id: String,
    pub(crate) receipt: String,
}

impl Office {
    /// Starts the services, with no limit on requests.
    pub(crate) async fn open() -> Self {
        let (sandbox, issuer) = (Sandbox::both().await, Issuer::new());
        let (amqp, database) = (sandbox.amqp_url(), sandbox.database_url());
        let path = |name: &str| issuer.folder().join(name).to_str().expect("a path").to_owned();
        let (identity, keys) = (path("identity.toml"), path("receipt-keys.json"));
        let shared = [
            ("AMQP_URL", amqp),
            ("DATABASE_URL", database),
            ("IDENTITY_CONFIG", &identity),
            ("RECEIPT_KEYS", &keys),
            ("APPLICATION_ID_SECRET", SECRET),
            ("INTAKE_PUBLIC_URL", "https://intake.example"),
            ("STATUS_PUBLIC_URL", "https://status.example"),
            ("INTAKE_ADDR", "127.0.0.1:0"),
            ("STATUS_ADDR", "127.0.0.1:0"),
            ("WORKER_ADDR", "127.0.0.1:0"),
            ("CITIZEN_REQUESTS_PER_MINUTE", "0"),
            ("ORGANISATION_REQUESTS_PER_MINUTE", "0"),
            ("OPERATOR_REQUESTS_PER_MINUTE", "0"),
            ("RUST_LOG", "info"),
        ];
        let programs = programs().expect("the services");
        let program = |name: &str| programs.join(name).to_str().expect("a path").to_owned();
        let mut migrate = Command::new(program("worker"));
        let migrated = migrate.arg("migrate").env("DATABASE_URL", database).status();
        assert!(migrated.expect("the worker").success());
        let intake = Service::start(&program("intake"), issuer.folder(), &shared).await;
        let jwks = format!("{}/.well-known/jwks.json", intake.url());
        let of_status = [&shared[..], &[("RECEIPT_JWKS_URL", jwks.as_str())]].concat();
        let worker = Service::start(&program("worker"), issuer.folder(), &shared).await;
        let status = Service::start(&program("status"), issuer.folder(), &of_status).await;
        Self {
            intake: intake.ready().await,
            status: status.ready().await,
            _worker: worker.ready().await,
            issuer,
            _sandbox: sandbox,
        }
    }

    /// Applies at `base`, which is intake or something in front of it.
    pub(crate) async fn apply(&self, base: &str, token: &str, key: &str, content: &Value) -> Accepted {
        let request = client().post(format!("{base}/v1/applications"));
        let request = request.bearer_auth(token).header("Idempotency-Key", key);
        let answer = request.json(content).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::ACCEPTED);
        let body: Value = answer.json().await.expect("JSON");
        let text = |name: &str| body[name].as_str().expect(name).to_owned();
        Accepted {
            id: text("id"),
            receipt: text("receipt"),
        }
    }

    /// Waits until a worker has decided on it, asking the status service itself.
    pub(crate) async fn is_decided(&self, token: &str, accepted: &Accepted) {
        let path = format!("/v1/applications/{}/status", accepted.id);
        eventually(SOON, async || {
            let answer = get(self.status.url(), &path, token, Some(&accepted.receipt)).await;
            answer.status() == StatusCode::SEE_OTHER
        })
        .await;
    }
}

/// A client that follows no redirects.
pub(crate) fn client() -> Client {
    thread_local! {
        static CLIENT: Client = Client::builder()
            .no_proxy()
            .redirect(redirect::Policy::none())
            .build()
            .expect("a client");
    }
    CLIENT.with(Clone::clone)
}

/// What a path answers to the bearer of a token.
pub(crate) async fn get(base: &str, path: &str, token: &str, receipt: Option<&str>) -> Response {
    let mut request = client().get(format!("{base}{path}")).bearer_auth(token);
    if let Some(receipt) = receipt {
        request = request.header("Receipt", receipt);
    }
    request.send().await.expect("an answer")
}
