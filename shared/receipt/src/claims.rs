//! What a receipt says, as claims of a JWT (RFC 7519, section 4).

use std::borrow::Cow;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sportello_domain::{ApplicationId, BenefitId, ContentDigest, HolderTag, Receipt};

/// The claims of a receipt. Their names are short, so that a printed code is easy to read.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Claims<'a> {
    /// The office's public address.
    iss: Cow<'a, str>,
    /// The application's id.
    jti: ApplicationId,
    /// The instant of acceptance in seconds, with milliseconds.
    #[serde(with = "numeric_date")]
    iat: Timestamp,
    benefit: BenefitId,
    /// The digest of the content, as RFC 9530 writes it.
    digest: String,
    holders: Vec<HolderTag>,
}

impl<'a> Claims<'a> {
    /// Returns the claims of a receipt of the office `issuer`.
    pub(crate) fn new(issuer: &'a str, receipt: &Receipt) -> Self {
        Self {
            iss: issuer.into(),
            jti: receipt.application_id,
            iat: receipt.received_at,
            benefit: receipt.benefit.clone(),
            digest: receipt.content_digest.to_string(),
            holders: receipt.holders.clone(),
        }
    }

    /// Returns the receipt, or `None` where the digest is not one.
    pub(crate) fn receipt(self) -> Option<Receipt> {
        Some(Receipt {
            application_id: self.jti,
            received_at: self.iat,
            benefit: self.benefit,
            content_digest: self.digest.parse::<ContentDigest>().ok()?,
            holders: self.holders,
        })
    }
}

/// Seconds since 1970, with a fraction (RFC 7519, section 2).
mod numeric_date {
    use jiff::{SignedDuration, Timestamp, Unit};
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(instant: &Timestamp, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_f64(instant.as_duration().as_secs_f64())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Timestamp, D::Error> {
        let seconds = f64::deserialize(from)?;
        let since_1970 = SignedDuration::try_from_secs_f64(seconds).map_err(D::Error::custom)?;
        let instant = Timestamp::from_duration(since_1970).map_err(D::Error::custom)?;
        // a binary fraction is not exact
        instant.round(Unit::Millisecond).map_err(D::Error::custom)
    }
}
