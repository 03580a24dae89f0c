//! A real intake process over a virtual host of its own.

#![allow(dead_code, reason = "each test file uses its part")]

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};
use sportello_local::mint::{ISSUER, Mint};
use sportello_local::people::Person;
use sportello_testkit::{Sandbox, eventually};

pub const WITHIN: Duration = Duration::from_secs(20);

/// The process, its broker's virtual host and the folder with its files; all gone on drop.
pub struct Intake {
    process: Child,
    folder: tempfile::TempDir,
    pub client: reqwest::Client,
    pub url: String,
}

impl Intake {
    pub async fn start(amqp_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        Mint::open(folder.path()).unwrap();
        let identity = format!(
            "[[issuers]]\nissuer = \"{ISSUER}\"\naudience = \"sportello\"\n\
             jwks_file = \"generated.jwks.json\"\nalgorithms = [\"EdDSA\"]\n\
             minimum_acr = \"https://www.spid.gov.it/SpidL2\"\n"
        );
        fs::write(path("identity.toml"), identity).unwrap();
        let process = Command::new(env!("CARGO_BIN_EXE_intake"))
            .env("INTAKE_ADDR", "127.0.0.1:0")
            .env("AMQP_URL", amqp_url)
            .env("IDENTITY_CONFIG", path("identity.toml"))
            .env("RECEIPT_KEYS", path("receipt-keys.json"))
            .env("APPLICATION_ID_SECRET", "0123456789abcdef0123456789abcdef")
            .env("INTAKE_PUBLIC_URL", "https://intake.example")
            .env("STATUS_PUBLIC_URL", "https://status.example")
            .env("RUST_LOG", "trace")
            .env_remove("OTEL_EXPORTER_OTLP_ENDPOINT")
            .stdin(Stdio::null())
            .stdout(File::create(path("log")).unwrap())
            .spawn()
            .unwrap();
        let client = reqwest::Client::builder()
            .no_proxy()
            .timeout(WITHIN)
            .build()
            .unwrap();
        let mut intake = Self {
            process,
            folder,
            client,
            url: String::new(),
        };
        let address = eventually(WITHIN, async || intake.address()).await;
        intake.url = format!("http://{address}");
        intake
    }

    /// Starts it and waits until it can accept.
    pub async fn ready(sandbox: &Sandbox) -> Self {
        let intake = Self::start(sandbox.amqp_url()).await;
        eventually(WITHIN, async || intake.get("/readyz").await.status() == 200).await;
        intake
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    fn address(&self) -> Option<String> {
        let log = self.log();
        let line = log.lines().find(|line| line.contains("intake listens"))?;
        let line: Value = serde_json::from_str(line).ok()?;
        Some(line["address"].as_str()?.to_owned())
    }

    pub async fn get(&self, path: &str) -> reqwest::Response {
        self.client
            .get(format!("{}{path}", self.url))
            .send()
            .await
            .unwrap()
    }

    /// A good request for `person`, to be spoilt.
    pub fn post(&self, person: &Person) -> reqwest::RequestBuilder {
        self.client
            .post(format!("{}/v1/applications", self.url))
            .bearer_auth(self.token(person))
            .header("Idempotency-Key", "a-key")
            .json(&content(person))
    }

    pub fn token(&self, person: &Person) -> String {
        Mint::open(self.folder.path()).unwrap().token(person).unwrap()
    }

    fn issuers_key(&self) -> Vec<u8> {
        fs::read(self.folder.path().join("generated.key")).unwrap()
    }

    pub fn issuers_jwks(&self) -> Value {
        let path: PathBuf = Mint::jwks_file(self.folder.path());
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// A token by the trusted issuer's own key, with other claims.
    pub fn token_with(&self, person: &Person, changes: &[(&str, Value)]) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some(self.issuers_jwks()["keys"][0]["kid"].as_str().unwrap().to_owned());
        let claims = claims(person, changes);
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_ed_der(&self.issuers_key())).unwrap()
    }

    /// SIGTERM; the exit must be clean.
    pub async fn stop(mut self) {
        let pid = nix::unistd::Pid::from_raw(self.process.id().try_into().unwrap());
        nix::sys::signal::kill(pid, nix::sys::signal::Signal::SIGTERM).unwrap();
        let status = eventually(WITHIN, async || self.process.try_wait().unwrap()).await;
        assert!(status.success(), "{status}");
    }
}

impl Drop for Intake {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

pub fn claims(person: &Person, changes: &[(&str, Value)]) -> Value {
    let mut claims = json!({
        "iss": ISSUER,
        "aud": "sportello",
        "sub": "somebody",
        "iat": 1_585_699_200,
        "exp": 4_000_000_000_u64,
        "acr": "https://www.spid.gov.it/SpidL2",
        "fiscal_number": format!("TINIT-{}", person.tax_code.as_str()),
    });
    for (name, value) in changes {
        claims[name] = value.clone();
    }
    claims
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
        "category": "self-employed",
        "applicant": {
            "tax_code": person.tax_code.as_str(),
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": "marked.address@example.org",
            "iban": "IT60X0542811101000000123456",
        },
        "answers": { "note": "marked answer" },
    })
}

/// What a log must not hold after [`content`] of `person` went by.
pub fn assert_no_personal_data(log: &str, person: &Person) {
    for personal in [
        person.tax_code.as_str(),
        "marked.address",
        "IT60X05428",
        "marked answer",
    ] {
        assert!(!log.contains(personal), "{personal} is in the log");
    }
}
