//! Checking.

use std::collections::HashMap;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::de::DeserializeOwned;
use sportello_domain::{BatchReceipt, Receipt};

use crate::{BATCH_TYP, TYP};

/// A text that is no receipt of this office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no receipt of this office: send it exactly as it was given")]
pub struct ReceiptError;

/// Checks receipts with the office's public keys.
pub struct ReceiptVerifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

impl ReceiptVerifier {
    /// A verifier with those keys of the set that can check receipts; the others are left out.
    #[must_use]
    pub fn new(keys: &JwkSet) -> Self {
        let keys = keys.keys.iter().filter_map(|jwk| {
            let key = DecodingKey::from_jwk(jwk).ok()?;
            Some((jwk.common.key_id.clone()?, key))
        });
        let mut validation = Validation::new(Algorithm::EdDSA);
        // a receipt has no end and no addressee
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        validation.validate_aud = false;
        Self {
            keys: keys.collect(),
            validation,
        }
    }

    /// The receipt that `jws` is.
    ///
    /// # Errors
    /// [`ReceiptError`] for everything else, without saying more.
    pub fn verify(&self, jws: &str) -> Result<Receipt, ReceiptError> {
        self.claims(jws, TYP)
    }

    /// The receipt of a batch that `jws` is.
    ///
    /// # Errors
    /// [`ReceiptError`] for everything else, without saying more.
    pub fn verify_batch(&self, jws: &str) -> Result<BatchReceipt, ReceiptError> {
        self.claims(jws, BATCH_TYP)
    }

    fn claims<T: DeserializeOwned + Clone>(&self, jws: &str, typ: &str) -> Result<T, ReceiptError> {
        let header = decode_header(jws).map_err(|_| ReceiptError)?;
        if header.typ.as_deref() != Some(typ) {
            return Err(ReceiptError);
        }
        let key = header.kid.and_then(|id| self.keys.get(&id)).ok_or(ReceiptError)?;
        decode(jws, key, &self.validation)
            .map(|token| token.claims)
            .map_err(|_| ReceiptError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ReceiptKeys, ReceiptSigner};
    use sportello_domain::{BenefitId, ContentDigest, IdSecret, IdempotencyKey, Submitter, TaxCode};

    fn receipt() -> Receipt {
        let secret = IdSecret::new(&"s".repeat(32).into()).unwrap();
        let citizen = Submitter::Citizen(TaxCode::parse("RSSMRA80A01H501U").unwrap());
        let application_id = secret.application_id(&citizen, &IdempotencyKey::parse("k").unwrap());
        Receipt {
            application_id,
            benefit: BenefitId::parse("indemnity-march-2020").unwrap(),
            received_at: "2020-04-01T00:00:00.123Z".parse().unwrap(),
            content_digest: ContentDigest::of(b"{}"),
            holders: vec![secret.holder_tag(application_id, &citizen)],
        }
    }

    fn signer(folder: &tempfile::TempDir) -> ReceiptSigner {
        let keys = ReceiptKeys::load_or_create(&folder.path().join("keys.json")).unwrap();
        ReceiptSigner::new(keys, "https://sportello.example".into())
    }

    #[test]
    fn a_signed_receipt_is_read_back_and_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let jws = signer.sign(&receipt()).unwrap();
        assert_eq!(
            ReceiptVerifier::new(signer.public_keys()).verify(&jws),
            Ok(receipt())
        );
        let claims = jsonwebtoken::dangerous::insecure_decode::<serde_json::Value>(&jws)
            .unwrap()
            .claims;
        assert!(!claims.to_string().contains("RSSMRA"));
    }

    #[test]
    fn the_receipt_of_a_batch_is_no_receipt_of_an_application() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        let batch = BatchReceipt {
            batch_id: uuid::Uuid::from_u128(7).into(),
            received_at: "2020-04-01T00:00:00.123Z".parse().unwrap(),
            rows: 3,
            accepted: 2,
            holders: receipt().holders,
        };
        let jws = signer.sign_batch(&batch).unwrap();
        assert_eq!(verifier.verify_batch(&jws), Ok(batch));
        assert_eq!(verifier.verify(&jws), Err(ReceiptError));
        let single = signer.sign(&receipt()).unwrap();
        assert_eq!(verifier.verify_batch(&single), Err(ReceiptError));
    }

    #[test]
    fn any_change_and_any_other_key_is_refused() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signer = signer(&folder);
        let jws = signer.sign(&receipt()).unwrap();
        let verifier = ReceiptVerifier::new(signer.public_keys());
        let payload = jws.find('.').unwrap() + 20;
        let mut changed = jws.clone();
        changed.replace_range(
            payload..=payload,
            if &jws[payload..=payload] == "A" { "B" } else { "A" },
        );
        for bad in [changed.as_str(), "", "a.b.c", &jws[..jws.len() - 4]] {
            assert_eq!(verifier.verify(bad), Err(ReceiptError));
        }
        let stranger = self::signer(&other);
        assert_eq!(
            verifier.verify(&stranger.sign(&receipt()).unwrap()),
            Err(ReceiptError)
        );
    }

    #[test]
    fn after_a_change_of_keys_earlier_receipts_still_hold() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let early = signer(&old).sign(&receipt()).unwrap();
        signer(&new);
        let read = |folder: &tempfile::TempDir| {
            let text = std::fs::read(folder.path().join("keys.json")).unwrap();
            serde_json::from_slice::<serde_json::Value>(&text).unwrap()
        };
        let (mut keys, mut earlier) = (read(&new), read(&old)["keys"][0].clone());
        earlier.as_object_mut().unwrap().remove("d");
        keys["keys"].as_array_mut().unwrap().push(earlier);
        std::fs::write(new.path().join("keys.json"), keys.to_string()).unwrap();

        let signer = signer(&new);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        assert_eq!(verifier.verify(&early), Ok(receipt()));
        assert_eq!(verifier.verify(&signer.sign(&receipt()).unwrap()), Ok(receipt()));
    }
}
