//! An issuer's public keys, ready for use.

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;

use crate::config::IssuerConfig;

/// Tolerated difference of clocks, in seconds.
const LEEWAY: u64 = 30;

/// A public key with what its tokens must say.
pub(crate) struct Key {
    kid: Option<String>,
    pub(crate) decoding: DecodingKey,
    pub(crate) validation: Validation,
}

/// The keys of one issuer.
pub(crate) struct KeySet(Vec<Key>);

/// Why a document gives no keys.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeySetError {
    #[error("it is no JSON Web Key Set")]
    NoJwks(#[source] serde_json::Error),
    #[error("none of its keys is a public signing key for an algorithm that is allowed")]
    NoKey,
}

#[derive(Deserialize)]
struct Document {
    keys: Vec<serde_json::Value>,
}

impl KeySet {
    /// Reads a JWKS (RFC 7517), leaving out what can't be used: other kinds, other uses, other algorithms.
    pub(crate) fn parse(jwks: &[u8], config: &IssuerConfig) -> Result<Self, KeySetError> {
        let document: Document = serde_json::from_slice(jwks).map_err(KeySetError::NoJwks)?;
        let keys: Vec<_> = document
            .keys
            .into_iter()
            .filter_map(|key| Key::parse(key, config))
            .collect();
        if keys.is_empty() {
            Err(KeySetError::NoKey)
        } else {
            Ok(Self(keys))
        }
    }

    /// The key of this id; a token without an id may only mean the only key.
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
        let mut algorithms = algorithms_of(&jwk)?;
        algorithms.retain(|algorithm| config.algorithms.contains(algorithm));
        let validation = validation(*algorithms.first()?, algorithms, config);
        Some(Self {
            decoding: DecodingKey::from_jwk(&jwk).ok()?,
            kid: jwk.common.key_id,
            validation,
        })
    }
}

/// What a key of this kind may sign with; its own `alg` narrows it to one.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "whatever else there is or will be is of no use here"
)]
fn algorithms_of(jwk: &Jwk) -> Option<Vec<Algorithm>> {
    let mut algorithms = match &jwk.algorithm {
        AlgorithmParameters::RSA(_) => vec![Algorithm::RS256, Algorithm::PS256],
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => vec![Algorithm::ES256],
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            vec![Algorithm::EdDSA]
        }
        _ => return None,
    };
    if let Some(pinned) = jwk.common.key_algorithm {
        algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == pinned);
    }
    Some(algorithms)
}

fn validation(first: Algorithm, algorithms: Vec<Algorithm>, config: &IssuerConfig) -> Validation {
    let mut validation = Validation::new(first);
    validation.algorithms = algorithms;
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_issuer(&[&config.issuer]);
    validation.set_audience(&[&config.audience]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    validation
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

    fn ec(more: Value) -> Value {
        let mut key = json!({ "kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "ec" });
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
            ec(json!({ "use": "enc" })),
            ec(json!({ "crv": "P-384" })),
            ec(json!({ "alg": "RS256" })),
        ];
        assert!(matches!(
            parse(&json!({ "keys": unusable })),
            Err(KeySetError::NoKey)
        ));
        let [first, ..] = unusable;
        let mixed = parse(&json!({ "keys": [first, ec(json!({ "use": "sig" }))] })).unwrap();
        assert!(mixed.find(Some("ec")).is_some() && mixed.find(Some("shared")).is_none());
        assert!(matches!(parse(&json!("<html>")), Err(KeySetError::NoJwks(_))));
    }

    #[test]
    fn a_key_signs_by_what_it_is_and_by_its_own_alg() {
        let rsa = |more: &str| json!({ "kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "rsa", "alg": more });
        let algorithms =
            |key: Value| parse(&json!({ "keys": [key] })).map(|keys| keys.0[0].validation.algorithms.clone());
        assert_eq!(algorithms(rsa("RS256")).unwrap(), [Algorithm::RS256]);
        assert_eq!(algorithms(ec(json!({}))).unwrap(), [Algorithm::ES256]);
        // PS256 is not allowed to this issuer
        assert!(algorithms(rsa("PS256")).is_err());
    }

    #[test]
    fn a_token_without_a_key_id_may_only_mean_the_only_key() {
        let one = parse(&json!({ "keys": [ec(json!({}))] })).unwrap();
        let two = parse(&json!({ "keys": [ec(json!({})), ec(json!({ "kid": "other" }))] })).unwrap();
        assert!(one.find(None).is_some() && two.find(None).is_none());
    }
}
