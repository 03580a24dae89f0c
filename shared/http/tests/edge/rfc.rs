//! Requirements of RFC 9110 and RFC 9112 for every server.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::time::timeout;

use crate::server::{Running, WITHIN, answer, exchange, plain};

#[tokio::test]
async fn head_answers_as_get_does_without_the_body() {
    let server = Running::start(&plain());
    for path in ["/hello", "/large", "/endless", "/nowhere", "/status"] {
        let mut connection = server.connect().await;
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut head = String::new();
        connection.write_all(request.as_bytes()).await.unwrap();
        while !head.ends_with("\r\n\r\n") {
            let byte = timeout(WITHIN, connection.read_u8()).await.unwrap();
            head.push(byte.unwrap().into());
        }
        let status = if path == "/nowhere" { "404" } else { "200" };
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{head}");
        // the next answer follows at once
        let next = exchange(&mut connection, "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n").await;
        assert!(next.starts_with("HTTP/1.1 200 "), "{path}: {next}");
    }
}

#[tokio::test]
async fn a_client_of_http_1_0_gets_no_chunks() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let request = "GET /stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    timeout(WITHIN, connection.read_to_string(&mut text))
        .await
        .unwrap()
        .unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    assert!(!head.to_lowercase().contains("transfer-encoding"), "{text}");
    assert!(!head.to_lowercase().contains("keep-alive"), "{text}");
    assert_eq!(body, "one, two");
}

#[tokio::test]
async fn a_malformed_chunk_is_reported_before_the_connection_ends() {
    let server = Running::start(&plain());
    for body in ["x\r\n", "3\r\nabcdef\r\n", "3;\u{1}\r\n"] {
        let mut connection = server.connect().await;
        let head = "POST /count HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        let text = exchange(&mut connection, format!("{head}{body}")).await;
        assert!(text.starts_with("HTTP/1.1 400 "), "{text}");
        assert!(text.contains("urn:sportello:problem:broken-body"), "{text}");
        assert_eq!(answer(&mut connection).await, "");
    }
}
