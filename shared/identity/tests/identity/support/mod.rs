//! An issuer for tests: a key, its tokens, and its JWKS on a real HTTP address.

#![allow(dead_code, missing_docs, reason = "each test file uses its own part of it")]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers of tests"
)]

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
    RsaPublicKeyComponents,
};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use sportello_identity::{Config, Verifier};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

pub const ISSUER: &str = "https://issuer.test";
pub const TAX_CODE: &str = "RSSMRA80A01H501U";

/// A private key and its public half as a JWK.
pub struct Key {
    pub algorithm: Algorithm,
    pub private: EncodingKey,
    pub jwk: Value,
}

impl Key {
    pub fn es256(kid: &str) -> Self {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
        // an uncompressed point: 4, x, y
        let [_, point @ ..] = pair.public_key().as_ref() else {
            panic!("no point")
        };
        let (x, y) = point.split_at(32);
        Self {
            algorithm: Algorithm::ES256,
            private: EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref()),
            jwk: json!({ "kty": "EC", "crv": "P-256", "kid": kid, "x": text(x), "y": text(y) }),
        }
    }

    pub fn ed25519(kid: &str) -> Self {
        let pair = Ed25519KeyPair::generate().unwrap();
        Self {
            algorithm: Algorithm::EdDSA,
            private: EncodingKey::from_ed_der(pair.to_pkcs8().unwrap().as_ref()),
            jwk: json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": text(pair.public_key().as_ref()) }),
        }
    }

    pub fn rs256(kid: &str) -> Self {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = STANDARD.encode(pair.as_der().unwrap().as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{pkcs8}\n-----END PRIVATE KEY-----\n");
        let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public_key());
        Self {
            algorithm: Algorithm::RS256,
            private: EncodingKey::from_rsa_pem(pem.as_bytes()).unwrap(),
            jwk: json!({ "kty": "RSA", "kid": kid, "n": text(&public.n), "e": text(&public.e) }),
        }
    }

    pub fn header(&self) -> Header {
        let mut header = Header::new(self.algorithm);
        header.kid = self.jwk["kid"].as_str().map(str::to_owned);
        header
    }

    pub fn sign(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&self.header(), claims, &self.private).unwrap()
    }

    pub fn jwks(&self) -> String {
        json!({ "keys": [self.jwk] }).to_string()
    }
}

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub fn now() -> u64 {
    jsonwebtoken::get_current_timestamp()
}

/// A citizen's claims, changed by `changes`; a null takes a claim away.
pub fn claims(changes: Value) -> Value {
    let mut claims = json!({
        "iss": ISSUER, "aud": "sportello", "sub": "somebody", "exp": now() + 600,
        "acr": "https://www.spid.gov.it/SpidL2", "fiscal_number": format!("TINIT-{TAX_CODE}"),
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    claims
}

/// The answers of the issuer's address.
#[derive(Clone)]
pub enum Answer {
    Jwks(String),
    Redirect(String),
    Fails,
    Hangs,
}

/// The JWKS address of an issuer. Ends with its value.
pub struct Server {
    pub url: String,
    answer: Arc<Mutex<Answer>>,
    fetches: Arc<AtomicUsize>,
    _task: JoinSet<()>,
}

impl Server {
    pub async fn start(answer: Answer) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let answer = Arc::new(Mutex::new(answer));
        let fetches = Arc::new(AtomicUsize::new(0));
        let mut task = JoinSet::new();
        task.spawn(serve(listener, Arc::clone(&answer), Arc::clone(&fetches)));
        Self {
            url,
            answer,
            fetches,
            _task: task,
        }
    }

    pub fn now_answers(&self, answer: Answer) {
        *self.answer.lock().unwrap() = answer;
    }

    pub fn fetches(&self) -> usize {
        self.fetches.load(Ordering::SeqCst)
    }
}

async fn serve(listener: TcpListener, answer: Arc<Mutex<Answer>>, fetches: Arc<AtomicUsize>) {
    let mut connections = JoinSet::new();
    loop {
        let (mut stream, _) = listener.accept().await.unwrap();
        fetches.fetch_add(1, Ordering::SeqCst);
        let answer = answer.lock().unwrap().clone();
        connections.spawn(async move {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let (status, body) = match answer {
                Answer::Jwks(body) => ("200 OK".to_owned(), body),
                Answer::Redirect(to) => (format!("302 Found\r\nlocation: {to}"), String::new()),
                Answer::Fails => ("500 Internal Server Error".to_owned(), String::new()),
                Answer::Hangs => return std::future::pending().await,
            };
            let head = format!(
                "HTTP/1.1 {status}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                body.len()
            );
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        });
    }
}

/// Trusts [`ISSUER`] with the keys at `url`.
pub fn config(url: &str, more: &str) -> Config {
    let text = format!(
        "[[issuers]]\nissuer = '{ISSUER}'\naudience = 'sportello'\njwks_url = '{url}'\n\
         algorithms = ['ES256', 'EdDSA', 'RS256']\n{more}"
    );
    Config::parse(&text, std::path::Path::new("")).unwrap()
}

/// A verifier that has its keys.
pub async fn ready(config: Config) -> Verifier {
    let verifier = Verifier::start(config).unwrap();
    eventually("the keys arrive", || verifier.ready()).await;
    verifier
}

/// Waits until a condition holds, at most 10 s.
pub async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(10), "not in time: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
