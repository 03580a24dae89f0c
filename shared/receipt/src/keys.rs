//! The keys that receipts are signed with, and where they are kept.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::encoding::{AsBigEndian as _, Curve25519SeedBin};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::jwk::{Jwk, JwkSet, ThumbprintHash};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Why a key file can't be used. Never shows a key.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// The file can't be read or made.
    #[error("the receipt keys in {path} can't be read or written: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is there and is no JWK set with a private Ed25519 key first.
    #[error(
        "{path} holds no receipt keys: a JSON Web Key Set is expected whose first key is a private Ed25519 key \
         (kty OKP, crv Ed25519, x, d); the others are earlier keys, for checking only"
    )]
    Content {
        /// The file.
        path: PathBuf,
    },
    /// The system gives no random numbers.
    #[error("no key can be made: the system gives no random numbers")]
    Random,
}

/// The key in use and the public halves of the earlier ones.
pub struct ReceiptKeys {
    pub(crate) pair: Ed25519KeyPair,
    pub(crate) key_id: String,
    pub(crate) public: JwkSet,
}

impl std::fmt::Debug for ReceiptKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptKeys")
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

/// A key as the file holds it (RFC 8037, section 2).
#[derive(Serialize, Deserialize)]
struct StoredKey {
    kty: String,
    crv: String,
    x: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    d: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct StoredKeys {
    keys: Vec<StoredKey>,
}

impl ReceiptKeys {
    /// Reads the key file, and makes one with a new key where there is none. Several processes may do so at
    /// once: all use the file that came first.
    ///
    /// To change the key: put a new private key first and leave the old one behind it without its `d`.
    ///
    /// # Errors
    /// [`KeyFileError`] names the file and what is wrong with it.
    pub fn load_or_create(path: &Path) -> Result<Self, KeyFileError> {
        let failed = |source| KeyFileError::Io {
            path: path.to_owned(),
            source,
        };
        if !path.exists() {
            create(path).or_else(|error| match error {
                KeyFileError::Io { source, .. } if source.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                KeyFileError::Io { .. } | KeyFileError::Content { .. } | KeyFileError::Random => Err(error),
            })?;
        }
        let text = fs::read(path).map_err(failed)?;
        parse(&text).ok_or_else(|| KeyFileError::Content {
            path: path.to_owned(),
        })
    }
}

/// Writes the whole file beside its place and links it in: nobody ever reads half a file, and who comes second fails.
fn create(path: &Path) -> Result<(), KeyFileError> {
    let pair = Ed25519KeyPair::generate().map_err(|_| KeyFileError::Random)?;
    let seed: Curve25519SeedBin<'_> = pair
        .seed()
        .and_then(|seed| seed.as_be_bytes())
        .map_err(|_| KeyFileError::Random)?;
    let key = StoredKey {
        kty: "OKP".into(),
        crv: "Ed25519".into(),
        x: BASE64URL.encode(pair.public_key()),
        d: Some(BASE64URL.encode(seed.as_ref())),
    };
    let failed = |source| KeyFileError::Io {
        path: path.to_owned(),
        source,
    };
    let draft = path.with_extension(format!("{}.draft", std::process::id()));
    let text = serde_json::to_vec(&StoredKeys { keys: vec![key] }).map_err(|error| failed(error.into()))?;
    let written = write_private(&draft, &text).and_then(|()| fs::hard_link(&draft, path));
    fs::remove_file(&draft).and(written).map_err(failed)
}

fn write_private(path: &Path, text: &[u8]) -> io::Result<()> {
    let mut file = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text)?;
    file.sync_all()
}

fn parse(text: &[u8]) -> Option<ReceiptKeys> {
    let stored: StoredKeys = serde_json::from_slice(text).ok()?;
    let jwks: Vec<Jwk> = stored.keys.iter().map(public_jwk).collect::<Option<_>>()?;
    let first = stored.keys.first()?;
    let seed = BASE64URL.decode(first.d.as_ref()?).ok()?;
    let public = BASE64URL.decode(&first.x).ok()?;
    let pair = Ed25519KeyPair::from_seed_and_public_key(&seed, &public).ok()?;
    let key_id = jwks.first()?.common.key_id.clone()?;
    Some(ReceiptKeys {
        pair,
        key_id,
        public: JwkSet { keys: jwks },
    })
}

/// The public half, with its thumbprint (RFC 7638) as key id.
fn public_jwk(key: &StoredKey) -> Option<Jwk> {
    let jwk = json!({ "kty": key.kty, "crv": key.crv, "x": key.x, "use": "sig", "alg": "EdDSA" });
    let mut jwk: Jwk = serde_json::from_value(jwk).ok()?;
    jwk.common.key_id = Some(jwk.thumbprint(ThumbprintHash::SHA256).ok()?);
    Some(jwk)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn the_first_start_makes_a_private_file_and_later_ones_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("receipt-keys.json");
        let made = ReceiptKeys::load_or_create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(ReceiptKeys::load_or_create(&path).unwrap().key_id, made.key_id);
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "no draft is left"
        );
        assert!(!serde_json::to_string(&made.public).unwrap().contains("\"d\""));
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
            fs::write(&path, broken).unwrap();
            assert!(matches!(
                ReceiptKeys::load_or_create(&path),
                Err(KeyFileError::Content { .. })
            ));
            assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        }
    }
}
