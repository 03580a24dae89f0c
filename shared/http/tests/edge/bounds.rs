//! Bounds of size and time.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::server::{BODY_LIMIT, Running, WITHIN, answer, drip_until_it_ends, exchange, plain};

const HELLO: &str = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

#[tokio::test]
async fn a_first_head_that_does_not_come_whole_is_not_waited_for() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    connection
        .write_all(b"GET /hello HTTP/1.1\r\nHost: a\r\n")
        .await
        .unwrap();
    server.assert_it_answers_others().await;
    let answer = answer(&mut connection).await;
    assert!(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n"), "{answer}");
    assert!(
        answer.contains("content-type: application/problem+json\r\n"),
        "{answer}"
    );
    assert!(answer.contains("urn:sportello:problem:too-slow"), "{answer}");
    assert_eq!(connection.read(&mut [0]).await.unwrap(), 0);
}

#[tokio::test]
async fn a_head_that_drips_is_not_waited_for() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    drip_until_it_ends(&mut connection, b"x").await;
    server.assert_it_answers_others().await;
}

#[tokio::test]
async fn a_silent_connection_is_closed_without_an_answer() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    assert_eq!(answer(&mut connection).await, "");
}

#[tokio::test]
async fn neither_is_a_second_head_that_drips() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    assert!(exchange(&mut connection, HELLO).await.ends_with("hello"));
    assert!(exchange(&mut connection, HELLO).await.ends_with("hello"));
    connection
        .write_all(b"GET /hello HTTP/1.1\r\nX-Slow: ")
        .await
        .unwrap();
    drip_until_it_ends(&mut connection, b"x").await;
    server.assert_it_answers_others().await;
}

#[tokio::test]
async fn neither_is_a_second_head_that_began_with_the_first() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let both = format!("{HELLO}GET /hello HTTP/1.1\r\nX-Slow: ");
    assert!(exchange(&mut connection, both).await.ends_with("hello"));
    assert_eq!(answer(&mut connection).await, "");
}

#[tokio::test]
async fn the_rest_of_a_body_that_nobody_wants_is_not_read_without_end() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let head = "POST /refuse HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n";
    assert!(exchange(&mut connection, head).await.starts_with("HTTP/1.1 403"));
    drip_until_it_ends(&mut connection, b"1\r\nx\r\n").await;
    server.assert_it_answers_others().await;
}

#[tokio::test]
async fn a_request_in_work_takes_the_time_that_it_needs() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let head = "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    connection.write_all(head.as_bytes()).await.unwrap();
    let started = Instant::now();
    let mut sent = 0;
    // longer than any head may take
    while started.elapsed() < Duration::from_secs(13) {
        connection.write_all(b"1\r\nx\r\n").await.unwrap();
        sent += 1;
        let heard = timeout(Duration::from_millis(200), connection.read_u8()).await;
        assert!(heard.is_err(), "{heard:?}");
    }
    let answer = exchange(&mut connection, b"0\r\n\r\n").await;
    assert!(answer.ends_with(&format!("{sent} bytes")), "{answer}");
    assert!(exchange(&mut connection, HELLO).await.ends_with("hello"));
}

#[tokio::test]
async fn a_giant_head_is_refused_as_such() {
    let server = Running::start(&plain());
    let giant = format!(
        "GET /hello HTTP/1.1\r\nHost: a\r\nX-Giant: {}\r\n\r\n",
        "x".repeat(40_000)
    );
    let answer = exchange(&mut server.connect().await, giant).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    assert!(
        answer.contains("urn:sportello:problem:head-too-large"),
        "{answer}"
    );
    let large = format!(
        "GET /hello HTTP/1.1\r\nHost: a\r\nX-Large: {}\r\n\r\n",
        "x".repeat(12_000)
    );
    let answer = exchange(&mut server.connect().await, large).await;
    assert!(answer.ends_with("hello"), "{answer}");
}

#[tokio::test]
async fn too_many_headers_are_refused() {
    let server = Running::start(&plain());
    let many = "X-Many: x\r\n".repeat(200);
    let request = format!("GET /hello HTTP/1.1\r\nHost: a\r\n{many}\r\n");
    let answer = exchange(&mut server.connect().await, request).await;
    assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
}

#[tokio::test]
async fn a_head_without_end_is_cut_off_early() {
    let server = Running::start(&plain());
    for before in ["", HELLO] {
        let mut connection = server.connect().await;
        if !before.is_empty() {
            exchange(&mut connection, before).await;
        }
        connection
            .write_all(b"GET /hello HTTP/1.1\r\nX-Endless: ")
            .await
            .unwrap();
        let flood = async {
            let mut sent: usize = 0;
            while let Ok(more) = connection.write(&[b'x'; 16_384]).await {
                sent += more;
            }
            sent
        };
        let sent = timeout(WITHIN, flood).await.unwrap();
        // most of it is in the buffers of the two systems
        assert!(sent < 32 << 20, "{sent}");
        server.assert_it_answers_others().await;
    }
}

#[tokio::test]
async fn what_is_no_http_is_refused() {
    let server = Running::start(&plain());
    let answer = exchange(&mut server.connect().await, "\u{16}\u{3}\u{1}\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
}

#[tokio::test]
async fn a_head_and_a_whole_body_may_come_at_once_and_again() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let body = "x".repeat(BODY_LIMIT);
    let head = format!("HTTP/1.1\r\nHost: a\r\nContent-Length: {BODY_LIMIT}\r\n\r\n");
    for _ in 0..3 {
        let answer = exchange(&mut connection, format!("POST /count {head}{body}")).await;
        assert!(answer.ends_with(&format!("{BODY_LIMIT} bytes")), "{answer}");
    }
    let answer = exchange(&mut connection, format!("POST /refuse {head}{body}")).await;
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(answer.contains("role-not-allowed"), "{answer}");
}

#[tokio::test]
async fn a_refused_request_keeps_the_connection_where_its_body_has_come() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let body = "x".repeat(2_000);
    let request = format!("POST /refuse HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n{body}");
    for _ in 0..3 {
        let answer = exchange(&mut connection, &request).await;
        assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
        assert!(!answer.to_lowercase().contains("connection: close"), "{answer}");
    }
    assert!(exchange(&mut connection, HELLO).await.ends_with("hello"));
}

#[tokio::test]
async fn a_connection_whose_answer_is_never_read_is_closed() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    connection
        .write_all(b"GET /endless HTTP/1.1\r\nHost: a\r\n\r\n")
        .await
        .unwrap();
    connection.readable().await.unwrap();
    assert_eq!(server.endless.load(Ordering::SeqCst), 1);
    let ended = async {
        // this checks the other end, not a clock
        while server.endless.load(Ordering::SeqCst) > 0 {
            server.assert_it_answers_others().await;
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    };
    timeout(WITHIN, ended).await.expect("the server ends it");
}
