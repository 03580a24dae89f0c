//! An issuer's public keys, ready for use.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PSS_2048_8192_SHA256,
    RsaParameters, RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use serde::Deserialize;

use crate::config::IssuerConfig;
use crate::error::TokenError;

/// A public key, parsed once for each algorithm that it may be used with.
pub(crate) struct Key {
    kid: Option<String>,
    public: Vec<(Algorithm, ParsedPublicKey)>,
}

/// The keys of one issuer.
pub(crate) struct KeySet(Vec<Key>);

/// Why a document contains no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("it is not a JSON Web Key Set")]
    NoJwks(#[source] serde_json::Error),
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Parses a JWKS (RFC 7517). Skips unusable keys: other kinds, other uses, other algorithms. A
    /// set may be empty: an issuer revokes keys by no longer publishing them.
    pub(crate) fn parse(jwks: &[u8], config: &IssuerConfig) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_slice(jwks).map_err(KeySetError::NoJwks)?;
        let keys = document.keys.into_iter();
        Ok(Self(keys.filter_map(|key| Key::parse(key, config)).collect()))
    }

    /// Whether the set has no usable key.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the key with this id. A token without a key id matches only a single key.
    pub(crate) fn find(&self, kid: Option<&str>) -> Option<&Key> {
        match (kid, self.0.as_slice()) {
            (None, [only]) => Some(only),
            (None, _) => None,
            (Some(kid), keys) => keys.iter().find(|key| key.kid.as_deref() == Some(kid)),
        }
    }
}

impl Key {
    fn parse(value: serde_json::Value, config: &IssuerConfig) -> Option<Self> {
        let jwk: Jwk = serde_json::from_value(value).ok()?;
        if jwk
            .common
            .public_key_use
            .as_ref()
            .is_some_and(|purpose| *purpose != PublicKeyUse::Signature)
        {
            return None;
        }
        let public: Vec<_> = public_keys(&jwk.algorithm)?
            .into_iter()
            .filter(|(algorithm, _)| config.algorithms.contains(algorithm))
            // the key's own `alg` restricts it to one
            .filter(|(algorithm, _)| {
                let pinned = jwk.common.key_algorithm;
                pinned.is_none_or(|pinned| KeyAlgorithm::from(*algorithm) == pinned)
            })
            .collect();
        (!public.is_empty()).then_some(Self {
            kid: jwk.common.key_id,
            public,
        })
    }

    /// Checks the signature of the message.
    pub(crate) fn verify(
        &self,
        algorithm: Algorithm,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), TokenError> {
        let mut keys = self.public.iter();
        let (_, key) = keys
            .find(|(its, _)| *its == algorithm)
            .ok_or(TokenError::AlgorithmNotAllowed)?;
        key.verify_sig(message, signature)
            .map_err(|_| TokenError::BadSignature)
    }
}

/// Parses the key for each algorithm that a key of this kind may sign with.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else there is or will be is of no use here"
)]
fn public_keys(jwk: &AlgorithmParameters) -> Option<Vec<(Algorithm, ParsedPublicKey)>> {
    let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).ok();
    match jwk {
        AlgorithmParameters::RSA(key) => {
            let (n, e) = (bytes(&key.n)?, bytes(&key.e)?);
            let components = RsaPublicKeyComponents { n, e };
            let parsed =
                |parameters: &'static RsaParameters| components.to_parsed_public_key(parameters).ok();
            Some(vec![
                (Algorithm::RS256, parsed(&RSA_PKCS1_2048_8192_SHA256)?),
                (Algorithm::PS256, parsed(&RSA_PSS_2048_8192_SHA256)?),
            ])
        }
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            // uncompressed (SEC 1, section 2.3.3)
            let point = [vec![4], bytes(&key.x)?, bytes(&key.y)?].concat();
            let parsed = ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).ok()?;
            Some(vec![(Algorithm::ES256, parsed)])
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            let parsed = ParsedPublicKey::new(&ED25519, bytes(&key.x)?).ok()?;
            Some(vec![(Algorithm::EdDSA, parsed)])
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::config::Config;

    fn parse(jwks: &Value) -> Result<KeySet, KeySetError> {
        let text =
            "[[issuers]]\nissuer = 'x'\naudience = 'y'\njwks_file = 'z'\nalgorithms = ['RS256', 'ES256']";
        let config = Config::parse(text, Path::new("")).unwrap();
        KeySet::parse(jwks.to_string().as_bytes(), &config.issuers[0])
    }

    /// The example of RFC 7517, appendix A.1.
    fn ec(more: Value) -> Value {
        let mut key = json!({
            "kty": "EC", "crv": "P-256", "kid": "ec",
            "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4",
            "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM",
        });
        key.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        key
    }

    #[test]
    fn what_is_of_no_use_is_left_out() {
        let unusable = [
            json!({ "kty": "oct", "k": "c2VjcmV0", "kid": "shared" }),
            json!({ "kty": "OKP", "crv": "Ed25519", "x": "AA", "kid": "not allowed" }),
            json!({ "kty": "unheard of" }),
            ec(json!({ "x": "AA" })),
            ec(json!({ "use": "enc" })),
            ec(json!({ "crv": "P-384" })),
            ec(json!({ "alg": "RS256" })),
        ];
        assert!(parse(&json!({ "keys": unusable })).unwrap().is_empty());
        let [first, ..] = unusable;
        let mixed = parse(&json!({ "keys": [first, ec(json!({ "use": "sig" }))] })).unwrap();
        assert!(mixed.find(Some("ec")).is_some() && mixed.find(Some("shared")).is_none());
        assert!(matches!(parse(&json!("<html>")), Err(KeySetError::NoJwks(_))));
    }

    #[test]
    fn a_key_signs_by_what_it_is_and_by_its_own_alg() {
        // odd, and as long as it has to be
        let n = URL_SAFE_NO_PAD.encode([0xff; 256]);
        let rsa = |alg: &str| json!({ "kty": "RSA", "n": n, "e": "AQAB", "kid": "rsa", "alg": alg });
        let algorithms = |key: Value| {
            let keys = parse(&json!({ "keys": [key] }))?;
            Ok::<_, KeySetError>(keys.0[0].public.iter().map(|(its, _)| *its).collect::<Vec<_>>())
        };
        assert_eq!(algorithms(rsa("RS256")).unwrap(), [Algorithm::RS256]);
        assert_eq!(algorithms(ec(json!({}))).unwrap(), [Algorithm::ES256]);
        // PS256 is not allowed to this issuer
        assert!(parse(&json!({ "keys": [rsa("PS256")] })).unwrap().is_empty());
    }

    #[test]
    fn a_token_without_a_key_id_may_only_mean_the_only_key() {
        let one = parse(&json!({ "keys": [ec(json!({}))] })).unwrap();
        let two = parse(&json!({ "keys": [ec(json!({})), ec(json!({ "kid": "other" }))] })).unwrap();
        assert!(one.find(None).is_some() && two.find(None).is_none());
    }
}
