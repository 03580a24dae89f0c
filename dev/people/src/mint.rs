//! Tokens of invented citizens (thousands a second), organisations and operators, from an issuer
//! that only the local configuration trusts.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use sportello_domain::OrganisationId;

use crate::Person;

/// The `iss` of these tokens.
pub const ISSUER: &str = "urn:sportello:local:generated";
/// The `aud` of every token that the services accept.
pub const AUDIENCE: &str = "sportello";

const LIFETIME: Duration = Duration::from_hours(1);
const SPID_LEVEL_2: &str = "https://www.spid.gov.it/SpidL2";

/// Why the mint can't be opened or can't sign.
#[derive(Debug, thiserror::Error)]
pub enum MintError {
    /// A key file can't be read or written.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// The action.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The error of the file system.
        #[source]
        source: io::Error,
    },
    /// The file does not hold a private key of the expected kind.
    #[error("{} holds no usable key: remove it to generate another", .0.display())]
    BadKey(PathBuf),
    /// The random generator or the signature failed.
    #[error("the cryptographic library failed")]
    Cryptography,
}

/// Signs tokens with its own keys.
pub struct Mint {
    ed25519: Key,
    rsa: Key,
    signature: TokenSignature,
    lifetime: Duration,
}

/// The signature algorithm of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenSignature {
    /// Ed25519: quick to sign, so that millions of tokens can be made.
    EdDsa,
    /// RSA with 2,048 bits, as issuers of SPID and CIE sign: slow to sign, and quicker to check.
    Rs256,
}

struct Key {
    kid: String,
    private: EncodingKey,
    /// As a member of a JWK set (RFC 7517).
    public: serde_json::Value,
}

/// One line of `cargo xtask token --generate`: an invented citizen with a bearer token.
#[derive(Serialize)]
pub struct TokenLine<'a> {
    /// Tax code.
    pub tax_code: &'a str,
    /// Given name.
    pub given_name: &'a str,
    /// Family name.
    pub family_name: &'a str,
    /// Bearer token, good for an hour.
    pub token: &'a str,
}

/// The claims common to all tokens, and those of the holder.
#[derive(Serialize)]
struct Claims<'a> {
    iss: &'static str,
    aud: &'static str,
    sub: &'a str,
    iat: u64,
    exp: u64,
    #[serde(flatten)]
    holder: Holder<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Holder<'a> {
    Citizen {
        acr: &'static str,
        fiscal_number: &'a str,
        given_name: &'static str,
        family_name: &'static str,
    },
    /// A program of the organisation: the client is the subject.
    Organisation {
        organisation: &'a str,
        client_id: &'a str,
    },
    Operator {
        acr: &'static str,
        roles: [&'static str; 1],
    },
}

impl Mint {
    /// Opens the mint in `folder`, which must exist, and makes its keys (mode 600) at the first
    /// call. Its public keys are then in [`jwks_file`](Self::jwks_file). It signs with Ed25519.
    ///
    /// # Errors
    /// A key file can't be read or written, or does not hold a key.
    pub fn open(folder: &Path) -> Result<Self, MintError> {
        let (ed25519, rsa) = (Key::ed25519(folder)?, Key::rsa(folder)?);
        let jwks = serde_json::json!({ "keys": [ed25519.public, rsa.public] });
        write_whole(&Self::jwks_file(folder), jwks.to_string().as_bytes(), 0o644)?;
        Ok(Self {
            ed25519,
            rsa,
            signature: TokenSignature::EdDsa,
            lifetime: LIFETIME,
        })
    }

    /// Sets the signature algorithm.
    #[must_use]
    pub fn signing(self, signature: TokenSignature) -> Self {
        Self { signature, ..self }
    }

