//! What a receipt says.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::ContentDigest;
use crate::identifiers::BenefitId;
use crate::ids::{ApplicationId, HolderTag};

/// Proof, once signed, that an application was accepted. It names nobody: `holders` are tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The application's id.
    pub application_id: ApplicationId,
    /// What was asked for.
    pub benefit: BenefitId,
    /// When it was accepted: the instant that counts, however late it is registered.
    pub received_at: Timestamp,
    /// Digest of the content as it was sent.
    #[serde(with = "as_text")]
    pub content_digest: ContentDigest,
    /// Who may use the receipt: the submitter and, where that is another, the applicant.
    pub holders: Vec<HolderTag>,
}

mod as_text {
    use serde::{Deserialize, Deserializer, Serializer};

    use crate::digest::ContentDigest;

    pub(super) fn serialize<S: Serializer>(digest: &ContentDigest, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(digest)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<ContentDigest, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}
