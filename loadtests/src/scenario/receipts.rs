//! Checks receipts by the standards, with only the office's public keys.

use std::sync::mpsc::Receiver;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// An accepted application.
#[derive(Debug, Clone)]
pub(super) struct Accepted {
    pub(super) number: u64,
    pub(super) id: Uuid,
    pub(super) received_at: Timestamp,
    pub(super) receipt: String,
}

/// Number of checked receipts.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Checked {
    pub(super) checked: u64,
    pub(super) bad: u64,
}

/// The signed part: digests of disclosures, ours among them.
#[derive(Clone, Deserialize)]
struct Signed {
    #[serde(rename = "_sd_alg")]
    algorithm: String,
    #[serde(rename = "_sd")]
    digests: Vec<String>,
}

/// The content of a receipt.
#[derive(Deserialize)]
struct Receipt {
    application_id: Uuid,
    received_at: Timestamp,
}

/// Checks receipts with the keys that the office publishes.
pub(super) fn check(keys: &JwkSet, receipts: &Receiver<Vec<Accepted>>) -> Checked {
    let mut validation = Validation::new(Algorithm::EdDSA);
    // a receipt has no expiry and no audience
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    let keys: Vec<DecodingKey> = keys
        .keys
        .iter()
        .filter_map(|key| DecodingKey::from_jwk(key).ok())
        .collect();
    let mut checked = Checked::default();
    for accepted in receipts.iter().flatten() {
        let receipt = read(&accepted.receipt, &keys, &validation);
        let is_good = receipt.is_some_and(|receipt| {
            receipt.application_id == accepted.id && receipt.received_at == accepted.received_at
        });
        checked.checked += 1;
        checked.bad += u64::from(!is_good);
    }
    checked
}

/// Returns the receipt in an SD-JWT with one disclosure, if it is valid (RFC 9901, section 7.1).
fn read(receipt: &str, keys: &[DecodingKey], validation: &Validation) -> Option<Receipt> {
    let (token, disclosure) = receipt.strip_suffix('~')?.split_once('~')?;
    let read = |key| jsonwebtoken::decode::<Signed>(token, key, validation).ok();
    let jws = keys.iter().find_map(read)?;
    if jws.header.typ.as_deref() != Some("receipt+sd-jwt") {
        return None;
    }
    let signed = jws.claims;
    let digest = BASE64URL.encode(Sha256::digest(disclosure));
    if signed.algorithm != "sha-256" || !signed.digests.contains(&digest) {
        return None;
    }
    let (_salt, claim, receipt): (String, String, Receipt) =
        serde_json::from_slice(&BASE64URL.decode(disclosure).ok()?).ok()?;
    (claim == "receipt").then_some(receipt)
}
