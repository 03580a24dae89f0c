//! The applications of a transaction, as one array a column for `unnest`.

use serde_json::Value;
use sportello_domain::{AcceptedApplication, Subject};
use sqlx::types::Json;
use time::{Date, OffsetDateTime};
use uuid::Uuid;

use crate::error::StoreError;
use crate::instants;
use crate::party::Party;
use crate::protocol::protocol_year;
use crate::registrable::Registrable;
use crate::verdict::Decision;

/// Separates the subjects of one application in a text. Subjects hold no white space.
pub(crate) const BETWEEN_SUBJECTS: &str = "\n";

/// An application to insert, with its decision.
pub(crate) struct NewRow<'a> {
    pub(crate) registrable: Registrable<'a>,
    pub(crate) party: &'a Party,
    pub(crate) decision: &'a Decision,
}

/// The content, one array a column. `unnest` silently fills a short array with nulls, so all arrays
/// grow together in one place.
#[derive(Default)]
pub(crate) struct ContentColumns<'a> {
    pub(crate) id: Vec<Uuid>,
    pub(crate) benefit: Vec<&'a str>,
    pub(crate) category: Vec<Option<&'a str>>,
    pub(crate) channel: Vec<&'a str>,
    pub(crate) submitter: Vec<&'a str>,
    pub(crate) tax_code: Vec<&'a str>,
    pub(crate) given_name: Vec<Option<&'a str>>,
    pub(crate) family_name: Vec<&'a str>,
    pub(crate) birth_date: Vec<Option<Date>>,
    pub(crate) email: Vec<Option<&'a str>>,
    pub(crate) phone: Vec<Option<&'a str>>,
    pub(crate) iban: Vec<Option<&'a str>>,
    pub(crate) mandate: Vec<Option<&'a str>>,
    pub(crate) answers: Vec<Json<&'a Value>>,
    pub(crate) content_digest: Vec<&'a [u8]>,
    pub(crate) received_at: Vec<OffsetDateTime>,
    pub(crate) validated_with: Vec<&'a str>,
}

impl<'a> ContentColumns<'a> {
    pub(crate) fn of(rows: impl Iterator<Item = &'a AcceptedApplication>) -> Result<Self, StoreError> {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row)?;
        }
        Ok(columns)
    }

    fn push(&mut self, row: &'a AcceptedApplication) -> Result<(), StoreError> {
        let application = &row.application;
        let applicant = &application.applicant;
        let birth_date = applicant.birth_date.map(instants::date_to_database);
        self.birth_date.push(birth_date.transpose()?);
        self.received_at.push(instants::to_database(row.received_at)?);
        self.id.push(*row.id.as_uuid());
        self.benefit.push(application.benefit.as_str());
        self.category
            .push(application.category.as_ref().map(|category| category.as_str()));
        self.channel.push(row.submitter.channel().as_str());
        self.submitter.push(row.submitter.as_str());
        self.tax_code.push(applicant.tax_code.as_str());
        self.given_name
            .push(applicant.given_name.as_ref().map(|name| name.as_str()));
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
        self.validated_with.push(row.validated_with.as_str());
        Ok(())
    }
}

/// Ruling and decision, one array a column.
#[derive(Default)]
pub(crate) struct RulingColumns<'a> {
    pub(crate) protocol_year: Vec<i16>,
    pub(crate) one_per: Vec<String>,
    pub(crate) amount_cents: Vec<Option<i64>>,
    pub(crate) budget: Vec<Option<&'a str>>,
    pub(crate) turn: Vec<i64>,
    pub(crate) decided_with: Vec<&'a str>,
    pub(crate) outcome: Vec<&'a str>,
    pub(crate) reason: Vec<&'a str>,
    pub(crate) barring_benefit: Vec<Option<&'a str>>,
    pub(crate) barring_subject: Vec<Option<&'a str>>,
}

impl<'a> RulingColumns<'a> {
    pub(crate) fn of(rows: &[NewRow<'a>]) -> Self {
        let mut columns = Self::default();
        rows.iter().for_each(|row| columns.push(row));
        columns
    }

    fn push(&mut self, row: &NewRow<'a>) {
        let one_per: Vec<&str> = row.party.one_per.iter().map(Subject::as_str).collect();
        let verdict = &row.decision.verdict;
        let barrier = verdict.barrier.as_ref();
        self.protocol_year
            .push(protocol_year(row.registrable.application.received_at));
        self.one_per.push(one_per.join(BETWEEN_SUBJECTS));
        self.amount_cents.push(row.party.claim.amount_cents);
        self.budget.push(row.party.claim.budget.as_deref());
        self.turn.push(row.decision.turn);
        self.decided_with.push(row.registrable.ruling.version.as_str());
        self.outcome.push(verdict.outcome.as_str());
        self.reason.push(verdict.reason.as_str());
        self.barring_benefit
            .push(barrier.map(|barrier| barrier.benefit.as_str()));
        self.barring_subject
            .push(barrier.map(|barrier| barrier.subject.as_str()));
    }
}
