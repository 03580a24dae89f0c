//! Who is sent away while a thread can't keep up.

use crate::cors::{PORTAL, with_portal};
use crate::server::{Running, exchange, plain};

/// How often a thing is tried that a busy machine may spoil.
const TRIES: usize = 50;

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}

fn get_from(origin: &str, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n\r\n")
}

#[tokio::test]
async fn who_would_have_to_wait_too_long_is_sent_away_and_who_asks_for_health_is_not() {
    let server = Running::start_on_one_thread(&plain());
    let mut connections = [server.connect().await, server.connect().await];
    for connection in &mut connections {
        assert!(exchange(connection, get("/hello")).await.ends_with("hello"));
    }
    let [busy, other] = &mut connections;
    let mut answer = exchange(busy, get("/busy?400")).await;
    // what the thread found counts for a moment only, which may have passed on a busy machine
    while answer.starts_with("HTTP/1.1 200") {
        answer = exchange(busy, get("/busy?400")).await;
    }
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("urn:sportello:problem:unavailable"), "{answer}");
    let head = answer.to_lowercase();
    for header in [
        "retry-after: 1\r\n",
        "content-type: application/problem+json\r\n",
        "cache-control: no-store\r\n",
        "x-content-type-options: nosniff\r\n",
        "strict-transport-security: max-age=31536000; includesubdomains\r\n",
    ] {
        assert_eq!(head.matches(header).count(), 1, "{header}: {answer}");
    }
    // whoever listens has heard of it
    server.crowd.notified().await;
    assert!(exchange(other, get("/livez")).await.starts_with("HTTP/1.1 200"));
    while !exchange(other, get("/hello")).await.starts_with("HTTP/1.1 200") {}
}

#[tokio::test]
async fn while_there_is_a_crowd_a_shorter_wait_is_too_long() {
    let server = Running::start_on_one_thread(&plain());
    let mut connection = server.connect().await;
    for _ in 0..TRIES {
        while exchange(&mut connection, get("/busy?400"))
            .await
            .starts_with("HTTP/1.1 200")
        {}
        // what made the crowd is forgotten after 150 ms, the crowd after a second
        while !exchange(&mut connection, get("/busy?60"))
            .await
            .starts_with("HTTP/1.1 200")
        {}
        // what a thread finds counts from the next request on
        for _ in 0..4 {
            let answer = exchange(&mut connection, get("/busy?60")).await;
            if answer.starts_with("HTTP/1.1 503") {
                return;
            }
        }
    }
    panic!("nobody was sent away for a wait of 60 ms in {TRIES} crowds");
}

#[tokio::test]
async fn a_page_that_may_call_can_read_that_it_is_sent_away_and_no_other_can() {
    let server = Running::start_on_one_thread(&with_portal());
    let mut connection = server.connect().await;
    for (origin, allowed) in [(PORTAL, true), ("https://elsewhere.example.org", false)] {
        let mut answer = String::from("HTTP/1.1 200");
        while answer.starts_with("HTTP/1.1 200") {
            answer = exchange(&mut connection, get_from(origin, "/busy?400")).await;
        }
        assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
        let head = answer.to_lowercase();
        let told = format!("access-control-allow-origin: {origin}\r\n");
        assert_eq!(head.contains(&told), allowed, "{answer}");
        assert!(head.contains("vary: origin\r\n"), "{answer}");
        assert!(!head.contains("access-control-allow-credentials"), "{answer}");
        let readable = head
            .lines()
            .find(|line| line.starts_with("access-control-expose-headers: "));
        assert!(
            readable.is_some_and(|names| names.contains("retry-after")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn a_browser_that_asks_what_it_may_send_is_not_sent_away() {
    let server = Running::start_on_one_thread(&with_portal());
    let mut connection = server.connect().await;
    while exchange(&mut connection, get("/busy?400"))
        .await
        .starts_with("HTTP/1.1 200")
    {}
    let options = format!("OPTIONS /refuse HTTP/1.1\r\nHost: a\r\nOrigin: {PORTAL}\r\n");
    let asked = format!("{options}Access-Control-Request-Method: POST\r\n\r\n");
    let answer = exchange(&mut connection, asked).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    // what only looks like it is not let by
    for _ in 0..TRIES {
        exchange(&mut connection, get("/busy?400")).await;
        let answer = exchange(&mut connection, format!("{options}\r\n")).await;
        if answer.starts_with("HTTP/1.1 503") {
            return;
        }
    }
    panic!("what is no preflight was let by {TRIES} times");
}
