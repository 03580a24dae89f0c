//! The cost of verifying a token: a measurement, not a test.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measurement prints, and stops at what it does not expect"
)]

use std::time::Instant;

use crate::support::{Answer, Key, Server, claims, config, ready};
use serde_json::json;

const ROUNDS: usize = 501;
const CALLS: u32 = 10;

#[tokio::test]
#[ignore = "a measurement: cargo test --workspace --test identity costs -- --ignored --nocapture"]
async fn measure_tokens() {
    for key in [Key::ed25519("k"), Key::es256("k"), Key::rs256("k")] {
        let server = Server::start(Answer::Jwks(key.jwks())).await;
        let verifier = ready(config(&server.url, "")).await;
        let token = key.sign(&claims(json!({})));
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let start = Instant::now();
            for _ in 0..CALLS {
                verifier.verify(&token).await.unwrap();
            }
            rounds.push(start.elapsed() / CALLS);
        }
        rounds.sort();
        println!("token, {:?}: {:?}", key.algorithm, rounds[ROUNDS / 2]);
    }
}