    /// Sets the lifetime of tokens (otherwise an hour), for a load that is prepared before it
    /// begins.
    #[must_use]
    pub fn lasting(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Returns the file with the public keys of the mint in `folder`.
    #[must_use]
    pub fn jwks_file(folder: &Path) -> PathBuf {
        folder.join("generated.jwks.json")
    }

    /// Returns a bearer token of `person`, valid for an hour.
    ///
    /// # Errors
    /// [`MintError::Cryptography`] if signing fails.
    pub fn token(&self, person: &Person) -> Result<String, MintError> {
        let holder = Holder::Citizen {
            acr: SPID_LEVEL_2,
            fiscal_number: &format!("TINIT-{}", person.tax_code.as_str()),
            given_name: person.given_name,
            family_name: person.family_name,
        };
        self.sign(person.tax_code.as_str(), holder)
    }

    /// Returns a bearer token of a program of `organisation`, an intermediary, valid for an hour.
    ///
    /// # Errors
    /// [`MintError::Cryptography`] if signing fails.
    pub fn organisation_token(&self, organisation: &OrganisationId) -> Result<String, MintError> {
        let organisation = organisation.as_str();
        let client_id = organisation;
        self.sign(
            organisation,
            Holder::Organisation {
                organisation,
                client_id,
            },
        )
    }

    /// Returns a bearer token of the operator called `subject` in the audit, valid for an hour.
    ///
    /// # Errors
    /// [`MintError::Cryptography`] if signing fails.
    pub fn operator_token(&self, subject: &str) -> Result<String, MintError> {
        let (acr, roles) = (SPID_LEVEL_2, ["operator"]);
        self.sign(subject, Holder::Operator { acr, roles })
    }

    fn sign(&self, sub: &str, holder: Holder<'_>) -> Result<String, MintError> {
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default();
        let claims = Claims {
            iss: ISSUER,
            aud: AUDIENCE,
            sub,
            iat: now.as_secs(),
            exp: (now + self.lifetime).as_secs(),
            holder,
        };
        let (algorithm, key) = match self.signature {
            TokenSignature::EdDsa => (Algorithm::EdDSA, &self.ed25519),
            TokenSignature::Rs256 => (Algorithm::RS256, &self.rsa),
        };
        let mut header = Header::new(algorithm);
        header.typ = Some("at+jwt".to_owned());
        header.kid = Some(key.kid.clone());
        jsonwebtoken::encode(&header, &claims, &key.private).map_err(|_| MintError::Cryptography)
    }
}

impl Key {
    fn ed25519(folder: &Path) -> Result<Self, MintError> {
        let path = folder.join("generated.key");
        let private = read_or_create(&path, || {
            let document = Ed25519KeyPair::generate()?.to_pkcs8()?;
            Ok(document.as_ref().to_vec())
        })?;
        let pair = Ed25519KeyPair::from_pkcs8(&private).map_err(|_| MintError::BadKey(path))?;
        let public = URL_SAFE_NO_PAD.encode(pair.public_key());
        let kid = format!("generated-{}", &public[..8]);
        Ok(Self {
            public: serde_json::json!(
                { "kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": kid, "x": public }
            ),
            kid,
            private: EncodingKey::from_ed_der(&private),
        })
    }

    fn rsa(folder: &Path) -> Result<Self, MintError> {
        let path = folder.join("generated-rsa.key");
        let private = read_or_create(&path, || {
            let document: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048)?.as_der()?;
            Ok(document.as_ref().to_vec())
        })?;
        let pair = RsaKeyPair::from_pkcs8(&private).map_err(|_| MintError::BadKey(path))?;
        let encoded = |number: &[u8]| URL_SAFE_NO_PAD.encode(number);
        let modulus = encoded(pair.public_key().modulus().big_endian_without_leading_zero());
        let exponent = encoded(pair.public_key().exponent().big_endian_without_leading_zero());
        let kid = format!("generated-rsa-{}", &modulus[..8]);
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(&private)
        );
        Ok(Self {
            public: serde_json::json!(
                { "kty": "RSA", "alg": "RS256", "use": "sig", "kid": kid, "n": modulus, "e": exponent }
            ),
            kid,
            private: EncodingKey::from_rsa_pem(pem.as_bytes()).map_err(|_| MintError::Cryptography)?,
        })
    }
}

impl<'a> TokenLine<'a> {
    /// Makes the line of `person` with their `token`.
    #[must_use]
    pub fn new(person: &'a Person, token: &'a str) -> Self {
        Self {
            tax_code: person.tax_code.as_str(),
            given_name: person.given_name,
            family_name: person.family_name,
            token,
        }
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, MintError> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(MintError::Io {
            action: "read",
            path: path.into(),
            source,
        }),
    }
}

/// Reads the private key in a file; makes it if it is missing.
fn read_or_create(
    path: &Path,
    make: impl FnOnce() -> Result<Vec<u8>, Unspecified>,
) -> Result<Vec<u8>, MintError> {
    match read(path)? {
        Some(private) => Ok(private),
        None => create(path, &make().map_err(|_| MintError::Cryptography)?),
    }
}

