//! The service's process over a database of its own, with invented people.

use std::sync::{Arc, Mutex};

use actix_web::{App, HttpResponse, HttpServer, web};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use reqwest::header::HeaderMap;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use sportello_domain::{
    AcceptedApplication, Application, CatalogueVersion, ContentDigest, Disposal, IdSecret, IdempotencyKey,
    Incompatibilities, OrganisationId, Receipt, Retention, Ruling, Subject, Submitter,
};
use sportello_people::Person;
use sportello_receipt::{KeyFile, ReceiptKeys, ReceiptSigner};
use sportello_store::{Registrable, Store, StoreOptions};
use sportello_testkit::{Account, Issuer, Service, receipt_keys};
use sqlx::{Connection as _, PgConnection};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The service's process over a database, with receipt keys published as intake does.
pub(crate) struct Status {
    pub(crate) service: Service,
    pub(crate) issuer: Issuer,
    database_url: String,
    /// As a worker has it.
    store: Store,
    pub(crate) signer: ReceiptSigner,
    /// The receipt keys that intake publishes.
    published: Arc<Mutex<String>>,
    pub(crate) secret: IdSecret,
}

/// All that an answer shows, but its date and how many more requests this caller may send.
#[derive(Debug, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// An entry of the journal, as the database has it.
#[derive(Debug, PartialEq, sqlx::FromRow)]
pub(crate) struct Entry {
    pub(crate) application_id: uuid::Uuid,
    pub(crate) role: String,
    pub(crate) reader: String,
    pub(crate) issuer: Option<String>,
    pub(crate) operation: String,
    pub(crate) reason: Option<String>,
}

impl Status {
    pub(crate) async fn start(database_url: &str) -> Self {
        Self::start_with(database_url, Issuer::new(), &[]).await
    }

    /// With these settings too.
    pub(crate) async fn start_with(database_url: &str, issuer: Issuer, settings: &[(&str, &str)]) -> Self {
        let keys = ReceiptKeys::load(&receipt_keys(issuer.folder())).unwrap();
        let signer = ReceiptSigner::new(keys, "https://intake.example".into());
        let published = Arc::new(Mutex::new(serde_json::to_string(signer.public_keys()).unwrap()));
        let jwks_url = publish(Arc::clone(&published));
        let owner = Store::connect(database_url, &StoreOptions::default()).unwrap();
        owner.migrate().await.unwrap();
        let as_worker = Account::Worker.address(database_url);
        let store = Store::connect(&as_worker, &StoreOptions::default()).unwrap();
        let identity = issuer.config();
        let as_status = Account::Status.address(database_url);
        let variables = [
            ("STATUS_ADDR", "127.0.0.1:0"),
            ("DATABASE_URL", &as_status),
            ("IDENTITY_CONFIG", identity.to_str().unwrap()),
            ("RECEIPT_JWKS_URL", &jwks_url),
            ("APPLICATION_ID_SECRET", SECRET),
            ("STATUS_PUBLIC_URL", "https://status.example"),
        ];
        let variables = [&variables, settings].concat();
        let service = Service::start(env!("CARGO_BIN_EXE_status"), issuer.folder(), &variables).await;
        let secret = IdSecret::new(&SECRET.into()).unwrap();
        Self {
            service: service.ready().await,
            issuer,
            database_url: database_url.to_owned(),
            store,
            signer,
            published,
            secret,
        }
    }

    /// Has intake sign with a new key from now on.
    pub(crate) fn change_receipt_key(&mut self) {
        let path = receipt_keys(self.issuer.folder());
        let file = KeyFile::lock(&path).unwrap();
        let key = file.add_key().unwrap();
        file.sign_with(&key.id).unwrap();
        self.signer = ReceiptSigner::new(ReceiptKeys::load(&path).unwrap(), "https://intake.example".into());
    }

    /// Has intake publish this key set from now on.
    pub(crate) fn publish(&self, jwks: &impl serde::Serialize) {
        *self.published.lock().unwrap() = serde_json::to_string(jwks).unwrap();
    }

    pub(crate) fn application(&self, person: &Person, key: &str) -> (AcceptedApplication, String) {
        let submitter = Submitter::Citizen(person.tax_code.clone());
        self.sent_by(&submitter, person, key, "2020-04-01T06:00:00Z")
    }

