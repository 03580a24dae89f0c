//! A batch as columns, one array each, for `unnest`.

use std::collections::BTreeMap;

use serde_json::Value;
use sportello_domain::{AcceptedApplication, ApplicationId};
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::instants;
use crate::protocol::protocol_year;

/// The application of each id that would be registered: the one received first; of two received at the same instant,
/// the one that stands first in the batch. In order of id.
pub(crate) fn candidates<'a>(batch: &[&'a AcceptedApplication]) -> Vec<&'a AcceptedApplication> {
    let mut first: BTreeMap<ApplicationId, &AcceptedApplication> = BTreeMap::new();
    for &application in batch {
        let candidate = first.entry(application.id).or_insert(application);
        if application.received_at < candidate.received_at {
            *candidate = application;
        }
    }
    first.into_values().collect()
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
    pub(crate) answers: Vec<Json<&'a Value>>,
    pub(crate) content_digest: Vec<&'a [u8]>,
    pub(crate) received_at: Vec<OffsetDateTime>,
}

impl<'a> Columns<'a> {
    pub(crate) fn of(rows: &[&'a AcceptedApplication]) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.push(row);
        }
        columns
    }

    fn push(&mut self, row: &'a AcceptedApplication) {
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
        self.answers.push(Json(application.answers.as_json()));
        self.content_digest.push(row.content_digest.as_bytes());
        self.received_at.push(instants::to_database(row.received_at));
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