/// Saves a private key; if another process was quicker, returns that one's.
fn create(path: &Path, private: &[u8]) -> Result<Vec<u8>, MintError> {
    let draft = draft_of(path);
    let failed = |source| MintError::Io {
        action: "write",
        path: path.into(),
        source,
    };
    write(&draft, private, 0o600).map_err(failed)?;
    // a link appears complete or not at all, and never replaces a file
    let linked = std::fs::hard_link(&draft, path);
    std::fs::remove_file(&draft).map_err(failed)?;
    match linked {
        Ok(()) => Ok(private.to_vec()),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => std::fs::read(path).map_err(failed),
        Err(error) => Err(failed(error)),
    }
}

fn write_whole(path: &Path, bytes: &[u8], mode: u32) -> Result<(), MintError> {
    let draft = draft_of(path);
    write(&draft, bytes, mode)
        .and_then(|()| std::fs::rename(&draft, path))
        .map_err(|source| MintError::Io {
            action: "write",
            path: path.into(),
            source,
        })
}

fn draft_of(path: &Path) -> PathBuf {
    path.with_added_extension(format!("{}.draft", std::process::id()))
}

fn write(path: &Path, bytes: &[u8], mode: u32) -> io::Result<()> {
    let mut file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(path)?;
    file.write_all(bytes)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use jsonwebtoken::jwk::JwkSet;
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;

    fn claims_of(token: &str, folder: &Path) -> serde_json::Value {
        let jwks: JwkSet = serde_json::from_slice(&std::fs::read(Mint::jwks_file(folder)).unwrap()).unwrap();
        let header = jsonwebtoken::decode_header(token).unwrap();
        let mut validation = Validation::new(header.alg);
        validation.set_audience(&[AUDIENCE]);
        let key = DecodingKey::from_jwk(jwks.find(&header.kid.unwrap()).unwrap()).unwrap();
        jsonwebtoken::decode(token, &key, &validation).unwrap().claims
    }

    #[test]
    fn its_tokens_are_good_under_its_public_keys_even_after_reopening() {
        for (signature, algorithm) in [
            (TokenSignature::EdDsa, Algorithm::EdDSA),
            (TokenSignature::Rs256, Algorithm::RS256),
        ] {
            let folder = tempfile::tempdir().unwrap();
            let person = Person::invent(1, 2);
            let mint = Mint::open(folder.path()).unwrap().signing(signature);
            let token = mint.token(&person).unwrap();
            assert_eq!(jsonwebtoken::decode_header(&token).unwrap().alg, algorithm);
            Mint::open(folder.path()).unwrap();
            let claims = claims_of(&token, folder.path());
            assert_eq!(claims["iss"], ISSUER);
            assert_eq!(
                claims["fiscal_number"],
                format!("TINIT-{}", person.tax_code.as_str())
            );
            assert_eq!(claims["given_name"], person.given_name);
        }
    }

    #[test]
    fn organisations_and_operators_have_tokens_that_name_nobody_else() {
        let folder = tempfile::tempdir().unwrap();
        let mint = Mint::open(folder.path()).unwrap();
        let organisation = OrganisationId::parse("patronato-esempio").unwrap();
        let token = mint.organisation_token(&organisation).unwrap();
        let claims = claims_of(&token, folder.path());
        assert_eq!(claims["organisation"], "patronato-esempio");
        assert_eq!((claims.get("roles"), claims.get("fiscal_number")), (None, None));

        let claims = claims_of(&mint.operator_token("sportello-1").unwrap(), folder.path());
        assert_eq!(claims["roles"], serde_json::json!(["operator"]));
        assert_eq!(claims["sub"], "sportello-1");
        assert_eq!(
            (claims.get("organisation"), claims.get("fiscal_number")),
            (None, None)
        );
    }

    #[test]
    fn only_the_owner_reads_the_private_keys_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        Mint::open(folder.path()).unwrap();
        for key in ["generated.key", "generated-rsa.key"] {
            let mode = folder.path().join(key).metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_damaged_key_says_which_file_to_remove() {
        let folder = tempfile::tempdir().unwrap();
        for key in ["generated.key", "generated-rsa.key"] {
            let path = folder.path().join(key);
            std::fs::write(&path, "x").unwrap();
            assert!(matches!(Mint::open(folder.path()), Err(MintError::BadKey(bad)) if bad == path));
            std::fs::remove_file(path).unwrap();
        }
    }

    #[test]
    #[ignore = "a measurement, not a check"]
    fn the_time_for_10_000_tokens() {
        let folder = tempfile::tempdir().unwrap();
        let mint = Mint::open(folder.path()).unwrap();
        let start = std::time::Instant::now();
        for index in 0..10_000 {
            mint.token(&Person::invent(1, index)).unwrap();
        }
        println!("{:?}", start.elapsed());
    }
}
