//! The console's process over a database and a virtual host of its own.

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response};
use serde_json::{Value, json};
use sportello_queue::declare_topology;
use sportello_store::{Store, StoreOptions};
use sportello_testkit::{Account, Issuer, Sandbox, Service, eventually};

pub(crate) const WITHIN: Duration = Duration::from_secs(30);
pub(crate) const REASON: &str = "a rehearsal before the opening";

/// A console, and the operators who use it.
pub(crate) struct Console {
    pub(crate) service: Service,
    pub(crate) issuer: Issuer,
}

impl Console {
    /// Starts it on an empty database and virtual host, and waits for its first sample.
    pub(crate) async fn start(sandbox: &Sandbox, settings: &[(&str, &str)]) -> Self {
        let owner = Store::connect(sandbox.database_url(), &StoreOptions::default()).unwrap();
        owner.migrate().await.unwrap();
        declare_topology(&sandbox.amqp_url().parse().unwrap())
            .await
            .unwrap();
        Self::beside(sandbox, settings).await
    }

    /// Starts it where another one has prepared database and virtual host.
    pub(crate) async fn beside(sandbox: &Sandbox, settings: &[(&str, &str)]) -> Self {
        let issuer = Issuer::new();
        let identity = issuer.config();
        let (database, amqp) = (
            sandbox.database_url_of(Account::Console),
            sandbox.amqp_url_of(Account::Console),
        );
        let variables = [
            ("CONSOLE_ADDR", "127.0.0.1:0"),
            ("DATABASE_URL", &database),
            ("AMQP_URL", &amqp),
            ("IDENTITY_CONFIG", identity.to_str().unwrap()),
            ("CITIZEN_REQUESTS_PER_MINUTE", "0"),
            ("OPERATOR_REQUESTS_PER_MINUTE", "0"),
            ("OPERATOR_REQUESTS_AT_ONCE", "0"),
        ];
        let variables = [&variables, settings].concat();
        let service = Service::start(env!("CARGO_BIN_EXE_console"), issuer.folder(), &variables).await;
        let console = Self {
            service: service.ready().await,
            issuer,
        };
        eventually(WITHIN, async || console.get("/v1/now").await.status() == 200).await;
        console
    }

    /// A request of the operator of this name.
    pub(crate) fn request(&self, method: Method, path: &str, operator: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.service.url());
        let request = self.service.client().request(method, url);
        request.bearer_auth(self.issuer.operator_token(operator))
    }

    /// Gets a path as an operator.
    pub(crate) async fn get(&self, path: &str) -> Response {
        self.request(Method::GET, path, "olga").send().await.unwrap()
    }

    /// Gets a path as an operator, which must be JSON.
    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status(), 200, "{path}");
        answer.json().await.unwrap()
    }

    /// Changes something, having seen this version.
    pub(crate) async fn change(&self, change: Change<'_>) -> Response {
        let Change {
            method,
            path,
            operator,
            seen,
            key,
            body,
        } = change;
        let mut request = self
            .request(method, path, operator)
            .header("Idempotency-Key", key);
        if let Some(seen) = seen {
            request = request.header("If-Match", format!("\"{seen}\""));
        }
        request.json(&body).send().await.unwrap()
    }
}

/// A change as an operator sends it.
pub(crate) struct Change<'a> {
    pub(crate) method: Method,
    pub(crate) path: &'a str,
    pub(crate) operator: &'a str,
    pub(crate) seen: Option<i64>,
    pub(crate) key: &'a str,
    pub(crate) body: Value,
}

/// A setting of the workers.
pub(crate) fn workers(floor: u16, ceiling: u16) -> Value {
    json!({
        "target": { "kind": "never_behind", "seconds": 300 },
        "floor": floor,
        "ceiling": ceiling,
        "reason": REASON,
    })
}

/// Changes the workers' setting, having seen this version.
pub(crate) fn set_workers<'a>(operator: &'a str, seen: Option<i64>, key: &'a str, body: Value) -> Change<'a> {
    Change {
        method: Method::PUT,
        path: "/v1/workers",
        operator,
        seen,
        key,
        body,
    }
}
