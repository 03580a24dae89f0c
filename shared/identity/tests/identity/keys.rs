//! Changes of keys while requests arrive.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "tests and their helpers"
)]

use std::time::{Duration, Instant};

use crate::support::{Answer, Key, Server, claims, config, eventually, ready};
use serde_json::json;
use sportello_identity::{TokenError, Verifier};

#[tokio::test]
async fn a_rotation_fails_nobody() {
    let (old, new) = (Key::es256("old"), Key::ed25519("new"));
    let server = Server::start(Answer::Jwks(old.jwks())).await;
    let verifier = ready(config(&server.url, "")).await;
    assert!(verifier.verify(&old.sign(&claims(json!({})))).await.is_ok());

    server.now_answers(Answer::Jwks(new.jwks()));
    let token = new.sign(&claims(json!({})));
    let (first, second) = tokio::join!(verifier.verify(&token), verifier.verify(&token));
    assert!(first.is_ok() && second.is_ok());
    assert_eq!(server.fetches(), 2);
    // a key that is no longer published is no longer accepted
    assert_eq!(
        verifier.verify(&old.sign(&claims(json!({})))).await,
        Err(TokenError::UnknownKey)
    );
}

#[tokio::test]
async fn an_empty_key_set_takes_the_keys_away() {
    let key = Key::es256("stolen");
    let server = Server::start(Answer::Jwks(key.jwks())).await;
    let verifier = ready(config(&server.url, "")).await;
    assert!(!verifier.needs_care());
    server.now_answers(Answer::Jwks(json!({ "keys": [] }).to_string()));
    // requests a fetch
    let stranger = Key::es256("unknown").sign(&claims(json!({})));
    assert_eq!(verifier.verify(&stranger).await, Err(TokenError::UnknownKey));
    let stolen = key.sign(&claims(json!({})));
    assert_eq!(verifier.verify(&stolen).await, Err(TokenError::UnknownKey));
    assert!(!verifier.ready() && verifier.needs_care());
}

#[tokio::test]
async fn a_flood_of_unknown_keys_is_one_fetch() {
    let key = Key::es256("known");
    let server = Server::start(Answer::Jwks(key.jwks())).await;
    let verifier = ready(config(&server.url, "")).await;
    let forged: Vec<_> = (0..500)
        .map(|i| Key {
            jwk: json!({ "kid": format!("k{i}") }),
            ..Key::es256("")
        })
        .collect();
    let start = Instant::now();
    for forger in &forged {
        assert_eq!(
            verifier.verify(&forger.sign(&claims(json!({})))).await,
            Err(TokenError::UnknownKey)
        );
    }
    assert_eq!(server.fetches(), 2);
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
}

#[tokio::test]
async fn while_a_fetch_hangs_known_keys_are_served_at_once_and_unknown_ones_soon() {
    let key = Key::es256("known");
    let server = Server::start(Answer::Jwks(key.jwks())).await;
    let verifier = ready(config(&server.url, "")).await;
    server.now_answers(Answer::Hangs);

    let start = Instant::now();
    let stranger = Key::es256("unknown").sign(&claims(json!({})));
    assert_eq!(verifier.verify(&stranger).await, Err(TokenError::UnknownKey));
    let waited = start.elapsed();
    assert!((300..2_000).contains(&waited.as_millis()), "{waited:?}");

    let start = Instant::now();
    assert!(verifier.verify(&key.sign(&claims(json!({})))).await.is_ok());
    assert!(start.elapsed() < Duration::from_millis(200));
}

#[tokio::test]
async fn it_starts_while_the_issuer_is_away_and_recovers_by_itself() {
    let key = Key::es256("one");
    let server = Server::start(Answer::Fails).await;
    let verifier = Verifier::start(config(&server.url, "")).unwrap();
    let token = key.sign(&claims(json!({})));
    let refusal = verifier.verify(&token).await.unwrap_err();
    assert_eq!(refusal, TokenError::KeysUnavailable);
    assert!(refusal.is_temporary() && !verifier.ready());

    server.now_answers(Answer::Jwks(key.jwks()));
    eventually("the keys arrive", || verifier.ready()).await;
    assert!(verifier.verify(&token).await.is_ok());
}

#[tokio::test]
async fn known_keys_outlive_an_issuer_that_answers_nonsense() {
    let key = Key::es256("one");
    let server = Server::start(Answer::Jwks(key.jwks())).await;
    let verifier = ready(config(&server.url, "")).await;
    let elsewhere = Server::start(Answer::Jwks(Key::es256("stranger").jwks())).await;
    let too_large = json!({ "keys": [key.jwk], "padding": "x".repeat(300_000) }).to_string();
    let stranger = Key::es256("stranger").sign(&claims(json!({})));

    server.now_answers(Answer::Redirect(elsewhere.url.clone()));
    assert_eq!(verifier.verify(&stranger).await, Err(TokenError::UnknownKey));
    assert_eq!((server.fetches(), elsewhere.fetches()), (2, 0));
    // it recovers from a failure by itself
    server.now_answers(Answer::Jwks(too_large));
    eventually("it is fetched again", || server.fetches() == 3).await;
    assert!(verifier.verify(&key.sign(&claims(json!({})))).await.is_ok());
}

#[tokio::test]
async fn keys_come_from_a_file_too() {
    let folder = tempfile::tempdir().unwrap();
    let key = Key::ed25519("one");
    std::fs::write(folder.path().join("jwks.json"), key.jwks()).unwrap();
    let text = format!(
        "[[issuers]]\nissuer = '{}'\naudience = 'sportello'\njwks_file = 'jwks.json'\nalgorithms = ['EdDSA']",
        crate::support::ISSUER
    );
    let verifier = ready(sportello_identity::Config::parse(&text, folder.path()).unwrap()).await;
    assert!(verifier.verify(&key.sign(&claims(json!({})))).await.is_ok());
    // pinned: the issuer may not sign with anything else
    let other = Key::es256("one").sign(&claims(json!({})));
    assert_eq!(
        verifier.verify(&other).await,
        Err(TokenError::AlgorithmNotAllowed)
    );
}

#[tokio::test]
#[ignore = "a measurement, not a check"]
async fn the_cost_of_a_check() {
    for key in [Key::es256("one"), Key::ed25519("one"), Key::rs256("one")] {
        let server = Server::start(Answer::Jwks(key.jwks())).await;
        let verifier = ready(config(&server.url, "")).await;
        let token = key.sign(&claims(json!({})));
        let start = Instant::now();
        for _ in 0..5_000 {
            verifier.verify(&token).await.unwrap();
        }
        println!("{:?}: {:?} a check", key.algorithm, start.elapsed() / 5_000);
    }
}
