//! Disclosures of earlier receipts. Their signed token contains only the digests (RFC 9901, section
//! 4.2).

use aws_lc_rs::digest::{SHA256, digest as hash};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use serde::de::IgnoredAny;
use sportello_domain::Receipt;

/// The digest algorithm that the token names (RFC 9901, section 4.1.1).
pub(crate) const ALGORITHM: &str = "sha-256";
/// The claim that is disclosed.
const CLAIM: &str = "receipt";

/// Reads the receipt of a disclosure.
pub(crate) fn disclosed(disclosure: &str) -> Option<Receipt> {
    let json = BASE64URL.decode(disclosure).ok()?;
    let (IgnoredAny, claim, receipt): (_, &str, _) = serde_json::from_slice(&json).ok()?;
    (claim == CLAIM).then_some(receipt)
}

/// Returns the digest of a disclosure, as the token contains it.
pub(crate) fn digest(disclosure: &str) -> String {
    BASE64URL.encode(hash(&SHA256, disclosure.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_is_that_of_the_standard() {
        // RFC 9901, section 4.2.3
        let disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0";
        assert_eq!(digest(disclosure), "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0");
        // not a receipt
        assert_eq!(disclosed(disclosure), None);
    }
}
