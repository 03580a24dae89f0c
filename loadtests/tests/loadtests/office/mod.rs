//! Intake, worker and status over the tests' servers, and people who use them.

#![allow(dead_code, reason = "each test uses some of it")]

use std::process::Command;
use std::time::Duration;

use loadtests::system::private_system::programs;
use reqwest::{Client, Response, StatusCode, redirect};
use serde_json::Value;
use sportello_testkit::{Account, Issuer, Sandbox, Service, eventually, receipt_keys};

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
        let path = |name: &str| issuer.folder().join(name).to_str().expect("a path").to_owned();
        let (identity, keys) = (path("identity.toml"), path("receipt-keys.json"));
        let _ = receipt_keys(issuer.folder());
        let shared = [
            ("IDENTITY_CONFIG", identity.as_str()),
            ("RECEIPT_KEYS", &keys),
            ("APPLICATION_ID_SECRET", SECRET),
            ("INTAKE_PUBLIC_URL", "https://intake.example"),
            ("STATUS_PUBLIC_URL", "https://status.example"),
            ("INTAKE_ADDR", "127.0.0.1:0"),
            ("STATUS_ADDR", "127.0.0.1:0"),
            ("CITIZEN_REQUESTS_PER_MINUTE", "0"),
            ("ORGANISATION_REQUESTS_PER_MINUTE", "0"),
            ("OPERATOR_REQUESTS_PER_MINUTE", "0"),
            ("CITIZEN_REQUESTS_AT_ONCE", "0"),
            ("ORGANISATION_REQUESTS_AT_ONCE", "0"),
            ("RUST_LOG", "info"),
        ];
        let programs = programs().expect("the services");
        let program = |name: &str| programs.join(name).to_str().expect("a path").to_owned();
        for (command, setting, url) in [
            ("migrate", "DATABASE_URL", sandbox.database_url()),
            ("topology", "AMQP_URL", sandbox.amqp_url()),
        ] {
            let done = Command::new(program("worker"))
                .arg(command)
                .env(setting, url)
                .status();
            assert!(done.expect("the worker").success());
        }
        let broker = sandbox.amqp_url_of(Account::Intake);
        let of_intake = [&shared[..], &[("AMQP_URL", &*broker)]].concat();
        let intake = Service::start(&program("intake"), issuer.folder(), &of_intake).await;
        let jwks = format!("{}/.well-known/jwks.json", intake.url());
        let database = sandbox.database_url_of(Account::Status);
        let of_status = [("DATABASE_URL", &*database), ("RECEIPT_JWKS_URL", &*jwks)];
        let of_status = [&shared[..], &of_status].concat();
        let (broker, database) = (
            sandbox.amqp_url_of(Account::Worker),
            sandbox.database_url_of(Account::Worker),
        );
        let of_worker = [("AMQP_URL", &*broker), ("DATABASE_URL", &*database)];
        let of_worker = [&shared[..], &of_worker].concat();
        let worker = Service::start(&program("worker"), issuer.folder(), &of_worker).await;
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
