//! What became of an application is told to its holder alone.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::time::Duration;

use actix_web::{App, HttpResponse, HttpServer, web};
use reqwest::Response;
use serde_json::Value;
use sportello_domain::{
    AcceptedApplication, Application, ApplicationId, CatalogueVersion, ContentDigest, IdSecret,
    IdempotencyKey, Incompatibilities, OrganisationId, Reason, Receipt, Ruling, Subject, Submitter,
};
use sportello_local::people::Person;
use sportello_receipt::{ReceiptKeys, ReceiptSigner};
use sportello_store::{Registrable, Store, StoreOptions};
use sportello_testkit::{Issuer, Sandbox, Service, eventually, postgres};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// The service's process over a database, with receipt keys published as intake does.
struct Status {
    service: Service,
    issuer: Issuer,
    store: Store,
    signer: ReceiptSigner,
    secret: IdSecret,
}

impl Status {
    async fn start(database_url: &str) -> Self {
        let issuer = Issuer::new();
        let keys = ReceiptKeys::load_or_create(&issuer.folder().join("receipt-keys.json")).unwrap();
        let signer = ReceiptSigner::new(keys, "https://intake.example".into());
        let jwks_url = publish(serde_json::to_string(signer.public_keys()).unwrap());
        let store = Store::connect(database_url, &StoreOptions::default()).unwrap();
        store.migrate().await.unwrap();
        let identity = issuer.config();
        let variables = [
            ("STATUS_ADDR", "127.0.0.1:0"),
            ("DATABASE_URL", database_url),
            ("IDENTITY_CONFIG", identity.to_str().unwrap()),
            ("RECEIPT_JWKS_URL", &jwks_url),
            ("APPLICATION_ID_SECRET", SECRET),
            ("STATUS_PUBLIC_URL", "https://status.example"),
        ];
        let service = Service::start(env!("CARGO_BIN_EXE_status"), issuer.folder(), &variables).await;
        let secret = IdSecret::new(&SECRET.into()).unwrap();
        Self {
            service: service.ready().await,
            issuer,
            store,
            signer,
            secret,
        }
    }

    fn application(&self, person: &Person, key: &str) -> (AcceptedApplication, String) {
        let submitter = Submitter::Citizen(person.tax_code.clone());
        self.sent_by(&submitter, person, key, "2020-04-01T06:00:00Z")
    }

    fn sent_by(
        &self,
        submitter: &Submitter,
        person: &Person,
        key: &str,
        received_at: &str,
    ) -> (AcceptedApplication, String) {
        let id = self
            .secret
            .application_id(submitter, &IdempotencyKey::parse(key).unwrap());
        let content = format!(
            r#"{{"benefit":"indemnity-march-2020","applicant":{{"tax_code":"{}","given_name":"{}","family_name":"{}"}}}}"#,
            person.tax_code.as_str(),
            person.given_name,
            person.family_name
        );
        let application = Application::parse(content.as_bytes()).unwrap();
        let received_at = received_at.parse().unwrap();
        let content_digest = ContentDigest::of(content.as_bytes());
        let receipt = Receipt {
            application_id: id,
            benefit: application.benefit.clone(),
            received_at,
            content_digest,
            holders: vec![self.secret.holder_tag(id, submitter)],
        };
        let receipt = self.signer.sign(&receipt).unwrap();
        (
            AcceptedApplication {
                id,
                submitter: submitter.clone(),
                received_at,
                content_digest,
                validated_with: CatalogueVersion::of(b""),
                opened_by_operator: false,
                batch: None,
                application,
            },
            receipt,
        )
    }

    /// Registers it as a worker would, by a benefit that is given once a person.
    async fn register(&self, application: &AcceptedApplication) {
        let ruling = Ruling {
            closed: None,
            one_per: vec![Subject::from(&application.application.applicant.tax_code)],
            amount_cents: Some(60_050),
            budget: None,
            version: CatalogueVersion::of(b"the benefit's file"),
        };
        let registrable = Registrable {
            application,
            ruling: &ruling,
        };
        self.store
            .register(&[registrable], &Incompatibilities::default())
            .await
            .unwrap();
    }