    pub(crate) fn sent_by(
        &self,
        submitter: &Submitter,
        person: &Person,
        key: &str,
        received_at: &str,
    ) -> (AcceptedApplication, String) {
        let key = IdempotencyKey::parse(key).unwrap();
        let id = self.secret.application_id(submitter, &person.tax_code, &key);
        let mut content = json!({
            "benefit": "indemnity-march-2020",
            "applicant": {
                "tax_code": person.tax_code.as_str(),
                "given_name": person.given_name,
                "family_name": person.family_name,
                "iban": "IT60X0542811101000000123456",
            },
            "answers": { "no_pension": true },
        });
        if matches!(submitter, Submitter::Intermediary(_)) {
            content["mandate"] = "PA-2020/7".into();
        }
        let content = content.to_string();
        let application = Application::parse(content.as_bytes()).unwrap();
        let received_at = received_at.parse().unwrap();
        let content_digest = ContentDigest::of(content.as_bytes());
        let receipt = Receipt {
            application_id: id,
            benefit: application.benefit.clone(),
            received_at,
            content_digest,
            holders: vec![
                self.secret.holder_tag(id, submitter),
                self.secret
                    .holder_tag(id, &Submitter::Citizen(person.tax_code.clone())),
            ],
        };
        let receipt = self.signer.sign(&receipt).unwrap();
        (
            AcceptedApplication {
                id,
                submitter: submitter.clone(),
                received_at,
                content_digest,
                validated_with: CatalogueVersion::of(b""),
                hours_judged: false,
                batch: None,
                application,
            },
            receipt,
        )
    }

    /// Registers it as a worker would, by a benefit that is given once a person.
    pub(crate) async fn register(&self, application: &AcceptedApplication) {
        self.register_all(std::slice::from_ref(application)).await;
    }

    /// Registers them in one transaction, by a benefit that is given once a person.
    pub(crate) async fn register_all(&self, applications: &[AcceptedApplication]) {
        let ruling = |application: &AcceptedApplication| Ruling {
            closed: None,
            one_per: vec![Subject::from(&application.application.applicant.tax_code)],
            amount_cents: Some(60_050),
            budget: None,
            version: CatalogueVersion::of(b"the benefit's file"),
        };
        let rulings: Vec<Ruling> = applications.iter().map(ruling).collect();
        let registrables = applications.iter().zip(&rulings);
        let registrables: Vec<Registrable<'_>> = registrables
            .map(|(application, ruling)| Registrable { application, ruling })
            .collect();
        self.store
            .register(&registrables, &Incompatibilities::default())
            .await
            .unwrap();
    }

    /// Forgets all applications, as a worker does when their term has passed.
    pub(crate) async fn forget(&self, then: Disposal) {
        let retention = Retention {
            benefit: "indemnity-march-2020".parse().unwrap(),
            ends: jiff::Timestamp::UNIX_EPOCH,
            then,
        };
        let retentions = [retention];
        let purge = async || self.store.purge(&retentions, jiff::Timestamp::now(), 1000).await;
        assert_eq!(purge().await.unwrap().announced.len(), 1);
        let a_day = "update purge_announcements set announced_at = announced_at - interval '1 day'";
        let mut connection = self.connection().await;
        sqlx::query(a_day).execute(&mut connection).await.unwrap();
        assert_eq!(purge().await.unwrap().benefits.len(), 1);
    }

    pub(crate) async fn get(&self, person: &Person, path: &str, receipt: Option<&str>) -> Response {
        let request = self
            .service
            .client()
            .get(format!("{}/v1/applications/{path}", self.service.url()));
        let request = request.bearer_auth(self.issuer.token(person));
        let request = match receipt {
            Some(receipt) => request.header("Receipt", receipt),
            None => request,
        };
        request.send().await.unwrap()
    }

    /// Returns the answer of `path` to the bearer of a token with these headers.
    pub(crate) async fn ask(&self, token: &str, path: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = self
            .service
            .client()
            .get(format!("{}{path}", self.service.url()))
            .bearer_auth(token);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.unwrap();
        let mut headers = answer.headers().clone();
        for own in [
            "date",
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
        ] {
            headers.remove(own);
        }
        Answer {
            status: answer.status(),
            headers,
            body: answer.text().await.unwrap(),
        }
    }

    /// The journal of all applications, in order.
    pub(crate) async fn journal(&self) -> Vec<Entry> {
        let journal = sqlx::query_as(
            "select application_id, role, reader, issuer, operation, reason from access_journal order by entry",
        );
        journal.fetch_all(&mut self.connection().await).await.unwrap()
    }

    /// A connection of the test's own.
    pub(crate) async fn connection(&self) -> PgConnection {
        PgConnection::connect(&self.database_url).await.unwrap()
    }
}

/// Where the bearer of a token finds their own applications.
pub(crate) fn own(token: &str) -> String {
    let hash = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token));
    format!("/v1/tokens/{hash}/applications")
}

pub(crate) fn intermediary(organisation: &str) -> Submitter {
    Submitter::Intermediary(OrganisationId::parse(organisation).unwrap())
}

/// Publishes `jwks`, as it is at each moment, on a free port and gives its address.
fn publish(jwks: Arc<Mutex<String>>) -> String {
    let server = HttpServer::new(move || {
        let jwks = jwks.clone();
        App::new().route(
            "/.well-known/jwks.json",
            web::get().to(move || {
                let jwks = jwks.lock().unwrap().clone();
                async move { HttpResponse::Ok().body(jwks) }
            }),
        )
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    format!("http://{address}/.well-known/jwks.json")
}

pub(crate) async fn read(answer: Response) -> Value {
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.json().await.unwrap()
}

pub(crate) fn people() -> (Person, Person) {
    (Person::invent(3, 1), Person::invent(3, 2))
}
