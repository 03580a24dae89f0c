//! The content of a receipt.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::ContentDigest;
use crate::identifiers::BenefitId;
use crate::ids::{ApplicationId, HolderTag};

/// Proof, once signed, that an application was accepted. It names no person: `holders` are tags.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The application's id.
    pub application_id: ApplicationId,
    /// The benefit.
    pub benefit: BenefitId,
    /// When it was accepted: the time that counts, even if it is registered much later.
    pub received_at: Timestamp,
    /// Digest of the content, exactly as sent.
    #[serde(with = "as_text")]
    pub content_digest: ContentDigest,
    /// The tags of those who may use the receipt: the submitter and, if different, the applicant.
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
