//! Applications of all kinds, each full of marks that lead to its person.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use sportello_domain::{
    AcceptedApplication, AccessReason, Application, BatchRow, ContentDigest, Mandate, OrganisationId,
    Outcome, Reason, Subject, Submitter,
};
use sportello_store::{Arrival, ContentReader, Sought};
use uuid::Uuid;

use super::{NEW, OLD, key};
use crate::fixtures::{Database, Sent, at, id, once_a_person, person, sent};

/// Text that only this application contains.
pub(super) fn marks(number: u32, of_person: u32) -> Vec<String> {
    vec![
        person(of_person).as_str().to_owned(),
        format!("segno{number:04}@example.org"),
        format!("+390699{number:06}"),
        format!("risposta {number:04}"),
    ]
}

/// An application full of what leads to the person.
pub(super) fn marked(number: u32, of_person: u32, name: &str, minute: i64) -> Sent {
    let content = serde_json::json!({
        "benefit": name,
        "applicant": {
            "tax_code": person(of_person).as_str(), "given_name": "Segnaldo", "family_name": "Contrassegni",
            "email": format!("segno{number:04}@example.org"), "phone": format!("+390699{number:06}"),
            "iban": "IT60X0542811101000000123456",
        },
        "answers": { "note": format!("risposta {number:04}") },
    })
    .to_string();
    let plain = sent(
        number,
        of_person,
        name,
        at("2020-04-01T12:00:00Z") + SignedDuration::from_mins(minute),
    );
    let accepted = AcceptedApplication {
        application: Application::parse(content.as_bytes()).unwrap(),
        content_digest: ContentDigest::of(content.as_bytes()),
        ..plain.accepted
    };
    let mut ruling = once_a_person(&accepted);
    ruling.amount_cents = Some(100);
    ruling.budget = Some(key(name));
    Sent { ruling, accepted }
}

/// Given for this child once, too.
pub(super) fn with_child(mut sent: Sent, child: &str) -> Sent {
    sent.ruling.one_per.push(Subject::of(child));
    sent
}

fn of_intermediary(mut sent: Sent, row: u32) -> Sent {
    sent.accepted.submitter = Submitter::Intermediary(OrganisationId::parse("patronato-segno").unwrap());
    sent.accepted.application.mandate = Some(Mandate::parse("delega-segno").unwrap());
    let batch = Uuid::from_u128(77).into();
    sent.accepted.batch = Some(BatchRow { id: batch, row });
    sent
}

fn hex(digest: &ContentDigest) -> String {
    use std::fmt::Write as _;
    digest.as_bytes().iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

pub(super) const CHILD: &str = "SGNFGL10A01H501X";

/// Applications for the old benefit of all kinds, and for the new one by some of the same persons.
pub(super) struct Scene {
    pub(super) old: Vec<Sent>,
    pub(super) new: Vec<Sent>,
    pub(super) conflicting: Sent,
}

impl Scene {
    pub(super) fn new() -> Self {
        let mut closed = marked(8, 7, OLD, 8);
        closed.ruling.closed = Some(Reason::AfterClosing);
        let old = vec![
            with_child(marked(1, 1, OLD, 1), CHILD),
            // the same person, then the same child
            marked(2, 1, OLD, 2),
            with_child(marked(3, 3, OLD, 3), CHILD),
            of_intermediary(marked(4, 2, OLD, 4), 1),
            marked(5, 4, OLD, 5),
            marked(6, 6, OLD, 6),
            marked(7, 8, OLD, 7),
            closed,
        ];
        let new = vec![
            marked(21, 4, NEW, 10),
            marked(22, 5, NEW, 11),
            marked(23, 6, NEW, 0),
            of_intermediary(marked(24, 9, NEW, 12), 2),
        ];
        let mut conflicting = marked(99, 4, OLD, 9);
        conflicting.accepted.id = id(5);
        Self {
            old,
            new,
            conflicting,
        }
    }

    pub(super) async fn register(&self, database: &Database) {
        for one in self.old.iter().chain(&self.new) {
            database.deliver(std::slice::from_ref(one)).await.unwrap();
        }
        let again = database
            .deliver(std::slice::from_ref(&self.conflicting))
            .await
            .unwrap();
        assert_eq!(again[0].arrival, Arrival::Conflict);
        for one in &self.old {
            let store = &database.store;
            let found = store.find(one.accepted.id, &one.accepted.submitter).await;
            assert!(matches!(found.unwrap(), Sought::Held(_)));
            assert!(matches!(
                store.content(one.accepted.id, &operator()).await.unwrap(),
                Sought::Held(_)
            ));
        }
        database.allot().await;
    }

    /// What leads to a person who applied for the old benefit and to none who applied for the new
    /// one.
    pub(super) fn marks_of_old(&self) -> Vec<String> {
        let kept: BTreeSet<&str> = self.new.iter().map(Sent::tax_code).collect();
        let numbers = (1..=8).zip([1, 1, 3, 2, 4, 6, 8, 7]);
        let marks = numbers.flat_map(|(number, of_person)| marks(number, of_person));
        let digests = self
            .old
            .iter()
            .chain([&self.conflicting])
            .map(|sent| hex(&sent.accepted.content_digest));
        marks
            .chain(digests)
            .chain([CHILD, "segno0099@", "operatore-segno", "motivo-segno"].map(str::to_owned))
            .filter(|mark| !kept.contains(mark.as_str()))
            .collect()
    }

    pub(super) async fn outcomes_of_new(&self, database: &Database) -> Vec<(Outcome, Reason, usize)> {
        let mut outcomes = Vec::new();
        for one in &self.new {
            let found = database.find(one.accepted.id).await.unwrap();
            assert_eq!(found.tax_code.as_str(), one.tax_code());
            assert_eq!(found.content_digest, one.accepted.content_digest);
            outcomes.push((found.outcome, found.reason, found.history.len()));
        }
        outcomes
    }
}

pub(super) fn operator() -> ContentReader {
    ContentReader::Operator {
        issuer: "https://issuer.test".into(),
        subject: "operatore-segno".into(),
        reason: AccessReason::parse("motivo-segno di prova").unwrap(),
    }
}
