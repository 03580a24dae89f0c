//! The keys that receipts are signed with.

use std::io;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsBigEndian as _, Curve25519SeedBin};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Why a key file can't be used. Never shows a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file does not exist.
    #[error(
        "there are no receipt keys at {path}. All intake processes of an installation share one file: mount it or \
         copy it there. For a new installation, create it with `intake keys new`"
    )]
    Missing {
        /// The expected path.
        path: PathBuf,
    },
    /// The file can't be read or written.
    #[error("cannot read or write the receipt keys in {path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the system.
        source: io::Error,
    },
    /// The file is not a JWK set whose first key is a private Ed25519 key.
    #[error(
        "{path} holds no receipt keys: it must be a JSON Web Key Set whose first key is a private Ed25519 key \
         (kty OKP, crv Ed25519, x, d); the other keys are only published"
    )]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// No key with this id can sign.
    #[error("no key with this id in {path} can sign; these can: {}", ids.join(", "))]
    NoSuchKey {
        /// The file.
        path: PathBuf,
        /// The ids of the keys that can sign.
        ids: Vec<String>,
    },
    /// The system provides no random numbers.
    #[error("cannot generate a key: the system provides no random numbers")]
    Random,
}

/// The key that signs, and the public halves of all published keys.
pub struct ReceiptKeys {
    pub(crate) pair: Ed25519KeyPair,
    pub(crate) key_id: String,
    pub(crate) public: JwkSet,
    pub(crate) published: PublishedKeys,
}

/// A JSON Web Key Set (RFC 7517).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptKeys)]
pub struct PublishedKeys {
    /// The keys, the one in use first.
    #[schema(min_items = 1, max_items = 100)]
    keys: Vec<PublishedKey>,
}

/// A public key for Ed25519 (RFC 8037).
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReceiptKey)]
struct PublishedKey {
    /// The family of keys: `OKP`.
    #[schema(max_length = 8, pattern = "^OKP$")]
    kty: String,
    /// The curve: `Ed25519`.
    #[schema(max_length = 16, pattern = "^Ed25519$")]
    crv: String,
    /// The public key, in base64url.
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    x: String,
    /// The key's id, as in the header `kid` of receipts.
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    kid: String,
    /// The algorithm: `EdDSA`.
    #[schema(max_length = 8, pattern = "^EdDSA$")]
    alg: &'static str,
    /// Its use: `sig`.
    #[schema(max_length = 8, pattern = "^sig$")]
    r#use: &'static str,
}

impl std::fmt::Debug for ReceiptKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptKeys")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// A key as the file stores it (RFC 8037, section 2).
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredKey {
    kty: String,
    crv: String,
    x: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct StoredKeys {
    pub(crate) keys: Vec<StoredKey>,
}

impl ReceiptKeys {
    /// Reads the key file. Its first key signs; the others are only published.
    ///
    /// # Errors
    /// [`KeyFileError`] names the file and what is wrong with it.
    pub fn load(path: &Path) -> Result<Self, KeyFileError> {
        let stored = StoredKeys::read(path)?;
        parse(&stored).ok_or_else(|| KeyFileError::Content {
            path: path.to_owned(),
        })
    }
}

impl StoredKeys {
    pub(crate) fn read(path: &Path) -> Result<Self, KeyFileError> {
        let path = || path.to_owned();
        let text = std::fs::read(path()).map_err(|source| {
            if source.kind() == io::ErrorKind::NotFound {
                KeyFileError::Missing { path: path() }
            } else {
                KeyFileError::Io { path: path(), source }
            }
        })?;
        serde_json::from_slice(&text).map_err(|_| KeyFileError::Content { path: path() })
    }

    /// Returns the ids of the keys that can sign.
    pub(crate) fn able_to_sign(&self) -> Vec<String> {
        let able = self.keys.iter().filter(|key| key.d.is_some());
        able.filter_map(StoredKey::id).collect()
    }
}

impl StoredKey {
    pub(crate) fn generate() -> Result<Self, KeyFileError> {
        let pair = Ed25519KeyPair::generate().map_err(|_| KeyFileError::Random)?;
        let seed: Curve25519SeedBin<'_> = pair
            .seed()
            .and_then(|seed| seed.as_be_bytes())
            .map_err(|_| KeyFileError::Random)?;
        Ok(Self {
            kty: "OKP".into(),
            crv: "Ed25519".into(),
            x: BASE64URL.encode(pair.public_key()),
            d: Some(BASE64URL.encode(seed.as_ref())),
        })
    }

    pub(crate) fn id(&self) -> Option<String> {
        PublishedKey::of(self).map(|key| key.kid)
    }

    /// Whether this is the key with this id, and it can sign.
    pub(crate) fn signs_as(&self, id: &str) -> bool {
        self.d.is_some() && self.id().is_some_and(|own| own == id)
    }

    pub(crate) fn forget_private_half(&mut self) {
        self.d = None;
    }
}

fn parse(stored: &StoredKeys) -> Option<ReceiptKeys> {
    let keys: Vec<PublishedKey> = stored.keys.iter().map(PublishedKey::of).collect::<Option<_>>()?;
    let public: Vec<Jwk> = keys.iter().map(PublishedKey::jwk).collect::<Option<_>>()?;
    let first = stored.keys.first()?;
    let seed = BASE64URL.decode(first.d.as_ref()?).ok()?;
    let public_half = BASE64URL.decode(&first.x).ok()?;
    Some(ReceiptKeys {
        pair: Ed25519KeyPair::from_seed_and_public_key(&seed, &public_half).ok()?,
        key_id: keys.first()?.kid.clone(),
        public: JwkSet { keys: public },
        published: PublishedKeys { keys },
    })
}

impl PublishedKey {
    /// Returns the public half, with its thumbprint (RFC 7638) as key id.
    fn of(key: &StoredKey) -> Option<Self> {
        let jwk = json!({ "kty": key.kty, "crv": key.crv, "x": key.x });
        let jwk: Jwk = serde_json::from_value(jwk).ok()?;
        Some(Self {
            kty: key.kty.clone(),
            crv: key.crv.clone(),
            x: key.x.clone(),
            kid: jwk.thumbprint(ThumbprintHash::SHA256).ok()?,
            alg: "EdDSA",
            r#use: "sig",
        })
    }

    fn jwk(&self) -> Option<Jwk> {
        serde_json::from_value(json!(self)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_file_is_not_made_and_the_error_says_what_to_do() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt-keys.json");
        let error = ReceiptKeys::load(&path).unwrap_err();
        assert!(error.to_string().contains("intake keys new"), "{error}");
        assert!(!path.exists());
    }

    #[test]
    fn a_broken_file_is_refused_and_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt-keys.json");
        for broken in [
            "",
            "{\"keys\":[]}",
            r#"{"keys":[{"kty":"OKP","crv":"Ed25519","x":"AA"}]}"#,
        ] {
            std::fs::write(&path, broken).unwrap();
            assert!(matches!(
                ReceiptKeys::load(&path),
                Err(KeyFileError::Content { .. })
            ));
            assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
        }
    }
}