    async fn get(&self, person: &Person, path: &str, receipt: Option<&str>) -> Response {
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
}

/// Publishes `jwks` on a free port and gives its address.
fn publish(jwks: String) -> String {
    let server = HttpServer::new(move || {
        let jwks = jwks.clone();
        App::new().route(
            "/.well-known/jwks.json",
            web::get().to(move || {
                let jwks = jwks.clone();
                async move { HttpResponse::Ok().body(jwks) }
            }),
        )
    });
    let server = server.workers(1).disable_signals().bind("127.0.0.1:0").unwrap();
    let address = server.addrs()[0];
    tokio::spawn(server.run());
    format!("http://{address}/.well-known/jwks.json")
}

async fn json(answer: Response) -> Value {
    assert_eq!(answer.headers()["cache-control"], "no-store");
    answer.json().await.unwrap()
}

fn people() -> (Person, Person) {
    (Person::invent(3, 1), Person::invent(3, 2))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_receipt_shows_it_queued_and_the_register_what_became_of_it() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (application, receipt) = status.application(&anna, "k-1");
    let id = application.id.to_string();
    let waiting = format!("{id}/status");

    for path in [&id, &waiting] {
        let answer = status.get(&anna, path, Some(&receipt)).await;
        assert_eq!(answer.status(), 200);
        let view = json(answer).await;
        assert_eq!(
            (&view["status"], &view["id"]),
            (&"queued".into(), &id.as_str().into())
        );
        assert!(view.get("protocol_number").is_none());
    }

    status.register(&application).await;
    let answer = status.get(&anna, &waiting, Some(&receipt)).await;
    assert_eq!(answer.status(), 303);
    assert_eq!(
        answer.headers()["location"],
        format!("https://status.example/v1/applications/{id}")
    );
    let view = json(status.get(&anna, &id, None).await).await;
    assert_eq!(view["status"], "registered");
    assert_eq!(view["protocol_number"], "2020-0000001");
    assert_eq!(view["received_at"], "2020-04-01T06:00:00Z");
    assert_eq!(view["history"][0]["event"], "registered");
    assert_eq!(
        (&view["reason"], &view["amount"]),
        (&"regular".into(), &600.5.into())
    );
    assert_eq!(
        view["catalogue_version"],
        CatalogueVersion::of(b"the benefit's file").as_str()
    );
    for personal in [anna.tax_code.as_str(), &receipt] {
        assert!(!status.service.log().contains(personal));
    }
    status.service.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_receipt_leads_to_its_own_answer() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let submitter = Submitter::Citizen(anna.tax_code.clone());
    let (later, receipt_of_later) = status.application(&anna, "k-1");
    let (earlier, receipt_of_earlier) = status.sent_by(&submitter, &anna, "k-2", "2020-04-01T05:59:59Z");
    let view = async |application: &AcceptedApplication, receipt| {
        let answer = status
            .get(&anna, &application.id.to_string(), Some(receipt))
            .await;
        assert_eq!(answer.status(), 200);
        json(answer).await
    };
    status.register(&later).await;
    assert_eq!(view(&later, &receipt_of_later).await["status"], "registered");
    assert_eq!(view(&earlier, &receipt_of_earlier).await["status"], "queued");

    // received earlier, and reached by a worker later
    status.register(&earlier).await;
    let stands = view(&earlier, &receipt_of_earlier).await;
    assert_eq!(
        (&stands["status"], &stands["reason"]),
        (&"registered".into(), &"regular".into())
    );
    assert!(stands.get("stands").is_none());
    let duplicate = view(&later, &receipt_of_later).await;
    assert_eq!(
        (&duplicate["status"], &duplicate["reason"]),
        (&"duplicate".into(), &"same_person".into())
    );
    assert_eq!(duplicate["stands"], earlier.id.to_string());
    assert_eq!(duplicate["explanation"], &*Reason::SamePerson.text().it);
    let history = duplicate["history"].as_array().unwrap();
    let told: Vec<_> = history
        .iter()
        .map(|entry| (entry["event"].clone(), entry["status"].clone()))
        .collect();
    assert_eq!(
        told,
        [
            ("registered".into(), "registered".into()),
            ("decided".into(), "duplicate".into())
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_explanation_is_in_the_language_of_its_reader() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (application, _) = status.application(&anna, "k-1");
    status.register(&application).await;
    let address = format!("{}/v1/applications/{}", status.service.url(), application.id);
    let text = Reason::Regular.text();
    for (wanted, text) in [("de-AT, en;q=0.5", text.de), ("en", text.en), ("fr", text.it)] {
        let request = status
            .service
            .client()
            .get(&address)
            .bearer_auth(status.issuer.token(&anna));
        let answer = request.header("Accept-Language", wanted).send().await.unwrap();
        assert_eq!(json(answer).await["explanation"], &*text);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intermediary_does_not_learn_what_another_has_sent() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, _) = people();
    let (first, _) = status.application(&anna, "k-1");
    let organisation = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
    let (second, _) = status.sent_by(&organisation, &anna, "k-2", "2020-04-01T07:00:00Z");
    status.register(&first).await;
    status.register(&second).await;

    let mut claims = Issuer::claims(&anna);
    claims["organisation"] = "patronato-aurora".into();
    let address = format!("{}/v1/applications/{}", status.service.url(), second.id);
    let request = status
        .service
        .client()
        .get(&address)
        .bearer_auth(status.issuer.sign(&claims));
    let told = json(request.send().await.unwrap()).await;
    assert_eq!((&told["status"], told.get("stands")), (&"duplicate".into(), None));
    // the applicant may know
    let told = json(status.get(&anna, &second.id.to_string(), None).await).await;
    assert_eq!(told["stands"], first.id.to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn for_anybody_else_it_does_not_exist() {
    let sandbox = Sandbox::database().await;
    let status = Status::start(sandbox.database_url()).await;
    let (anna, bruno) = people();
    let (registered, receipt) = status.application(&anna, "k-1");
    status.register(&registered).await;
    let (queued, queued_receipt) = status.application(&anna, "k-2");
    let nobodys: ApplicationId = "018f0000-0000-8000-8000-000000000000".parse().unwrap();

    let expected = {
        let answer = status.get(&bruno, &nobodys.to_string(), None).await;
        assert_eq!(answer.status(), 404);
        (answer.headers().len(), answer.text().await.unwrap())
    };
    for (person, id, receipt) in [
        (&bruno, registered.id.to_string(), None),
        (&bruno, registered.id.to_string(), Some(&receipt)),
        (&bruno, queued.id.to_string(), Some(&queued_receipt)),
        // not without its receipt, nor with another's or with a changed one
        (&anna, queued.id.to_string(), None),
        (&anna, queued.id.to_string(), Some(&receipt)),
        (
            &anna,
            queued.id.to_string(),
            Some(&queued_receipt[1..].to_owned()),
        ),
        (&anna, "no-uuid".to_owned(), Some(&queued_receipt)),
    ] {
        for path in [id.clone(), format!("{id}/status")] {
            let answer = status.get(person, &path, receipt.map(String::as_str)).await;
            assert_eq!(answer.status(), 404);
            assert_eq!((answer.headers().len(), answer.text().await.unwrap()), expected);
        }
    }
    let anonymous = status
        .service
        .get(&format!("/v1/applications/{}", registered.id))
        .await;
    assert_eq!(anonymous.status(), 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_database_it_says_so_within_a_second_and_recovers() {
    let mut database = postgres().await;
    let status = Status::start(&database.url()).await;
    let (anna, _) = people();
    let (application, receipt) = status.application(&anna, "k-1");
    let ask = async || {
        status
            .get(&anna, &application.id.to_string(), Some(&receipt))
            .await
    };
    assert_eq!(ask().await.status(), 200);

    database.process().kill().await.unwrap();
    let answer = ask().await;
    assert_eq!(answer.status(), 503);
    assert!(answer.headers().contains_key("retry-after"));

    database.start().await.unwrap();
    eventually(Duration::from_secs(20), async || ask().await.status() == 200).await;
}
