//! A migrated database, and invented applications.

use std::time::Duration;

use jiff::Timestamp;
use sportello_domain::{
    AcceptedApplication, Application, ApplicationId, BenefitId, CatalogueVersion, Channel, ContentDigest,
    Incompatibilities, OrganisationId, Ruling, Subject, Submitter, TaxCode, tax_code,
};
use sportello_store::{RegisteredApplication, Registrable, Registration, Store, StoreError, StoreOptions};
use sportello_testkit::Sandbox;
use sqlx::{Connection as _, PgConnection};
use uuid::Uuid;

pub(crate) const NOON: &str = "2020-04-01T12:00:00Z";

pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) sandbox: Sandbox,
}

/// Limits short enough that a test can reach them.
pub(crate) fn options() -> StoreOptions {
    StoreOptions {
        max_connections: 8,
        ..StoreOptions::default()
    }
}

pub(crate) async fn migrated() -> Database {
    let sandbox = Sandbox::database().await;
    let store = Store::connect(sandbox.database_url(), &options()).unwrap();
    store.migrate().await.unwrap();
    Database { store, sandbox }
}

impl Database {
    /// A connection of the test's own.
    pub(crate) async fn connection(&self) -> PgConnection {
        PgConnection::connect(self.sandbox.database_url()).await.unwrap()
    }

    /// The application as its submitter finds it.
    pub(crate) async fn find(&self, id: ApplicationId) -> Option<RegisteredApplication> {
        let submitter: (String, String) =
            sqlx::query_as("select channel, submitter from applications where id = $1")
                .bind(id.as_uuid())
                .fetch_optional(&mut self.connection().await)
                .await
                .unwrap()?;
        let submitter = match submitter.0.parse().unwrap() {
            Channel::Citizen => Submitter::Citizen(TaxCode::parse(&submitter.1).unwrap()),
            Channel::Intermediary => Submitter::Intermediary(OrganisationId::parse(&submitter.1).unwrap()),
        };
        self.store.find(id, &submitter).await.unwrap().held()
    }
}

pub(crate) async fn register(
    store: &Store,
    batch: &[AcceptedApplication],
) -> Result<Vec<Registration>, StoreError> {
    let rulings: Vec<Ruling> = batch.iter().map(once_a_person).collect();
    let batch: Vec<_> = batch
        .iter()
        .zip(&rulings)
        .map(|(application, ruling)| Registrable { application, ruling })
        .collect();
    store.register(&batch, &Incompatibilities::default()).await
}

/// The ruling of a benefit that is no money and given once a person.
pub(crate) fn once_a_person(accepted: &AcceptedApplication) -> Ruling {
    Ruling {
        closed: None,
        one_per: vec![Subject::from(&accepted.application.applicant.tax_code)],
        amount_cents: None,
        budget: None,
        version: accepted.validated_with.clone(),
    }
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn id(number: u32) -> ApplicationId {
    // spread over the whole range, as real ids are
    ApplicationId::from(Uuid::from_u128(
        u128::from(number.wrapping_mul(2_654_435_761)) << 64 | u128::from(number),
    ))
}

pub(crate) fn person(number: u32) -> TaxCode {
    let first_15 = format!("RSSMRA{:02}A01H{:03}", 10 + number / 1000 % 90, number % 1000);
    let check = tax_code::check_character(&first_15).unwrap();
    TaxCode::parse(&format!("{first_15}{check}")).unwrap()
}

/// Application `number` of a citizen, received at noon.
pub(crate) fn application(number: u32) -> AcceptedApplication {
    with_answers(number, "{}")
}

pub(crate) fn with_answers(number: u32, answers: &str) -> AcceptedApplication {
    let person = person(number);
    let content = format!(
        r#"{{"benefit": "indemnity-march-2020", "category": "self-employed", "applicant": {{
            "tax_code": "{}", "given_name": "Mario", "family_name": "Rossi", "email": "mario.rossi@example.org",
            "phone": "+39061234567", "iban": "IT60X0542811101000000123456"}}, "answers": {answers}}}"#,
        person.as_str()
    );
    AcceptedApplication {
        id: id(number),
        submitter: Submitter::Citizen(person),
        received_at: at(NOON),
        validated_with: CatalogueVersion::of(b""),
        hours_judged: false,
        batch: None,
        content_digest: ContentDigest::of(content.as_bytes()),
        application: Application::parse(content.as_bytes()).unwrap(),
    }
}

pub(crate) fn received(application: AcceptedApplication, instant: &str) -> AcceptedApplication {
    AcceptedApplication {
        received_at: at(instant),
        ..application
    }
}

/// A limit that a test can reach.
pub(crate) const SHORT: Duration = Duration::from_millis(200);
/// For whatever must happen soon, on a busy machine.
pub(crate) const SOON: Duration = Duration::from_secs(10);

/// An application with what the catalogue says of it.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) accepted: AcceptedApplication,
    pub(crate) ruling: Ruling,
}

impl Sent {
    pub(crate) fn registrable(&self) -> Registrable<'_> {
        Registrable {
            application: &self.accepted,
            ruling: &self.ruling,
        }
    }

    pub(crate) fn tax_code(&self) -> &str {
        self.accepted.application.applicant.tax_code.as_str()
    }
}

pub(crate) fn benefit(name: &str) -> BenefitId {
    BenefitId::parse(name).unwrap()
}

/// An application of a person, for a benefit that is given once a person.
pub(crate) fn sent(number: u32, of_person: u32, name: &str, received_at: Timestamp) -> Sent {
    let mut accepted = AcceptedApplication {
        id: id(number),
        received_at,
        ..application(of_person)
    };
    accepted.application.benefit = benefit(name);
    accepted.content_digest = ContentDigest::of(format!("{number} {of_person} {name}").as_bytes());
    Sent {
        ruling: once_a_person(&accepted),
        accepted,
    }
}
