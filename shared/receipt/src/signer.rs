//! Signing.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::json;
use sportello_domain::{BatchReceipt, Receipt};

use crate::keys::ReceiptKeys;
use crate::{BATCH_TYP, TYP};

/// Signs receipts with the key in use.
///
/// The three parts of the JWS are put together here and not by `jsonwebtoken::encode`, which reads the private
/// key anew for each signature.
#[derive(Debug)]
pub struct ReceiptSigner {
    keys: ReceiptKeys,
    /// The encoded header and the dot behind it, the same for every receipt.
    header: String,
    /// The same of the receipt of a batch.
    batch_header: String,
    issuer: String,
}

/// What is signed: the receipt and who says so, when (RFC 7519, section 4.1).
#[derive(Serialize)]
struct Claims<'a, T> {
    iss: &'a str,
    iat: i64,
    #[serde(flatten)]
    receipt: &'a T,
}

impl ReceiptSigner {
    /// A signer with these keys; `issuer` is the office's public address, where its keys can be read.
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

    /// The receipt, signed.
    ///
    /// # Errors
    /// Only where the receipt can't be written as JSON.
    pub fn sign(&self, receipt: &Receipt) -> Result<String, serde_json::Error> {
        self.jws(&self.header, receipt.received_at, receipt)
    }

    /// The receipt of a batch, signed.
    ///
    /// # Errors
    /// Only where the receipt can't be written as JSON.
    pub fn sign_batch(&self, receipt: &BatchReceipt) -> Result<String, serde_json::Error> {
        self.jws(&self.batch_header, receipt.received_at, receipt)
    }

    fn jws<T: Serialize>(
        &self,
        header: &str,
        at: Timestamp,
        receipt: &T,
    ) -> Result<String, serde_json::Error> {
        let claims = Claims {
            iss: &self.issuer,
            iat: at.as_second(),
            receipt,
        };
        let mut jws = header.to_owned();
        BASE64URL.encode_string(serde_json::to_vec(&claims)?, &mut jws);
        let signature = self.keys.pair.sign(jws.as_bytes());
        jws.push('.');
        BASE64URL.encode_string(signature, &mut jws);
        Ok(jws)
    }

    /// The public keys that receipts can be checked with, the one in use first.
    #[must_use]
    pub fn public_keys(&self) -> &JwkSet {
        &self.keys.public
    }
}
