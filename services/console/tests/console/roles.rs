//! Who may use the console: operators alone.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use sportello_people::Person;
use sportello_testkit::{Issuer, Sandbox, eventually};

use crate::support::{Console, WITHIN};

/// An operation with example values in its address.
fn operations(document: &Value) -> Vec<(Method, String)> {
    let paths = document["paths"].as_object().unwrap();
    let operations = paths.iter().filter(|(path, _)| *path != "/status");
    let operations = operations.flat_map(|(path, methods)| {
        let path = path
            .replace("{letter}", "00000000-0000-4000-8000-000000000000")
            .replace("{process}", "0000000000000001")
            .replace("{job}", "00000000-0000-4000-8000-000000000000")
            .replace("{benefit}", "indemnity-march-2020")
            .replace("{channel}", "citizen");
        let methods = methods.as_object().unwrap().keys();
        methods.map(move |method| (method.to_uppercase().parse().unwrap(), path.clone()))
    });
    operations.collect()
}

/// Returns the status of the answer; a busy machine may shed a request, which is sent again.
async fn status(request: impl Fn() -> RequestBuilder) -> u16 {
    eventually(WITHIN, async || {
        let answer = request().send().await.unwrap();
        Some(answer.status().as_u16()).filter(|status| *status != 503)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_refuses_everybody_but_operators() {
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[]).await;
    let person = Person::invent(1, 1);
    let issuer = &console.issuer;
    let mut expired = Issuer::claims(&person);
    expired["roles"] = json!(["operator"]);
    expired["exp"] = json!(1_585_699_300);
    let tokens = [
        (issuer.token(&person), 403),
        (issuer.organisation_token("patronato-aurora"), 403),
        (issuer.sign(&expired), 401),
        (Issuer::new().operator_token("stranger"), 401),
        ("nonsense".to_owned(), 401),
    ];
    let document: Value = console.service.get("/openapi.json").await.json().await.unwrap();
    let operations = operations(&document);
    assert!(operations.len() > 18, "{operations:?}");
    for (method, path) in operations {
        let url = format!("{}{path}", console.service.url());
        let request = || {
            console
                .service
                .client()
                .request(method.clone(), &url)
                .json(&json!({}))
        };
        let answered = status(&request).await;
        assert_eq!(answered, 401, "{method} {path} without a token");
        for (token, expected) in &tokens {
            let answered = status(|| request().bearer_auth(token)).await;
            assert_eq!(answered, *expected, "{method} {path}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_read_the_wanted_number_and_nothing_else() {
    const TOKEN: &str = "0123456789abcdef0123456789abcdef";
    let sandbox = Sandbox::both().await;
    let console = Console::start(&sandbox, &[("AGENT_TOKEN", TOKEN)]).await;
    let get = async |path: &str, token: &str| {
        let url = format!("{}{path}", console.service.url());
        let request = console.service.client().get(url).bearer_auth(token);
        request.send().await.unwrap()
    };
    let wanted: Value = eventually(WITHIN, async || {
        let answer = get("/v1/workers/wanted", TOKEN).await;
        (answer.status() == 200).then_some(answer)
    })
    .await
    .json()
    .await
    .unwrap();
    assert!(wanted["wanted"].is_u64(), "{wanted}");
    assert_eq!(get("/v1/workers/wanted", "another").await.status(), 401);
    assert_eq!(get("/v1/workers", TOKEN).await.status(), 401);
}
