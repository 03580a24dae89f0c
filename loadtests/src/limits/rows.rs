//! A plain table of applications: columns for the content, and a primary key.

use serde::Deserialize;
use serde_json::value::RawValue;
use sqlx::{Executor as _, PgConnection};
use uuid::Uuid;

/// The table of the bare worker.
pub(super) const TABLE: &str = "limits_applications";

const CREATE: &str = "create table limits_applications (
    id uuid primary key, benefit text not null, category text, channel text not null, submitter text not null,
    tax_code text not null, given_name text not null, family_name text not null, email text, iban text,
    answers jsonb not null, content_digest text not null, received_at timestamptz not null,
    registered_at timestamptz not null default now()
)";

const INSERT: &str = "insert into limits_applications (
    id, benefit, category, channel, submitter, tax_code, given_name, family_name, email, iban, answers,
    content_digest, received_at
) select id, benefit, category, channel, submitter, tax_code, given_name, family_name, email, iban, answers::jsonb,
    content_digest, received_at::timestamptz
from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
    $9::text[], $10::text[], $11::text[], $12::text[], $13::text[])
as t (id, benefit, category, channel, submitter, tax_code, given_name, family_name, email, iban, answers,
    content_digest, received_at)";

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    applications: Vec<Item<'a>>,
}

#[derive(Deserialize)]
struct Item<'a> {
    id: Uuid,
    channel: &'a str,
    submitter: &'a str,
    received_at: &'a str,
    content_digest: &'a str,
    #[serde(borrow)]
    content: Content<'a>,
}

#[derive(Deserialize)]
struct Content<'a> {
    benefit: &'a str,
    category: Option<&'a str>,
    #[serde(borrow)]
    applicant: Applicant<'a>,
    #[serde(borrow)]
    answers: &'a RawValue,
}

#[derive(Deserialize)]
struct Applicant<'a> {
    tax_code: &'a str,
    given_name: &'a str,
    family_name: &'a str,
    email: Option<&'a str>,
    iban: Option<&'a str>,
}

/// Rows to insert, one array a column. Texts are borrowed from the messages.
#[derive(Default)]
pub(crate) struct Rows<'a> {
    pub(crate) id: Vec<Uuid>,
    benefit: Vec<&'a str>,
    category: Vec<Option<&'a str>>,
    channel: Vec<&'a str>,
    submitter: Vec<&'a str>,
    tax_code: Vec<&'a str>,
    given_name: Vec<&'a str>,
    family_name: Vec<&'a str>,
    email: Vec<Option<&'a str>>,
    iban: Vec<Option<&'a str>>,
    answers: Vec<&'a str>,
    content_digest: Vec<&'a str>,
    received_at: Vec<&'a str>,
}

impl<'a> Rows<'a> {
    /// Adds the applications of an envelope.
    pub(crate) fn add(&mut self, envelope: &'a [u8]) -> serde_json::Result<()> {
        let envelope: Envelope<'a> = serde_json::from_slice(envelope)?;
        envelope.applications.into_iter().for_each(|item| self.push(item));
        Ok(())
    }

    fn push(&mut self, item: Item<'a>) {
        let Content {
            benefit,
            category,
            applicant,
            answers,
        } = item.content;
        self.id.push(item.id);
        self.benefit.push(benefit);
        self.category.push(category);
        self.channel.push(item.channel);
        self.submitter.push(item.submitter);
        self.tax_code.push(applicant.tax_code);
        self.given_name.push(applicant.given_name);
        self.family_name.push(applicant.family_name);
        self.email.push(applicant.email);
        self.iban.push(applicant.iban);
        self.answers.push(answers.get());
        self.content_digest.push(item.content_digest);
        self.received_at.push(item.received_at);
    }

    /// Inserts the rows in their own transaction.
    pub(super) async fn insert(&self, database: &mut PgConnection) -> sqlx::Result<()> {
        sqlx::query(INSERT)
            .bind(&self.id)
            .bind(&self.benefit)
            .bind(&self.category)
            .bind(&self.channel)
            .bind(&self.submitter)
            .bind(&self.tax_code)
            .bind(&self.given_name)
            .bind(&self.family_name)
            .bind(&self.email)
            .bind(&self.iban)
            .bind(&self.answers)
            .bind(&self.content_digest)
            .bind(&self.received_at)
            .execute(database)
            .await?;
        Ok(())
    }
}

/// Makes the table.
pub(super) async fn create_table(database: &mut PgConnection) -> sqlx::Result<()> {
    database.execute(CREATE).await.map(drop)
}
