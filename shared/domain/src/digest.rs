//! The digest of an application's content.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "sha-256=:";

/// SHA-256 of the content's bytes exactly as they were sent, so that the sender can compute it too.
///
/// Written as a `Content-Digest` of RFC 9530, section 2: `sha-256=:<base64>:`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContentDigest([u8; 32]);

/// The error for a text that is not a digest in this form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a content digest is written sha-256=:<base64 of 32 bytes>: (RFC 9530)")]
pub struct ContentDigestError;

impl ContentDigest {
    /// Returns the digest of these bytes.
    #[must_use]
    pub fn of(content: &[u8]) -> Self {
        Self(Sha256::digest(content).into())
    }

    /// Returns the 32 bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for ContentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PREFIX}{}:", BASE64_STANDARD.encode(self.0))
    }
}

impl FromStr for ContentDigest {
    type Err = ContentDigestError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let encoded = text
            .strip_prefix(PREFIX)
            .and_then(|rest| rest.strip_suffix(':'))
            .ok_or(ContentDigestError)?;
        let bytes = BASE64_STANDARD.decode(encoded).map_err(|_| ContentDigestError)?;
        Ok(Self(bytes.try_into().map_err(|_| ContentDigestError)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_back_as_it_was_written() {
        let digest = ContentDigest::of(b"{}");
        assert_eq!(
            digest.to_string(),
            "sha-256=:RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o=:"
        );
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert_eq!("sha-256=:AAAA:".parse::<ContentDigest>(), Err(ContentDigestError));
    }
}
