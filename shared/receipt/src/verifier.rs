//! Verifies receipts.

use std::collections::HashMap;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sportello_domain::{BatchReceipt, Receipt};

use crate::disclosure::{self, digest, disclosed};
use crate::{BATCH_TYP, TYP};

/// The error for a text that is not a receipt of this office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a receipt of this office: send the receipt exactly as you received it")]
pub struct ReceiptError;

/// Verifies receipts with the office's public keys.
pub struct ReceiptVerifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

/// The claims of a token that receipts share.
#[derive(Clone, Deserialize)]
struct Digests {
    #[serde(rename = "_sd_alg")]
    algorithm: String,
    #[serde(rename = "_sd")]
    digests: Vec<String>,
}

impl ReceiptVerifier {
    /// Makes a verifier with the usable keys of the set; skips the others.
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

    /// Whether the verifier has no keys.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Whether the key that signed this receipt, of an application or a batch, is known. Also true
    /// for a text that names no key: no other key would make it a receipt.
    #[must_use]
    pub fn knows_key_of(&self, receipt: &str) -> bool {
        let jws = receipt.split('~').next().unwrap_or_default();
        let named = decode_header(jws).ok().and_then(|header| header.kid);
        named.is_none_or(|id| self.keys.contains_key(&id))
    }

    /// Verifies an SD-JWT: a token and one disclosure (RFC 9901, section 7.1). Returns its receipt.
    ///
    /// # Errors
    /// [`ReceiptError`] for everything else, without saying more.
    pub fn verify(&self, sd_jwt: &str) -> Result<Receipt, ReceiptError> {
        let parts = sd_jwt.strip_suffix('~').and_then(|parts| parts.split_once('~'));
        let (jws, disclosure) = parts.ok_or(ReceiptError)?;
        let signed: Digests = self.claims(jws, TYP)?;
        if signed.algorithm != disclosure::ALGORITHM || !signed.digests.contains(&digest(disclosure)) {
            return Err(ReceiptError);
        }
        disclosed(disclosure).ok_or(ReceiptError)
    }

    /// Verifies the receipt of a batch, and returns it.
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
    use std::collections::BTreeSet;

    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
    use serde_json::Value;

    use super::*;
    use crate::{KeyFile, ReceiptKeys, ReceiptSigner, UnsignedReceipt};
    use sportello_domain::{BenefitId, ContentDigest, IdSecret, IdempotencyKey, Submitter, TaxCode};

    fn receipt() -> Receipt {
        let secret = IdSecret::new(&"s".repeat(32).into()).unwrap();
        let applicant = TaxCode::parse("RSSMRA80A01H501U").unwrap();
        let citizen = Submitter::Citizen(applicant.clone());
        let key = IdempotencyKey::parse("k").unwrap();
        let application_id = secret.application_id(&citizen, &applicant, &key);
        Receipt {
            application_id,
            benefit: BenefitId::parse("indemnity-march-2020").unwrap(),
            received_at: "2020-04-01T00:00:00.123Z".parse().unwrap(),
            content_digest: ContentDigest::of(b"{}"),
            holders: vec![secret.holder_tag(application_id, &citizen)],
        }
    }

    fn numbered(number: u128) -> Receipt {
        Receipt {
            application_id: uuid::Uuid::from_u128(number).into(),
            ..receipt()
        }
    }

    fn signer(folder: &tempfile::TempDir) -> ReceiptSigner {
        let path = folder.path().join("keys.json");
        KeyFile::lock(&path).unwrap().add_key().unwrap();
        let keys = ReceiptKeys::load(&path).unwrap();
        ReceiptSigner::new(keys, "https://sportello.example".into())
    }

    /// The parts of an SD-JWT with one disclosure.
    fn parts(sd_jwt: &str) -> (&str, &str) {
        sd_jwt.strip_suffix('~').unwrap().split_once('~').unwrap()
    }

