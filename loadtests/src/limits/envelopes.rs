//! What intake would have put into the queue.

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use jiff::Timestamp;
use sportello_domain::{ApplicationId, CatalogueVersion, Submitter};
use sportello_queue::{Cover, Submission, encode};
use uuid::Uuid;

use crate::applications::Applications;
use crate::contents::content;

/// Applications of a message, as many as intake puts into one at a peak.
const PACKED: usize = 32;

/// Envelopes with these applications, each of another person, and how many are in each.
pub(super) async fn envelopes(
    applications: Arc<Applications>,
    count: u64,
) -> anyhow::Result<Vec<(Bytes, u32)>> {
    let make = move || pack(&applications, (0..count).collect(), PACKED);
    tokio::task::spawn_blocking(make).await?
}

/// One message with so many applications.
pub(super) fn one_envelope(applications: &Applications, count: u64) -> anyhow::Result<Bytes> {
    let mut messages = pack(applications, (0..count).collect(), usize::MAX)?;
    Ok(messages.pop().context("an envelope without applications")?.0)
}

fn pack(applications: &Applications, numbers: Vec<u64>, packed: usize) -> anyhow::Result<Vec<(Bytes, u32)>> {
    let version = CatalogueVersion::of(b"");
    let envelope = |numbers: &[u64]| {
        let submissions = numbers
            .iter()
            .map(|number| submission(applications, *number, &version))
            .collect::<anyhow::Result<Vec<_>>>()?;
        Ok((encode(submissions.iter()).into(), u32::try_from(numbers.len())?))
    };
    numbers.chunks(packed).map(envelope).collect()
}

fn submission(
    applications: &Applications,
    number: u64,
    version: &CatalogueVersion,
) -> anyhow::Result<Submission> {
    let person = applications.person(number);
    let body = content(&person, number, &applications.key(number)).to_string();
    let submitter = Submitter::Citizen(person.tax_code.clone());
    let id = ApplicationId::from(Uuid::new_v8(rand::random()));
    let cover = Cover::new(id, &submitter, Timestamp::now(), version);
    Ok(Submission::new(&cover, body.as_bytes())?)
}
