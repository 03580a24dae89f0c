//! Load shedding while a thread can't keep up.

use std::io::ErrorKind;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::cors::{PORTAL, with_portal};
use crate::server::{Running, exchange, plain};

/// Longer than a refusal takes.
const SOON: Duration = Duration::from_secs(2);
/// How often a test is retried that a busy machine may disturb.
const TRIES: usize = 50;

fn get(target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\n\r\n")
}

fn get_from(origin: &str, target: &str) -> String {
    format!("GET {target} HTTP/1.1\r\nHost: a\r\nOrigin: {origin}\r\n\r\n")
}

#[tokio::test]
async fn a_request_that_would_wait_too_long_is_shed_and_a_health_check_is_not() {
    let server = Running::start_on_one_thread(&plain());
    let mut connections = [server.connect().await, server.connect().await];
    for connection in &mut connections {
        assert!(exchange(connection, get("/hello")).await.ends_with("hello"));
    }
    let [busy, other] = &mut connections;
    let mut answer = exchange(busy, get("/busy?400")).await;
    // the measured delay counts for a moment only, which may have passed on a busy machine
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
    // the overload signal was notified
    server.overload.notified().await;
    let mut internal = TcpStream::connect(server.internal).await.unwrap();
    let health = exchange(&mut internal, get("/livez")).await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    while !exchange(other, get("/hello")).await.starts_with("HTTP/1.1 200") {}
}

#[tokio::test]
async fn during_an_overload_a_shorter_wait_is_too_long() {
    let server = Running::start_on_one_thread(&plain());
    let mut connection = server.connect().await;
    for _ in 0..TRIES {
        while exchange(&mut connection, get("/busy?400"))
            .await
            .starts_with("HTTP/1.1 200")
        {}
        // the measured delay is forgotten after 150 ms, the overload after a second
        while !exchange(&mut connection, get("/busy?60"))
            .await
            .starts_with("HTTP/1.1 200")
        {}
        // the measured delay counts from the next request on
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
    // a request that only resembles a preflight is shed
    for _ in 0..TRIES {
        exchange(&mut connection, get("/busy?400")).await;
        let answer = exchange(&mut connection, format!("{options}\r\n")).await;
        if answer.starts_with("HTTP/1.1 503") {
            return;
        }
    }
    panic!("what is no preflight was let by {TRIES} times");
}

/// Places for requests in flight, and for those that are arriving.
const PLACES: usize = 4096;
/// Requests that may come between two looks at which were shed. On a busy machine a thread is late,
/// and sheds most of a crowd.
const BETWEEN_LOOKS: usize = 64;
/// Requests whose answer may come after all places seem to be taken.
const MORE: usize = 20;

/// Sends requests whose bodies do not come, until all places are taken.
async fn fill(server: &Running, head: &str) -> Vec<TcpStream> {
    let mut slow = Vec::new();
    for _ in 0..TRIES * PLACES / BETWEEN_LOOKS {
        let missing = PLACES.saturating_sub(slow.len());
        if missing == 0 {
            return slow;
        }
        for _ in 0..missing.min(BETWEEN_LOOKS) {
            let mut connection = server.connect().await;
            connection.write_all(head.as_bytes()).await.unwrap();
            slow.push(connection);
        }
        // once a whole request is let in, the thread is not late any more
        is_let_in(server, head).await;
        slow.retain(is_unanswered);
    }
    panic!("only {} of {PLACES} places were taken", slow.len());
}

/// Whether one of some requests with a whole body is let in.
async fn is_let_in(server: &Running, head: &str) -> bool {
    for _ in 0..TRIES {
        let mut other = server.connect().await;
        if !is_refused(&exchange(&mut other, format!("{head}0123456789")).await) {
            return true;
        }
    }
    false
}

fn is_refused(answer: &str) -> bool {
    answer.starts_with("HTTP/1.1 503")
}

fn is_unanswered(connection: &TcpStream) -> bool {
    let read = connection.try_read(&mut [0]);
    read.is_err_and(|error| error.kind() == ErrorKind::WouldBlock)
}

#[tokio::test]
async fn bodies_that_arrive_slowly_keep_nobody_from_being_answered() {
    let server = Running::start(&plain());
    let head = "POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n";
    let mut slow = fill(&server, head).await;
    // one whose answer was on its way has left its place to another
    let mut is_full = false;
    while !is_full {
        assert!(slow.len() < PLACES + MORE, "there is always one more place");
        let mut one_more = server.connect().await;
        match timeout(SOON, exchange(&mut one_more, head)).await {
            Ok(answer) => {
                assert!(is_refused(&answer), "answered without its body: {answer}");
                is_full = true;
            }
            Err(_) => slow.push(one_more),
        }
    }
    for _ in 0..10 {
        assert!(is_let_in(&server, head).await, "nobody else is let in");
    }
    let mut finished = String::from("HTTP/1.1 503");
    while is_refused(&finished) {
        let mut one = slow.pop().expect("one of them was let in");
        finished = exchange(&mut one, "0123456789").await;
    }
    assert!(finished.ends_with("10 bytes"), "{finished}");
}
