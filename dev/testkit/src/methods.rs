//! Checks of the methods of an address.

use reqwest::{Client, Method, Response};
use serde_json::Value;

/// Asserts that an address has `HEAD` wherever it has `GET`, with the same head and no body (RFC
/// 9110, section 9.3.2), and that any other method is refused with `405` and an `Allow` that names
/// those of `operations`, as the OpenAPI document has them (section 15.5.6).
///
/// # Panics
/// If it is not so, or the address does not answer.
pub async fn assert_methods(client: &Client, address: &str, operations: &Value) {
    let ask = async |method: Method| -> Response {
        let request = client.request(method, address);
        request.send().await.expect("an answer")
    };
    let refused = ask(Method::DELETE).await;
    assert_eq!(refused.status(), 405, "{address}");
    let allowed = refused.headers()["allow"].to_str().expect("text");
    let allowed = allowed.to_lowercase();
    let known: Vec<&str> = allowed.split(", ").filter(|method| *method != "head").collect();
    let operations = operations.as_object().expect("operations");
    let said: Vec<&String> = operations.keys().collect();
    assert_eq!(known, said, "{address}");
    let head = ask(Method::HEAD).await;
    if !operations.contains_key("get") {
        assert_eq!(head.status(), 405, "{address}");
        return;
    }
    let get = ask(Method::GET).await;
    assert_eq!(head.status(), get.status(), "{address}");
    let length = |answer: &Response| answer.headers()["content-length"].clone();
    assert_eq!(length(&head), length(&get), "{address}");
    assert_eq!(head.bytes().await.expect("an end").len(), 0, "{address}");
}
