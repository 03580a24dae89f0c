//! Our check of a token and that of the crate `jsonwebtoken` agree, whatever the token is made of.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, Validation, decode, decode_header};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use serde_json::{Value, json};
use sportello_identity::{Config, TokenError, Verifier};

use crate::support::{Key, ready};

/// As the seeds of `fuzz/` name it.
const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "sportello";
const MUTATIONS: u32 = 100_000;
/// Seconds that clocks may differ by, as ours has it.
const LEEWAY: u64 = 30;

/// An issuer with a key of each algorithm, and the two that check its tokens.
struct Bench {
    keys: [Key; 3],
    verifier: Verifier,
}

impl Bench {
    async fn new() -> Self {
        let keys = [Key::es256("one"), Key::ed25519("two"), Key::rs256("three")];
        let folder = tempfile::tempdir().unwrap();
        let jwks = json!({ "keys": keys.iter().map(|key| &key.jwk).collect::<Vec<_>>() });
        fs::write(folder.path().join("jwks.json"), jwks.to_string()).unwrap();
        let config = format!(
            "[[issuers]]\nissuer = '{ISSUER}'\naudience = '{AUDIENCE}'\njwks_file = 'jwks.json'\n\
             algorithms = ['ES256', 'EdDSA', 'RS256']\n"
        );
        let verifier = ready(Config::parse(&config, folder.path()).unwrap()).await;
        Self { keys, verifier }
    }

    /// Whether `jsonwebtoken` takes a token as one of this issuer for us.
    fn is_taken_by_the_crate(&self, token: &str) -> bool {
        let Ok(header) = decode_header(token) else {
            return false;
        };
        let named = |key: &&Key| key.jwk["kid"].as_str() == header.kid.as_deref();
        let Some(key) = self.keys.iter().find(named) else {
            return false;
        };
        let mut validation = Validation::new(key.algorithm);
        validation.set_audience(&[AUDIENCE]);
        validation.set_issuer(&[ISSUER]);
        validation.leeway = LEEWAY;
        validation.validate_nbf = true;
        let jwk: Jwk = serde_json::from_value(key.jwk.clone()).unwrap();
        decode::<Value>(token, &DecodingKey::from_jwk(&jwk).unwrap(), &validation).is_ok()
    }

    /// Checks one token with both, and returns whether it was taken.
    async fn compare(&self, token: &str) -> bool {
        let ours = self.verifier.verify(token).await;
        let theirs = self.is_taken_by_the_crate(token);
        let agree = match &ours {
            Ok(_) => theirs,
            // what a token must say besides, of which the crate knows nothing
            Err(
                TokenError::WrongType
                | TokenError::AcrTooLow
                | TokenError::MissingClaim(_)
                | TokenError::NotForIssuer(_)
                | TokenError::InvalidTaxCode
                | TokenError::InvalidOrganisation,
            ) => true,
            Err(
                TokenError::Malformed
                | TokenError::AlgorithmNotAllowed
                | TokenError::UnknownKey
                | TokenError::BadSignature
                | TokenError::Expired
                | TokenError::NotYetValid
                | TokenError::WrongIssuer
                | TokenError::WrongAudience
                | TokenError::KeysUnavailable,
            ) => !theirs,
        };
        assert!(
            agree,
            "ours: {:?}, the crate's: {theirs}: {token}",
            ours.map(drop)
        );
        theirs
    }
}

/// The claims that `fuzz/` begins with.
fn seeds() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds/bearer_token");
    let files = fs::read_dir(folder).unwrap();
    files
        .map(|file| fs::read_to_string(file.unwrap().path()).unwrap())
        .collect()
}

/// Changes, adds, removes or doubles some bytes, so that it stays text.
fn mutated(text: &str, alphabet: &[u8], rng: &mut StdRng) -> String {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..rng.random_range(1..=3) {
        let at = rng.random_range(0..bytes.len());
        let letter = alphabet[rng.random_range(0..alphabet.len())];
        match rng.random_range(0..5) {
            0 => bytes[at] = letter,
            1 => bytes.insert(at, letter),
            2 if bytes.len() > 1 => drop(bytes.remove(at)),
            3 => bytes.truncate(at.max(1)),
            _ => {
                let piece = bytes[at..(at + 8).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[tokio::test]
async fn both_agree_on_the_corpus_and_on_a_hundred_thousand_mutations() {
    let bench = Bench::new().await;
    let seeds = seeds();
    for seed in &seeds {
        bench.compare(seed).await;
    }
    let good: Vec<Value> = seeds
        .iter()
        .filter_map(|seed| serde_json::from_str(seed).ok())
        .collect();
    assert!(good.len() > 2, "the corpus has claims");

    let signed = |key: &Key| good.iter().map(|claims| key.sign(claims)).collect::<Vec<_>>();
    let tokens: Vec<String> = bench.keys.iter().flat_map(signed).collect();
    let mut rng = StdRng::seed_from_u64(7);
    let mut taken = 0_u32;
    for _ in 0..MUTATIONS {
        let mut any = || &tokens[rng.random_range(0..tokens.len())];
        let (one, two) = (any(), any());
        let token = match rng.random_range(0..8) {
            // another text of claims, signed
            0 => {
                let claims = good[rng.random_range(0..good.len())].to_string();
                let text = mutated(&claims, br#"{}[]",:-.0123456789eEtrunal"#, &mut rng);
                match serde_json::from_str(&text) {
                    // RSA would take most of the time
                    Ok(claims) => bench.keys[rng.random_range(0..2)].sign(&claims),
                    Err(_) => BASE64URL.encode(text),
                }
            }
            // the header or the claims of one token with the signature of another
            1 => {
                let parts = one.split('.').zip(two.split('.'));
                let parts = parts.map(|(one, two)| if rng.random() { one } else { two });
                parts.collect::<Vec<_>>().join(".")
            }
            _ => mutated(one, b"ABCabc019-_.=+/ ", &mut rng),
        };
        taken += u32::from(bench.compare(&token).await);
    }
    assert!(taken > 100, "only {taken} were good, so that little was compared");
}
