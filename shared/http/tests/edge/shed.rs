//! Who is sent away while a thread can't keep up.

use crate::server::{Running, exchange, plain};

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
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
    assert!(answer.to_lowercase().contains("retry-after: 1\r\n"), "{answer}");
    assert!(exchange(other, get("/livez")).await.starts_with("HTTP/1.1 200"));
    while !exchange(other, get("/hello")).await.starts_with("HTTP/1.1 200") {}
}

#[tokio::test]
async fn while_there_is_a_crowd_a_shorter_wait_is_too_long() {
    const TRIES: usize = 50;
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
