//! What a citizen does, from the home page to the protocol number.

use std::time::Duration;

use reqwest::{Client, StatusCode};
use serde_json::{Value, json};
use sportello_people::login;

use crate::shell::{command, root};

/// The addresses that the compose file publishes on this machine.
pub const SITE: &str = "http://127.0.0.1:8000";
pub const ISSUER: &str = "http://127.0.0.1:9000";
pub const IBAN: &str = "IT60X0542811101000000123456";
const REGISTERED_WITHIN: Duration = Duration::from_secs(30);

/// Applies in Chromium, as a person; returns the protocol number that the page shows.
pub fn in_a_browser() -> String {
    let mut browser = command(&["node", "services/portal/web/tests/browser/newcomer.mjs", SITE]);
    let output = browser.current_dir(root()).output().unwrap();
    // what was not answered well, by status and path
    print!("{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "no protocol number");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Applies by program, through the gateway; returns the protocol number.
pub fn by_http(tax_code: &str) -> String {
    wait_for(async {
        let token = login::login(ISSUER, tax_code).await.unwrap();
        let client = client();
        let content = json!({
            "benefit": "indemnity-march-2020", "category": "professionals",
            "applicant": {
                "tax_code": tax_code, "given_name": "Marta", "family_name": "Rinaldi", "iban": IBAN,
            },
            "answers": { "activity": "collaborator", "no_pension": true, "no_citizenship_income": true },
        });
        let sent = client
            .post(format!("{SITE}/v1/applications"))
            .bearer_auth(&token)
            .header("Idempotency-Key", "containers")
            .json(&content);
        let answer = sent.send().await.unwrap();
        if answer.status() != StatusCode::ACCEPTED {
            panic!("{}", answer.text().await.unwrap());
        }
        let location = answer.headers()["location"].to_str().unwrap().to_owned();
        let answer: Value = answer.json().await.unwrap();
        let receipt = answer["receipt"].as_str().unwrap().to_owned();
        let registered = async {
            loop {
                let shown = client
                    .get(&location)
                    .bearer_auth(&token)
                    .header("Receipt", &receipt);
                let shown: Value = shown.send().await.unwrap().json().await.unwrap();
                if let Some(number) = shown["protocol_number"].as_str() {
                    return number.to_owned();
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(REGISTERED_WITHIN, registered)
            .await
            .expect("registered")
    })
}

/// Returns a client that goes straight to this machine.
pub fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

/// Runs work of the network to its end.
pub fn wait_for<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Runtime::new().unwrap().block_on(work)
}
