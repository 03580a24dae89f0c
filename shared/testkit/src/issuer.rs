//! An issuer of tokens whose private key the test has.

use std::fs;
use std::path::PathBuf;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sportello_domain::OrganisationId;
use sportello_local::mint::{AUDIENCE, ISSUER, Mint};
use sportello_local::people::Person;

/// The issuer of generated people, in a folder of one's own that is gone when it is dropped.
#[derive(Debug)]
pub struct Issuer {
    folder: tempfile::TempDir,
}

impl Issuer {
    /// A new issuer with a new key, and the configuration that trusts it.
    ///
    /// # Panics
    ///
    /// When the files can't be written.
    #[must_use]
    pub fn new() -> Self {
        let issuer = Self {
            folder: tempfile::tempdir().expect("a folder"),
        };
        Mint::open(issuer.folder()).expect("a key");
        let config = format!(
            "[[issuers]]\nissuer = \"{ISSUER}\"\naudience = \"{AUDIENCE}\"\njwks_file = \"generated.jwks.json\"\n\
             algorithms = [\"EdDSA\"]\nminimum_acr = \"https://www.spid.gov.it/SpidL2\"\n"
        );
        fs::write(issuer.config(), config).expect("the configuration");
        issuer
    }

    /// The folder, where a test may put files of its own.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// The identity configuration that trusts this issuer alone.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder().join("identity.toml")
    }

    /// A good token of `person`.
    ///
    /// # Panics
    ///
    /// When it can't be signed.
    #[must_use]
    pub fn token(&self, person: &Person) -> String {
        self.mint().token(person).expect("a token")
    }

    /// A good token of a program of `organisation`, an intermediary.
    ///
    /// # Panics
    ///
    /// When the name is none or the token can't be signed.
    #[must_use]
    pub fn organisation_token(&self, organisation: &str) -> String {
        let organisation = OrganisationId::parse(organisation).expect("an organisation");
        self.mint().organisation_token(&organisation).expect("a token")
    }

    /// A good token of the operator whom the audit calls `subject`.
    ///
    /// # Panics
    ///
    /// When it can't be signed.
    #[must_use]
    pub fn operator_token(&self, subject: &str) -> String {
        self.mint().operator_token(subject).expect("a token")
    }

    fn mint(&self) -> Mint {
        Mint::open(self.folder()).expect("a key")
    }

    /// Good claims of `person`, far from their end.
    #[must_use]
    pub fn claims(person: &Person) -> Value {
        json!({
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "somebody",
            "iat": 1_585_699_200,
            "exp": 4_000_000_000_u64,
            "acr": "https://www.spid.gov.it/SpidL2",
            "fiscal_number": format!("TINIT-{}", person.tax_code.as_str()),
        })
    }

    /// A token with any claims, signed with the trusted key.
    ///
    /// # Panics
    ///
    /// When it can't be signed.
    #[must_use]
    pub fn sign(&self, claims: &Value) -> String {
        let key = fs::read(self.folder().join("generated.key")).expect("the key");
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = self.public_key()["kid"].as_str().map(str::to_owned);
        jsonwebtoken::encode(&header, claims, &EncodingKey::from_ed_der(&key)).expect("a token")
    }

    /// The public key as a JWK.
    ///
    /// # Panics
    ///
    /// When it can't be read.
    #[must_use]
    pub fn public_key(&self) -> Value {
        let set = fs::read(Mint::jwks_file(self.folder())).expect("the keys");
        serde_json::from_slice::<Value>(&set).expect("JSON")["keys"][0].clone()
    }
}

impl Default for Issuer {
    fn default() -> Self {
        Self::new()
    }
}
