//! An issuer of tokens for tests, with its private key.

use std::fs;
use std::path::PathBuf;

use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sportello_domain::OrganisationId;
use sportello_people::Person;
use sportello_people::mint::{AUDIENCE, ISSUER, Mint};

/// The issuer of invented people, in its own folder, which is removed when dropped.
#[derive(Debug)]
pub struct Issuer {
    folder: tempfile::TempDir,
}

impl Issuer {
    /// Makes an issuer with a new key, and the configuration that trusts it.
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
             algorithms = [\"EdDSA\"]\nminimum_acr = \"https://www.spid.gov.it/SpidL2\"\n\
             programs_without_acr = true\n"
        );
        fs::write(issuer.config(), config).expect("the configuration");
        issuer
    }

    /// Returns the folder, to which a test may add files.
    #[must_use]
    pub fn folder(&self) -> &std::path::Path {
        self.folder.path()
    }

    /// Returns the identity configuration that trusts only this issuer.
    #[must_use]
    pub fn config(&self) -> PathBuf {
        self.folder().join("identity.toml")
    }

    /// Returns a valid token of `person`.
    ///
    /// # Panics
    ///
    /// When it can't be signed.
    #[must_use]
    pub fn token(&self, person: &Person) -> String {
        self.mint().token(person).expect("a token")
    }

    /// Returns a valid token of a program of `organisation`, an intermediary.
    ///
    /// # Panics
    ///
    /// When the name is not valid or the token can't be signed.
    #[must_use]
    pub fn organisation_token(&self, organisation: &str) -> String {
        let organisation = OrganisationId::parse(organisation).expect("an organisation");
        self.mint().organisation_token(&organisation).expect("a token")
    }

    /// Returns a valid token of the operator called `subject` in the audit.
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

    /// Returns valid claims of `person`, far from expiry.
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

    /// Returns a token with any claims, signed with the trusted key.
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

    /// Returns the public key as a JWK.
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
