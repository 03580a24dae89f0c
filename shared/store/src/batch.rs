//! A batch, and its rows as columns, one array each, for `unnest`.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde_json::Value;
use sportello_domain::{AcceptedApplication, ApplicationId, Ruling, Subject};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::decision::{Decision, Party};
use crate::instants;
use crate::protocol::protocol_year;

/// An application, and what the catalogue says of it.
#[derive(Debug, Clone, Copy)]
pub struct Registrable<'a> {
    /// The application.
    pub application: &'a AcceptedApplication,
    /// What the catalogue says of it.
    pub ruling: &'a Ruling,
}

impl Registrable<'_> {
    pub(crate) fn id(&self) -> ApplicationId {
        self.application.id
    }

    /// When it was received, as the database will hold it: an instant that is decided on must not change afterwards.
    pub(crate) fn received_at(&self) -> Timestamp {
        instants::stored(self.application.received_at)
    }

    pub(crate) fn applicant(&self) -> Subject {
        Subject::from(&self.application.application.applicant.tax_code)
    }

    /// The subjects that the benefit is given for once, each once. What is blank names nothing.
    pub(crate) fn one_per(&self) -> Vec<Subject> {
        let mut one_per: Vec<Subject> = Vec::with_capacity(self.ruling.one_per.len());
        for subject in &self.ruling.one_per {
            if !subject.as_str().is_empty() && !one_per.contains(subject) {
                one_per.push(subject.clone());
            }
        }
        one_per
    }
}

/// The application of each id that would be registered: the one received first; of two received at the same instant,
/// the one that stands first in the batch. In order of id.
pub(crate) fn candidates<'a>(batch: &[Registrable<'a>]) -> Vec<Registrable<'a>> {
    let mut first: BTreeMap<ApplicationId, Registrable<'a>> = BTreeMap::new();
    for &registrable in batch {
        let candidate = first.entry(registrable.id()).or_insert(registrable);
        if registrable.application.received_at < candidate.application.received_at {
            *candidate = registrable;
        }
    }
    first.into_values().collect()
}

/// The applicants and the subjects of some applications.
pub(crate) fn subjects(candidates: &[Registrable<'_>]) -> BTreeSet<Subject> {
    candidates
        .iter()
        .flat_map(|candidate| std::iter::once(candidate.applicant()).chain(candidate.one_per()))
        .collect()
}

/// Between the subjects of one application in a text. None holds it, since they hold no white space.
pub(crate) const BETWEEN_SUBJECTS: &str = "\n";

/// An application to insert, with what is decided on it.
pub(crate) struct NewRow<'a> {
    pub(crate) registrable: Registrable<'a>,
    pub(crate) party: &'a Party,
    pub(crate) decision: Decision,
}

/// The columns of rows to insert. `unnest` would fill up a short array with nulls without a word, so all of them grow
/// by one element in one place.
#[derive(Default)]
pub(crate) struct Columns<'a> {
    pub(crate) id: Vec<Uuid>,
    pub(crate) protocol_year: Vec<i16>,
    pub(crate) benefit: Vec<&'a str>,
    pub(crate) category: Vec<Option<&'a str>>,
    pub(crate) channel: Vec<&'a str>,
    pub(crate) submitter: Vec<&'a str>,
    pub(crate) tax_code: Vec<&'a str>,
    pub(crate) given_name: Vec<&'a str>,
    pub(crate) family_name: Vec<&'a str>,
    pub(crate) email: Vec<Option<&'a str>>,
    pub(crate) phone: Vec<Option<&'a str>>,
    pub(crate) iban: Vec<Option<&'a str>>,
    pub(crate) mandate: Vec<Option<&'a str>>,
    pub(crate) answers: Vec<Json<&'a Value>>,
    pub(crate) content_digest: Vec<&'a [u8]>,
    pub(crate) received_at: Vec<OffsetDateTime>,
    pub(crate) one_per: Vec<String>,
    pub(crate) amount_cents: Vec<Option<i64>>,
    pub(crate) budget: Vec<Option<&'a str>>,
    pub(crate) turn: Vec<i64>,
    pub(crate) validated_with: Vec<&'a str>,
    pub(crate) decided_with: Vec<&'a str>,
    pub(crate) outcome: Vec<&'a str>,
    pub(crate) reason: Vec<&'a str>,
    pub(crate) standing_id: Vec<Option<Uuid>>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(rows: &[NewRow<'a>]) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push_content(row.registrable.application);
            columns.push_decision(row);
        }
        columns
    }

    fn push_content(&mut self, row: &'a AcceptedApplication) {
        let application = &row.application;
        let applicant = &application.applicant;
        self.id.push(*row.id.as_uuid());
        self.protocol_year.push(protocol_year(row.received_at));
        self.benefit.push(application.benefit.as_str());
        self.category
            .push(application.category.as_ref().map(|category| category.as_str()));
        self.channel.push(row.submitter.channel().as_str());
        self.submitter.push(row.submitter.as_str());
        self.tax_code.push(applicant.tax_code.as_str());
        self.given_name.push(applicant.given_name.as_str());
        self.family_name.push(applicant.family_name.as_str());
        self.email
            .push(applicant.email.as_ref().map(|email| email.as_str()));
        self.phone
            .push(applicant.phone.as_ref().map(|phone| phone.as_str()));
        self.iban.push(applicant.iban.as_ref().map(|iban| iban.as_str()));
        self.mandate
            .push(application.mandate.as_ref().map(|mandate| mandate.as_str()));
        self.answers.push(Json(application.answers.as_json()));
        self.content_digest.push(row.content_digest.as_bytes());
        self.received_at.push(instants::to_database(row.received_at));
        self.validated_with.push(row.validated_with.as_str());
    }

    fn push_decision(&mut self, row: &NewRow<'a>) {
        let one_per: Vec<&str> = row.party.one_per.iter().map(Subject::as_str).collect();
        self.one_per.push(one_per.join(BETWEEN_SUBJECTS));
        self.amount_cents.push(row.party.amount_cents);
        self.budget.push(row.party.budget.as_deref());
        self.turn.push(row.decision.turn);
        self.decided_with.push(row.registrable.ruling.version.as_str());
        self.outcome.push(row.decision.verdict.outcome.as_str());
        self.reason.push(row.decision.verdict.reason.as_str());
        self.standing_id
            .push(row.decision.verdict.standing.map(|id| *id.as_uuid()));
    }
}

/// An instant, and for a conflict its content's digest, for each of some ids.
#[derive(Default)]
pub(crate) struct Receipts<'a> {
    pub(crate) id: Vec<Uuid>,
    pub(crate) content_digest: Vec<&'a [u8]>,
    pub(crate) received_at: Vec<OffsetDateTime>,
}

impl<'a> Receipts<'a> {
    pub(crate) fn of(rows: &[&'a AcceptedApplication]) -> Self {
        let mut receipts = Self::default();
        for row in rows {
            receipts.id.push(*row.id.as_uuid());
            receipts.content_digest.push(row.content_digest.as_bytes());
            receipts.received_at.push(instants::to_database(row.received_at));
        }
        receipts
    }
}
