//! Nobody can make a token; of what the issuer signed only tokens for us are accepted, whatever its
//! claims are.
#![no_main]

use std::sync::LazyLock;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD as BASE64URL;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};
use sportello_identity::{Config, Verifier};
use tokio::runtime::{Builder, Runtime};

const ISSUER: &str = "https://login.example";
const AUDIENCE: &str = "sportello";

struct Setting {
    runtime: Runtime,
    verifier: Verifier,
    key: EncodingKey,
}

static SETTING: LazyLock<Setting> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("a folder for keys");
    let pair = Ed25519KeyPair::generate().expect("a key");
    let public = BASE64URL.encode(pair.public_key().as_ref());
    let jwks = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": public, "kid": "1", "alg": "EdDSA", "use": "sig"}]});
    std::fs::write(folder.path().join("jwks.json"), jwks.to_string()).expect("a key file");
    let config = format!(
        "[[issuers]]\nissuer = '{ISSUER}'\naudience = '{AUDIENCE}'\njwks_file = 'jwks.json'\nalgorithms = ['EdDSA']\n\
         minimum_acr = 'https://www.spid.gov.it/SpidL2'\n"
    );
    let config = Config::parse(&config, folder.path()).expect("a configuration");
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let verifier = runtime.block_on(async {
        let verifier = Verifier::start(config).expect("a verifier");
        while !verifier.ready() {
            tokio::task::yield_now().await;
        }
        verifier
    });
    let pkcs8 = pair.to_pkcs8().expect("the key as PKCS #8");
    Setting {
        runtime,
        verifier,
        key: EncodingKey::from_ed_der(pkcs8.as_ref()),
    }
});

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Setting {
        runtime,
        verifier,
        key,
    } = &*SETTING;
    assert!(
        runtime.block_on(verifier.verify(text)).is_err(),
        "a token out of nothing"
    );
    if let Ok(claims) = serde_json::from_str::<Value>(text) {
        let header = Header {
            kid: Some("1".to_owned()),
            ..Header::new(Algorithm::EdDSA)
        };
        let token = jsonwebtoken::encode(&header, &claims, key).expect("a token");
        if runtime.block_on(verifier.verify(&token)).is_ok() {
            let names_us = |aud: &Value| {
                aud == AUDIENCE || aud.as_array().is_some_and(|all| all.contains(&AUDIENCE.into()))
            };
            assert!(claims["iss"] == ISSUER && names_us(&claims["aud"]) && claims["exp"].is_number());
        }
    }
});
