//! Checks receipts by the standards, with only the office's public keys.

use std::sync::mpsc::Receiver;

use jiff::Timestamp;
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
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

/// What a receipt says.
#[derive(Clone, Deserialize)]
struct Receipt {
    jti: Uuid,
    /// Seconds, with milliseconds.
    iat: f64,
}

impl Receipt {
    fn names(&self, accepted: &Accepted) -> bool {
        let received_at = accepted.received_at.as_duration().as_secs_f64();
        self.jti == accepted.id && (self.iat - received_at).abs() < 0.000_5
    }
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
        let is_good = receipt.is_some_and(|receipt| receipt.names(&accepted));
        checked.checked += 1;
        checked.bad += u64::from(!is_good);
    }
    checked
}

/// Returns what the receipt says, if it is valid (RFC 7519, section 7.2).
fn read(receipt: &str, keys: &[DecodingKey], validation: &Validation) -> Option<Receipt> {
    let read = |key| jsonwebtoken::decode::<Receipt>(receipt, key, validation).ok();
    let jwt = keys.iter().find_map(read)?;
    (jwt.header.typ.as_deref() == Some("receipt+jwt")).then_some(jwt.claims)
}
