//! Signs receipts.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::json;
use sportello_domain::{BatchReceipt, Receipt};

use crate::claims::Claims;
use crate::keys::{PublishedKeys, ReceiptKeys};
use crate::{BATCH_TYP, TYP};

/// Signs receipts with the key in use.
///
/// It builds the JWS itself, since `jsonwebtoken::encode` parses the private key for each
/// signature.
#[derive(Debug)]
pub struct ReceiptSigner {
    keys: ReceiptKeys,
    /// The encoded header with a final dot, the same for every receipt.
    header: String,
    /// The same for the receipt of a batch.
    batch_header: String,
    issuer: String,
}

/// The receipt of a batch, with its issuer and time of issue (RFC 7519, section 4.1).
#[derive(Serialize)]
struct BatchClaims<'a> {
    iss: &'a str,
    iat: i64,
    #[serde(flatten)]
    receipt: &'a BatchReceipt,
}

impl ReceiptSigner {
    /// Makes a signer with these keys; `issuer` is the office's public address, which publishes the
    /// keys.
    #[must_use]
    pub fn new(keys: ReceiptKeys, issuer: String) -> Self {
        let header = |typ: &str| {
            let header = json!({ "alg": "EdDSA", "typ": typ, "kid": keys.key_id }).to_string();
            format!("{}.", BASE64URL.encode(header))
        };
        Self {
            header: header(TYP),
            batch_header: header(BATCH_TYP),
            keys,
            issuer,
        }
    }

    /// Signs a receipt.
    ///
    /// # Errors
    /// Only where the receipt can't be written as JSON.
    pub fn sign(&self, receipt: &Receipt) -> Result<String, serde_json::Error> {
        let claims = serde_json::to_string(&Claims::new(&self.issuer, receipt))?;
        Ok(self.jws(&self.header, &claims))
    }

    /// Signs the receipt of a batch.
    ///
    /// # Errors
    /// Only where the receipt can't be written as JSON.
    pub fn sign_batch(&self, receipt: &BatchReceipt) -> Result<String, serde_json::Error> {
        let claims = BatchClaims {
            iss: &self.issuer,
            iat: receipt.received_at.as_second(),
            receipt,
        };
        Ok(self.jws(&self.batch_header, &serde_json::to_string(&claims)?))
    }

    /// Signs the claims, behind an encoded header with its final dot.
    pub(crate) fn jws(&self, header: &str, claims: &str) -> String {
        let mut jws = header.to_owned();
        BASE64URL.encode_string(claims, &mut jws);
        let signature = self.keys.pair.sign(jws.as_bytes());
        jws.push('.');
        BASE64URL.encode_string(signature, &mut jws);
        jws
    }

    /// Returns the public keys for verifying receipts, the one in use first.
    #[must_use]
    pub fn public_keys(&self) -> &JwkSet {
        &self.keys.public
    }

    /// Returns the same keys as intake publishes them.
    #[must_use]
    pub fn published_keys(&self) -> &PublishedKeys {
        &self.keys.published
    }
}
