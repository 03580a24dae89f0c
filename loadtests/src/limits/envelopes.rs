//! What intake would have put into the queue.

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use jiff::Timestamp;
use sportello_domain::{ApplicationId, CatalogueVersion, Content, Submitter};
use sportello_queue::{Cover, Submission, encode};
use uuid::Uuid;

use crate::applications::Applications;
use crate::contents::content;

/// How many applications share a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Packing {
    /// None: as an intake writes them that puts each request into the queue.
    Single,
    /// As many as intake packs at a peak.
    Packed,
}

impl Packing {
    /// Applications of a message.
    pub(super) fn applications(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Packed => 32,
        }
    }

    /// Messages that a bare worker has without an acknowledgement: of packed ones as many as the shipped worker, of single
    /// ones so many that a batch of 500 is a quarter of them. To acknowledge more of them at once empties the pipe.
    pub(super) fn prefetch(self) -> u16 {
        match self {
            Self::Single => 2_000,
            Self::Packed => 160,
        }
    }
}

/// Envelopes with these applications, each of another person, and how many are in each.
pub(super) async fn envelopes(
    applications: Arc<Applications>,
    count: u64,
    packing: Packing,
) -> anyhow::Result<Vec<(Bytes, u32)>> {
    let make = move || pack(&applications, (0..count).collect(), packing.applications());
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
    Ok(Submission::new(&cover, Content::parse(body.as_bytes())?)?)
}