    #[test]
    fn a_signed_receipt_is_read_back_and_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let sd_jwt = signer.join(&receipt()).unwrap().sign();
        assert_eq!(
            ReceiptVerifier::new(signer.public_keys()).verify(&sd_jwt),
            Ok(receipt())
        );
        let (_, disclosure) = parts(&sd_jwt);
        let shown = String::from_utf8(BASE64URL.decode(disclosure).unwrap()).unwrap();
        assert!(!shown.contains("RSSMRA"));
    }

    #[test]
    fn receipts_that_come_together_share_a_signature_and_show_nothing_of_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        let receipts = [numbered(1), numbered(2), numbered(3)];
        let unsigned = receipts.each_ref().map(|receipt| signer.join(receipt).unwrap());
        let signed = unsigned.map(UnsignedReceipt::sign);
        for (sd_jwt, receipt) in signed.iter().zip(receipts) {
            assert_eq!(verifier.verify(sd_jwt), Ok(receipt));
            assert_eq!(parts(sd_jwt).0, parts(&signed[0]).0);
        }
        let claims = jsonwebtoken::dangerous::insecure_decode::<Value>(parts(&signed[0]).0)
            .unwrap()
            .claims;
        let mut names: Vec<&String> = claims.as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(names, ["_sd", "_sd_alg", "iat", "iss"]);
        assert_eq!(claims["_sd"].as_array().unwrap().len(), 3);
        assert!(claims["_sd"].as_array().unwrap().is_sorted_by_key(Value::as_str));
    }

    #[test]
    fn the_same_receipt_has_another_digest_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let (one, other) = (signer.join(&receipt()).unwrap(), signer.join(&receipt()).unwrap());
        let (one, other) = (one.sign(), other.sign());
        assert_ne!(digest(parts(&one).1), digest(parts(&other).1));
    }

    #[test]
    fn nobody_joins_once_it_is_signed_nor_once_it_is_full() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let early = signer.join(&numbered(1)).unwrap().sign();
        let late: Vec<_> = (2..=20)
            .map(|number| signer.join(&numbered(number)).unwrap())
            .collect();
        let late: Vec<String> = late.into_iter().map(UnsignedReceipt::sign).collect();
        let tokens: BTreeSet<&str> = late.iter().map(|sd_jwt| parts(sd_jwt).0).collect();
        assert_eq!(tokens.len(), 3, "8, 8 and 3");
        assert!(!tokens.contains(parts(&early).0));
        let verifier = ReceiptVerifier::new(signer.public_keys());
        assert!(
            late.iter()
                .zip(2..)
                .all(|(sd_jwt, number)| verifier.verify(sd_jwt) == Ok(numbered(number)))
        );
        // as the API promises
        assert!(late.iter().all(|sd_jwt| sd_jwt.len() <= 4096));
    }

    #[test]
    fn everybody_gets_their_own_receipt_however_threads_join_and_sign() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (signer, verifier) = (&signer, &verifier);
                scope.spawn(move || {
                    for number in (0..50).map(|number| thread * 1_000 + number) {
                        let two = [numbered(number), numbered(number + 500)];
                        let unsigned = two.each_ref().map(|receipt| signer.join(receipt).unwrap());
                        let signed = unsigned.map(UnsignedReceipt::sign);
                        assert_eq!(signed.map(|sd_jwt| verifier.verify(&sd_jwt)), two.map(Ok));
                    }
                });
            }
        });
    }

    #[test]
    fn a_disclosure_holds_with_its_own_token_alone() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        let one = signer.join(&numbered(1)).unwrap().sign();
        let other = signer.join(&numbered(2)).unwrap().sign();
        let (token, disclosure) = (parts(&one).0, parts(&other).1);
        for bad in [
            format!("{token}~{disclosure}~"),
            format!("{one}{disclosure}~"),
            format!("{token}~"),
            format!("{token}~~"),
            token.to_owned(),
            one.trim_end_matches('~').to_owned(),
        ] {
            assert_eq!(verifier.verify(&bad), Err(ReceiptError), "{bad}");
        }
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
            parts: None,
            holders: receipt().holders,
        };
        let jws = signer.sign_batch(&batch).unwrap();
        assert_eq!(verifier.verify_batch(&jws), Ok(batch));
        assert_eq!(verifier.verify(&jws), Err(ReceiptError));
        let single = signer.join(&receipt()).unwrap().sign();
        assert_eq!(verifier.verify_batch(&single), Err(ReceiptError));
    }

    #[test]
    fn any_change_and_any_other_key_is_refused() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signer = signer(&folder);
        let sd_jwt = signer.join(&receipt()).unwrap().sign();
        let verifier = ReceiptVerifier::new(signer.public_keys());
        let changed = |at: usize| {
            let other = if &sd_jwt[at..=at] == "A" { "B" } else { "A" };
            format!("{}{other}{}", &sd_jwt[..at], &sd_jwt[at + 1..])
        };
        let (payload, signature) = (sd_jwt.find('.').unwrap() + 20, sd_jwt.rfind('.').unwrap() + 20);
        let disclosure = sd_jwt.find('~').unwrap() + 20;
        for bad in [
            &changed(payload),
            &changed(signature),
            &changed(disclosure),
            "",
            "a.b.c",
            "a.b.c~d~",
            &format!("{}~", &sd_jwt[..sd_jwt.len() - 4]),
        ] {
            assert_eq!(verifier.verify(bad), Err(ReceiptError));
        }
        let stranger = self::signer(&other);
        assert_eq!(
            verifier.verify(&stranger.join(&receipt()).unwrap().sign()),
            Err(ReceiptError)
        );
    }

    #[test]
    fn after_a_change_of_keys_earlier_receipts_still_hold() {
        let (old, new) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let early = signer(&old).join(&receipt()).unwrap().sign();
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
        assert_eq!(
            verifier.verify(&signer.join(&receipt()).unwrap().sign()),
            Ok(receipt())
        );
    }
}
