//! Invented applications.

use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::{Value, json};
use sportello_domain::{
    ApplicationId, BatchRow, CatalogueVersion, Channel, Content, IdSecret, IdempotencyKey, OrganisationId,
    Submitter, TaxCode, tax_code,
};
use sportello_queue::{Cover, Submission};
use sportello_stack::folders;

/// An application's place in the test: its number makes its id, the person and the benefit its
/// content.
#[derive(Clone, Copy)]
pub(crate) struct Sent {
    pub(crate) channel: Channel,
    pub(crate) number: u32,
    pub(crate) person: u32,
    pub(crate) benefit: &'static str,
    pub(crate) received_at: Timestamp,
    /// Whether the door has judged its hours.
    pub(crate) hours_judged: bool,
}

pub(crate) const INDEMNITY: &str = "indemnity-march-2020";
pub(crate) const BABY_SITTING: &str = "baby-sitting-bonus-2020";
pub(crate) const LEAVE: &str = "parental-leave-2020";
pub(crate) const BICYCLE: &str = "bicycle-bonus-2026";

/// An application for the indemnity by the person of this number.
pub(crate) fn citizen(number: u32) -> Sent {
    Sent {
        channel: Channel::Citizen,
        number,
        person: number,
        benefit: INDEMNITY,
        received_at: instant("2020-04-01T06:00:00.5Z"),
        hours_judged: false,
    }
}

/// Decodable, and against a rule of the database.
pub(crate) fn refused(number: u32) -> Sent {
    citizen(number).at("1999-06-01T00:00:00Z")
}

pub(super) fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The file of a benefit that does not ship.
pub(crate) fn bicycle() -> PathBuf {
    folders::workspace().join("loadtests/tests/loadtests/catalogue/bicycle-bonus-2026.toml")
}

/// The benefit open since 2020, with money for three; later applications are received with
/// reservation.
pub(crate) fn with_three_bicycles(file: String) -> String {
    let file = file.replace("opens = 2026-01-01", "opens = 2020-01-01");
    file.replace(r#"past_cap = "refuse""#, r#"past_cap = "reserve""#)
}

/// The answers that the benefit's form asks for.
fn answers(benefit: &str) -> Value {
    let children =
        json!([{ "given_name": "Giulia", "family_name": "Rossi", "tax_code": "RSSGLI14H52H501D" }]);
    match benefit {
        INDEMNITY => json!({ "activity": "collaborator", "no_pension": true, "no_citizenship_income": true }),
        BABY_SITTING => {
            json!({ "amount": 600, "children": children, "no_parent_at_home": true, "no_leave": true })
        }
        LEAVE => json!({
            "periods": [{ "from": "2020-03-16", "to": "2020-03-20" }],
            "children": children, "no_parent_at_home": true, "no_bonus": true
        }),
        BICYCLE => json!({
            "kind": "cargo", "amount": 500, "bought_new": true,
            "invoices": [{ "shop": "12345670587", "date": "2026-02-14", "total": 1499.9 }]
        }),
        other => panic!("no answers for {other}"),
    }
}

fn category(benefit: &str) -> Option<&'static str> {
    match benefit {
        INDEMNITY => Some("professionals"),
        BABY_SITTING | LEAVE => Some("private-employees"),
        _ => None,
    }
}

pub(crate) fn person(number: u32) -> TaxCode {
    let (year, day) = (10 + number / 1000 % 90, 1 + number / 90_000);
    let first_15 = format!("RSSMRA{year:02}A{day:02}H{:03}", number % 1000);
    let check = tax_code::check_character(&first_15).unwrap();
    TaxCode::parse(&format!("{first_15}{check}")).unwrap()
}

impl Sent {
    pub(crate) fn at(self, received_at: &str) -> Self {
        let received_at = instant(received_at);
        Self { received_at, ..self }
    }

    pub(crate) fn of(self, person: u32) -> Self {
        Self { person, ..self }
    }

    pub(crate) fn asking_for(self, benefit: &'static str) -> Self {
        Self { benefit, ..self }
    }

    pub(crate) fn submitter(&self) -> Submitter {
        match self.channel {
            Channel::Citizen => Submitter::Citizen(person(self.person)),
            Channel::Intermediary => {
                Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap())
            }
        }
    }

    pub(crate) fn id(&self) -> ApplicationId {
        secret().application_id(
            &self.submitter(),
            &person(self.person),
            &IdempotencyKey::parse(&self.number.to_string()).unwrap(),
        )
    }

    pub(crate) fn submission(&self) -> Submission {
        self.covered(None, None)
    }

    /// As sent in a row of a batch.
    pub(crate) fn in_batch(&self, batch: BatchRow) -> Submission {
        self.covered(None, Some(batch))
    }

    /// As sent by a request in this trace.
    pub(crate) fn traced(&self, traceparent: &str) -> Submission {
        self.covered(Some(traceparent), None)
    }

    fn covered(&self, traceparent: Option<&str>, batch: Option<BatchRow>) -> Submission {
        let mut content = json!({
            "benefit": self.benefit,
            "applicant": {
                "tax_code": person(self.person).as_str(),
                "given_name": "Mario",
                "family_name": "Rossi",
                "iban": "IT60X0542811101000000123456",
            },
            "answers": answers(self.benefit),
        });
        if let Some(category) = category(self.benefit) {
            content["category"] = category.into();
        }
        let (submitter, version) = (self.submitter(), CatalogueVersion::of(b""));
        let cover = Cover {
            traceparent,
            batch,
            hours_judged: self.hours_judged,
            ..Cover::new(self.id(), &submitter, self.received_at, &version)
        };
        let content = content.to_string();
        let (submission, _) = Submission::new(&cover, Content::parse(content.as_bytes()).unwrap()).unwrap();
        submission.in_shard(secret().shard(&person(self.person)))
    }
}

fn secret() -> IdSecret {
    IdSecret::new(&"s".repeat(32).into()).unwrap()
}
