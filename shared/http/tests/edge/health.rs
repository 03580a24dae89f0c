//! Access to the health pages, and their cost.

use std::sync::atomic::Ordering;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::net::TcpStream;

use crate::server::{Running, exchange, plain};

#[tokio::test]
async fn callers_may_ask_for_status_and_for_nothing_else_of_it() {
    let server = Running::start(&plain());
    for (path, outside, inside) in [
        ("/status", "200", "200"),
        ("/livez", "404", "200"),
        ("/readyz", "404", "200"),
        ("/metrics", "404", "200"),
        ("/hello", "200", "404"),
    ] {
        for (address, status) in [(server.address, outside), (server.internal, inside)] {
            let mut connection = TcpStream::connect(address).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            let answer = exchange(&mut connection, request).await;
            assert!(
                answer.starts_with(&format!("HTTP/1.1 {status} ")),
                "{path}: {answer}"
            );
            assert!(
                answer.to_lowercase().contains("x-content-type-options: nosniff"),
                "{answer}"
            );
        }
    }
}

#[tokio::test]
async fn however_many_ask_it_is_looked_once_a_second() {
    let server = Running::start(&plain());
    let started = Instant::now();
    let asking = (0..100).map(async |number| {
        let (address, path) = match number % 3 {
            0 => (server.address, "/status"),
            1 => (server.internal, "/status"),
            _ => (server.internal, "/readyz"),
        };
        let mut connection = TcpStream::connect(address).await.unwrap();
        for _ in 0..10 {
            let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n");
            let answer = exchange(&mut connection, request).await;
            assert!(answer.contains("\"looked\":{\"status\":\"pass\"}"), "{answer}");
        }
    });
    join_all(asking).await;
    let looked = server.looked.load(Ordering::SeqCst);
    let seconds = usize::try_from(started.elapsed().as_secs()).unwrap();
    assert!(looked <= seconds + 1, "{looked} in {seconds} s");
}

#[tokio::test]
async fn the_answer_to_another_method_lists_the_allowed_ones() {
    let server = Running::start(&plain());
    for method in ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PURGE"] {
        let mut connection = TcpStream::connect(server.internal).await.unwrap();
        let request = format!("{method} /livez HTTP/1.1\r\nHost: a\r\n\r\n");
        let answer = exchange(&mut connection, request).await;
        assert!(answer.starts_with("HTTP/1.1 405 "), "{answer}");
        assert!(answer.to_lowercase().contains("allow: get, head\r\n"), "{answer}");
    }
}
