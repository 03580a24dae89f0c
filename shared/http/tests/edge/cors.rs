//! The web pages that may call from a browser.

use reqwest::{Client, Method, RequestBuilder, Response};
use sportello_http::EdgeConfig;

use crate::server::{Running, plain};

pub const PORTAL: &str = "https://portal.example.org";

pub fn with_portal() -> EdgeConfig {
    EdgeConfig {
        cors_origins: vec![PORTAL.parse().unwrap(), "http://127.0.0.1:8090".parse().unwrap()],
        ..plain()
    }
}

fn client() -> Client {
    Client::builder().no_proxy().build().unwrap()
}

fn preflight(server: &Running, origin: &str, header: &str) -> RequestBuilder {
    client()
        .request(Method::OPTIONS, server.url("/refuse"))
        .header("Origin", origin)
        .header("Access-Control-Request-Method", "POST")
        .header("Access-Control-Request-Headers", header)
}

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers().get(name).map(|value| value.to_str().unwrap())
}

/// The names in a header that lists them, in lower case and in order.
fn listed(answer: &Response, name: &str) -> Vec<String> {
    let text = header(answer, name).unwrap_or_default().to_ascii_lowercase();
    let mut names: Vec<_> = text.split(',').map(|name| name.trim().to_owned()).collect();
    names.sort();
    names
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_call_with_what_it_needs_and_read_what_it_needs() {
    let server = Running::start(&with_portal());
    let wanted = "authorization,content-type,idempotency-key,accept-language,receipt,access-reason,\
                  batch-part,row-offset";
    // a browser sends no token here
    let answer = preflight(&server, PORTAL, wanted).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(header(&answer, "access-control-allow-origin"), Some(PORTAL));
    assert_eq!(
        listed(&answer, "access-control-allow-methods"),
        ["get", "post", "put"]
    );
    let mut wanted: Vec<_> = wanted.split(',').collect();
    wanted.sort_unstable();
    assert_eq!(listed(&answer, "access-control-allow-headers"), wanted);
    assert!(listed(&answer, "vary").contains(&"origin".to_owned()));

    // an error as well as an answer
    for request in [
        client().get(server.url("/hello")),
        client().post(server.url("/refuse")),
    ] {
        let answer = request.header("Origin", PORTAL).send().await.unwrap();
        assert_eq!(header(&answer, "access-control-allow-origin"), Some(PORTAL));
        assert_eq!(header(&answer, "access-control-allow-credentials"), None);
        let readable = listed(&answer, "access-control-expose-headers");
        let expected = [
            "etag",
            "location",
            "ratelimit-limit",
            "ratelimit-remaining",
            "ratelimit-reset",
            "retry-after",
        ];
        assert_eq!(readable, expected);
        assert!(listed(&answer, "vary").contains(&"origin".to_owned()));
    }
}

#[tokio::test]
async fn a_page_of_another_origin_may_not() {
    let server = Running::start(&with_portal());
    for origin in [
        "https://portal.example.org.evil.example",
        "http://portal.example.org",
        "null",
    ] {
        for request in [
            preflight(&server, origin, "authorization"),
            client().get(server.url("/hello")).header("Origin", origin),
        ] {
            let answer = request.send().await.unwrap();
            assert_eq!(header(&answer, "access-control-allow-origin"), None, "{origin}");
        }
    }
    let answer = preflight(&server, PORTAL, "x-anything").send().await.unwrap();
    assert!(answer.status().is_client_error());
}

#[tokio::test]
async fn an_answer_that_is_kept_is_not_given_to_another_origin() {
    let server = Running::start(&with_portal());
    let answer = client().get(server.url("/hello")).send().await.unwrap();
    assert!(listed(&answer, "vary").contains(&"origin".to_owned()));
    assert_eq!(header(&answer, "access-control-allow-origin"), None);
}

#[tokio::test]
async fn where_nothing_is_listed_there_is_no_word_of_it() {
    let server = Running::start(&plain());
    for request in [
        preflight(&server, PORTAL, "authorization"),
        client().get(server.url("/hello")).header("Origin", PORTAL),
    ] {
        let answer = request.send().await.unwrap();
        let names = answer.headers().keys();
        let words: Vec<_> = names
            .filter(|name| name.as_str().starts_with("access-control") || *name == "vary")
            .collect();
        assert!(words.is_empty(), "{words:?}");
    }
}
