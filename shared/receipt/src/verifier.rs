//! Verifies receipts.

use std::collections::HashMap;

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use sportello_domain::{BatchReceipt, Receipt};

use crate::claims::Claims;
use crate::disclosure::{self, digest, disclosed};
use crate::{BATCH_TYP, SHARED_TYP, TYP};

/// The error for a text that is not a receipt of this office.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is not a receipt of this office: send the receipt exactly as you received it")]
pub struct ReceiptError;

/// Verifies receipts with the office's public keys.
pub struct ReceiptVerifier {
    keys: HashMap<String, DecodingKey>,
    validation: Validation,
}

/// The claims of a token that earlier receipts share.
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

    /// Verifies a receipt, and returns what it says.
    ///
    /// # Errors
    /// [`ReceiptError`] for everything else, without saying more.
    pub fn verify(&self, receipt: &str) -> Result<Receipt, ReceiptError> {
        if receipt.contains('~') {
            return self.verify_shared(receipt);
        }
        let claims: Claims<'static> = self.claims(receipt, TYP)?;
        claims.receipt().ok_or(ReceiptError)
    }

    /// Verifies an earlier receipt, an SD-JWT: a token and one disclosure (RFC 9901, section 7.1).
    fn verify_shared(&self, sd_jwt: &str) -> Result<Receipt, ReceiptError> {
        let parts = sd_jwt.strip_suffix('~').and_then(|parts| parts.split_once('~'));
        let (jws, disclosure) = parts.ok_or(ReceiptError)?;
        let signed: Digests = self.claims(jws, SHARED_TYP)?;
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
    use base64::Engine as _;
    use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
    use serde_json::{Value, json};

    use super::*;
    use crate::{KeyFile, ReceiptKeys, ReceiptSigner};
    use sportello_domain::{
        BenefitId, ContentDigest, IdSecret, IdempotencyKey, OrganisationId, Submitter, TaxCode,
    };

    fn secret() -> IdSecret {
        IdSecret::new(&"s".repeat(32).into()).unwrap()
    }

    fn receipt() -> Receipt {
        let applicant = TaxCode::parse("RSSMRA80A01H501U").unwrap();
        let citizen = Submitter::Citizen(applicant.clone());
        let key = IdempotencyKey::parse("k").unwrap();
        let application_id = secret().application_id(&citizen, &applicant, &key);
        Receipt {
            application_id,
            benefit: BenefitId::parse("indemnity-march-2020").unwrap(),
            received_at: "2020-04-01T00:00:00.123Z".parse().unwrap(),
            content_digest: ContentDigest::of(b"{}"),
            holders: vec![secret().holder_tag(application_id, &citizen)],
        }
    }

    fn signer(folder: &tempfile::TempDir) -> ReceiptSigner {
        let path = folder.path().join("keys.json");
        KeyFile::lock(&path).unwrap().add_key().unwrap();
        let keys = ReceiptKeys::load(&path).unwrap();
        ReceiptSigner::new(keys, "https://sportello.example".into())
    }

    /// An earlier receipt: one disclosure, whose digest is signed with those of others.
    fn earlier(signer: &ReceiptSigner, receipt: &Receipt) -> String {
        let key = signer.public_keys().keys[0].common.key_id.as_deref();
        let header = json!({ "alg": "EdDSA", "typ": SHARED_TYP, "kid": key });
        let disclosure = BASE64URL.encode(json!(["salt", "receipt", receipt]).to_string());
        let digests = [digest(&disclosure), digest("another"), digest("a third")];
        let claims = json!({ "iss": "x", "iat": 1, "_sd_alg": "sha-256", "_sd": digests });
        let header = format!("{}.", BASE64URL.encode(header.to_string()));
        format!("{}~{disclosure}~", signer.jws(&header, &claims.to_string()))
    }

    /// The parts of an SD-JWT with one disclosure.
    fn parts(sd_jwt: &str) -> (&str, &str) {
        sd_jwt.strip_suffix('~').unwrap().split_once('~').unwrap()
    }

    #[test]
    fn a_signed_receipt_is_read_back_and_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let signed = signer.sign(&receipt()).unwrap();
        assert_eq!(
            ReceiptVerifier::new(signer.public_keys()).verify(&signed),
            Ok(receipt())
        );
        let claims = signed.split('.').nth(1).unwrap();
        let shown = String::from_utf8(BASE64URL.decode(claims).unwrap()).unwrap();
        assert!(!shown.contains("RSSMRA"));
    }

    #[test]
    fn any_library_checks_a_receipt() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let signed = signer.sign(&receipt()).unwrap();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.required_spec_claims = ["iss".to_owned()].into();
        validation.set_issuer(&["https://sportello.example"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(&signer.public_keys().keys[0]).unwrap();
        let token = decode::<Value>(&signed, &key, &validation).unwrap();
        assert_eq!(token.header.typ.as_deref(), Some("receipt+jwt"));
        let expected = receipt();
        assert_eq!(
            token.claims,
            json!({
                "iss": "https://sportello.example",
                "jti": expected.application_id,
                "iat": 1_585_699_200.123,
                "benefit": "indemnity-march-2020",
                "digest": expected.content_digest.to_string(),
                "holders": expected.holders,
            })
        );
    }

    #[test]
    fn a_receipt_is_short_enough_for_a_printed_code() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let (alone, mut for_another) = (receipt(), receipt());
        let office = Submitter::Intermediary(OrganisationId::parse("patronato-aurora").unwrap());
        for_another
            .holders
            .push(secret().holder_tag(alone.application_id, &office));
        assert!(signer.sign(&alone).unwrap().len() <= 530);
        assert!(signer.sign(&for_another).unwrap().len() <= 560);
    }

    #[test]
    fn every_millisecond_is_read_back() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        for milliseconds in (1_900_000_000_000..1_900_000_001_000).chain([0, 1, 253_402_207_199_999]) {
            let received_at = jiff::Timestamp::from_millisecond(milliseconds).unwrap();
            let receipt = Receipt {
                received_at,
                ..receipt()
            };
            assert_eq!(verifier.verify(&signer.sign(&receipt).unwrap()), Ok(receipt));
        }
    }

    #[test]
    fn an_earlier_receipt_stays_valid_with_its_own_disclosure_alone() {
        let folder = tempfile::tempdir().unwrap();
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        let one = earlier(&signer, &receipt());
        assert_eq!(verifier.verify(&one), Ok(receipt()));
        let second = Receipt {
            application_id: uuid::Uuid::from_u128(2).into(),
            ..receipt()
        };
        let other = earlier(&signer, &second);
        let (token, disclosure) = (parts(&one).0, parts(&other).1);
        let plain = signer.sign(&receipt()).unwrap();
        for bad in [
            format!("{token}~{disclosure}~"),
            format!("{one}{disclosure}~"),
            format!("{plain}~{disclosure}~"),
            format!("{plain}~"),
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
        let single = signer.sign(&receipt()).unwrap();
        assert_eq!(verifier.verify_batch(&single), Err(ReceiptError));
    }

    #[test]
    fn any_change_and_any_other_key_is_refused() {
        let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let signer = signer(&folder);
        let verifier = ReceiptVerifier::new(signer.public_keys());
        for good in [signer.sign(&receipt()).unwrap(), earlier(&signer, &receipt())] {
            for at in 0..good.len() {
                let other = if &good[at..=at] == "A" { "B" } else { "A" };
                let changed = format!("{}{other}{}", &good[..at], &good[at + 1..]);
                assert_eq!(verifier.verify(&changed), Err(ReceiptError), "{changed}");
                assert_eq!(verifier.verify(&good[..at]), Err(ReceiptError), "{at}");
            }
        }
        for bad in ["", "a.b.c", "a.b.c~d~"] {
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
