//! Messages as intake would have published them.

use std::sync::Arc;

use anyhow::Context as _;
use bytes::Bytes;
use jiff::Timestamp;
use sportello_domain::{ApplicationId, CatalogueVersion, Content, Submitter};
use sportello_queue::{Cover, Submission, encode};
use uuid::Uuid;

use crate::people::applications::Applications;
use crate::people::contents::content;

/// Applications of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Packing {
    /// One: an intake that publishes each request alone.
    Single,
    /// As many as intake packs at a peak.
    Packed,
}

impl Packing {
    /// Returns the applications of a message.
    fn applications(self) -> usize {
        match self {
            Self::Single => 1,
            Self::Packed => 32,
        }
    }
}

/// Makes envelopes with these applications, each of another person, and their number of
/// applications.
pub(crate) async fn envelopes(
    applications: Arc<Applications>,
    count: u64,
    packing: Packing,
) -> anyhow::Result<Vec<(Bytes, u32)>> {
    let make = move || pack(&applications, (0..count).collect(), packing.applications());
    tokio::task::spawn_blocking(make).await?
}

/// Makes one message with one application.
pub(super) fn one_envelope(applications: &Applications) -> anyhow::Result<Bytes> {
    let mut messages = pack(applications, vec![0], 1)?;
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
    Ok(Submission::new(&cover, Content::parse(body.as_bytes())?)?.0)
}
