//! Signing.

use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use serde::Serialize;
use serde_json::json;
use sportello_domain::{BatchReceipt, Receipt};

use crate::disclosure::{self, disclosure};
use crate::group::{Group, Groups};
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
    groups: Groups,
}

/// A receipt that shares its signature with those that join until it is signed.
#[derive(Debug)]
pub struct UnsignedReceipt<'a> {
    signer: &'a ReceiptSigner,
    group: Arc<Group>,
    disclosure: String,
}

/// The receipt of a batch and who says so, when (RFC 7519, section 4.1).
#[derive(Serialize)]
struct BatchClaims<'a> {
    iss: &'a str,
    iat: i64,
    #[serde(flatten)]
    receipt: &'a BatchReceipt,
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
            groups: Groups::default(),
        }
    }

    /// Puts the receipt among those that are signed next.
    ///
    /// # Errors
    /// Only where the receipt can't be written as JSON.
    pub fn join(&self, receipt: &Receipt) -> Result<UnsignedReceipt<'_>, serde_json::Error> {
        let disclosure = disclosure(receipt)?;
        Ok(UnsignedReceipt {
            signer: self,
            group: self.groups.join(disclosure::digest(&disclosure)),
            disclosure,
        })
    }

    /// The receipt of a batch, signed.
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

    /// One token for the receipts with these digests (RFC 9901, section 4.1).
    fn sign_digests(&self, digests: &[String]) -> String {
        let claims = json!({
            "iss": self.issuer,
            "iat": Timestamp::now().as_second(),
            "_sd_alg": disclosure::ALGORITHM,
            "_sd": digests,
        });
        self.jws(&self.header, &claims.to_string())
    }

    fn jws(&self, header: &str, claims: &str) -> String {
        let mut jws = header.to_owned();
        BASE64URL.encode_string(claims, &mut jws);
        let signature = self.keys.pair.sign(jws.as_bytes());
        jws.push('.');
        BASE64URL.encode_string(signature, &mut jws);
        jws
    }

    /// The public keys that receipts can be checked with, the one in use first.
    #[must_use]
    pub fn public_keys(&self) -> &JwkSet {
        &self.keys.public
    }
}

impl UnsignedReceipt<'_> {
    /// The receipt, signed; nobody joins it any more.
    #[must_use]
    pub fn sign(self) -> String {
        let Self {
            signer,
            group,
            disclosure,
        } = self;
        let signed = signer
            .groups
            .signed(&group, |digests| signer.sign_digests(digests));
        [signed, "~", &disclosure, "~"].concat()
    }
}
