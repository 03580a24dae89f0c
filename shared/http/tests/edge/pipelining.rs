//! The cost of pipelined requests.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;

use crate::server::{Running, WITHIN, answer, exchange, plain};

const CONNECTIONS: usize = 50;
const REQUESTS: usize = 600;
/// Most bytes that the connections may add to the server's memory.
const ROOM: u64 = 20 << 20;
const LISTENS: &str = "listens on ";

/// A server in its own process, so that its memory and processor time can be measured.
struct Alone {
    process: Child,
    address: SocketAddr,
}

impl Alone {
    fn start() -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["pipelining::serve_alone", "--exact", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let address = lines
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once(LISTENS)?.1.parse().unwrap()));
        let address = address.expect("it says where it listens");
        Self { process, address }
    }

    /// Opens a connection that reads next to nothing.
    async fn connect(&self) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        socket.connect(self.address).await.unwrap()
    }

    /// Returns the resident bytes.
    fn memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .unwrap();
        let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse().unwrap();
        kilobytes * 1024
    }

    /// Returns the processor time, in hundredths of a second.
    fn processor_time(&self) -> u64 {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.process.id())).unwrap();
        let fields = stat.rsplit_once(") ").unwrap().1.split(' ');
        fields
            .skip(11)
            .take(2)
            .map(|ticks| ticks.parse::<u64>().unwrap())
            .sum()
    }

    /// Lets the server finish its pending work, while it answers other requests.
    async fn settle(&self) {
        for _ in 0..50 {
            let mut other = TcpStream::connect(self.address).await.unwrap();
            let request = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
            assert!(exchange(&mut other, request).await.ends_with("hello"));
        }
    }

    async fn assert_little_memory_since(&self, before: u64) {
        self.settle().await;
        let more = self.memory().saturating_sub(before);
        assert!(more < ROOM, "{} KiB for {CONNECTIONS} connections", more >> 10);
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
#[ignore = "the other process of the tests here"]
fn serve_alone() {
    let server = Running::start(&plain());
    println!("{LISTENS}{}", server.address);
    // until the other process ends
    let _ = std::io::stdin().read_line(&mut String::new());
}

fn many(request: &str) -> String {
    request.repeat(REQUESTS)
}

/// Writes until the buffers of both systems are full.
async fn fill(connection: &mut TcpStream, bytes: &[u8]) {
    let short = Duration::from_millis(20);
    let mut most: usize = 4 << 20;
    while let Ok(Ok(written)) = timeout(short, connection.write(bytes)).await {
        most = most.saturating_sub(written);
        if most == 0 {
            break;
        }
    }
}

#[tokio::test]
async fn requests_that_come_early_are_answered_in_order() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let mut requests = String::new();
    for number in 0..REQUESTS {
        requests += &match number % 4 {
            0 => format!("GET /echo?{number} HTTP/1.1\r\nHost: a\r\n\r\n"),
            1 => format!("POST /echo?{number} HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nGET /"),
            2 => format!(
                "POST /echo?{number} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nGET /\r\n0\r\n\r\n"
            ),
            _ => format!("HEAD /echo?{number} HTTP/1.1\r\nHost: a\r\n\r\n"),
        };
    }
    let (mut reads, mut writes) = connection.split();
    let reading = async {
        let mut text = String::new();
        let mut space = [0; 4096];
        while text.matches("HTTP/1.1 200 OK").count() < REQUESTS || !text.ends_with("\r\n\r\n") {
            let length = timeout(WITHIN, reads.read(&mut space)).await.unwrap().unwrap();
            assert!(length > 0, "{text}");
            text += std::str::from_utf8(&space[..length]).unwrap();
        }
        text
    };
    let (text, written) = tokio::join!(reading, writes.write_all(requests.as_bytes()));
    written.unwrap();
    let numbers: Vec<usize> = text
        .lines()
        .filter_map(|line| line.strip_prefix("x-echo: ")?.parse().ok())
        .collect();
    assert_eq!(numbers, (0..REQUESTS).collect::<Vec<_>>());
}

#[tokio::test]
async fn requests_whose_answers_nobody_reads_take_little_memory() {
    let server = Alone::start();
    server.settle().await;
    let before = server.memory();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = server.connect().await;
        connection
            .write_all(many("GET /x HTTP/1.1\r\nHost:a\r\n\r\n").as_bytes())
            .await
            .unwrap();
        fill(
            &mut connection,
            many("GET /x HTTP/1.1\r\nHost:a\r\n\r\n").as_bytes(),
        )
        .await;
        connections.push(connection);
    }
    server.assert_little_memory_since(before).await;
    // the server reads a part of it
    for connection in &mut connections {
        let mut space = vec![0; 64 * 1024];
        timeout(WITHIN, connection.read_exact(&mut space))
            .await
            .unwrap()
            .unwrap();
    }
    server.assert_little_memory_since(before).await;
}

#[tokio::test]
async fn answers_without_a_body_are_not_kept_either() {
    let server = Alone::start();
    server.settle().await;
    let before = server.memory();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = server.connect().await;
        fill(
            &mut connection,
            many("HEAD /x HTTP/1.1\r\nHost:a\r\n\r\n").as_bytes(),
        )
        .await;
        connections.push(connection);
    }
    server.assert_little_memory_since(before).await;
}

#[tokio::test]
async fn connections_that_are_stuck_take_no_processor_time() {
    let server = Alone::start();
    let requests = many("GET /x HTTP/1.1\r\nHost:a\r\n\r\n");
    let mut stuck = Vec::new();
    for _ in 0..4 {
        let mut connection = server.connect().await;
        fill(&mut connection, requests.as_bytes()).await;
        stuck.push(connection);
    }
    let mut held = server.connect().await;
    let head = "POST /hold HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    held.write_all(head.as_bytes()).await.unwrap();
    fill(
        &mut held,
        format!("10000\r\n{}\r\n", "x".repeat(0x10000)).as_bytes(),
    )
    .await;
    server.settle().await;
    let before = server.processor_time();
    tokio::time::sleep(Duration::from_secs(2)).await;
    let taken = server.processor_time() - before;
    assert!(taken < 10, "{taken} hundredths of a second in two seconds");
}

#[tokio::test]
async fn large_answers_that_nobody_reads_take_little_memory() {
    let server = Alone::start();
    server.settle().await;
    let before = server.memory();
    let mut connections = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut connection = server.connect().await;
        let request = "GET /large HTTP/1.1\r\nHost:a\r\n\r\n";
        connection.write_all(request.as_bytes()).await.unwrap();
        connection.readable().await.unwrap();
        connections.push(connection);
    }
    server.assert_little_memory_since(before).await;
    let whole = answer(&mut connections[0]).await;
    assert!(whole.ends_with(&"y".repeat(1000)));
}

#[tokio::test]
async fn a_body_that_its_handler_does_not_read_takes_little_memory() {
    let server = Alone::start();
    server.settle().await;
    let before = server.memory();
    let mut connections = Vec::new();
    let chunk = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
    let bytes = "x".repeat(0x10000);
    for (framing, body) in [
        ("Transfer-Encoding: chunked", chunk),
        ("Content-Length: 99999999", bytes),
    ] {
        for _ in 0..CONNECTIONS / 2 {
            let mut connection = server.connect().await;
            let head = format!("POST /hold HTTP/1.1\r\nHost: a\r\n{framing}\r\n\r\n");
            connection.write_all(head.as_bytes()).await.unwrap();
            fill(&mut connection, body.as_bytes()).await;
            connections.push(connection);
        }
    }
    server.assert_little_memory_since(before).await;
}

#[tokio::test]
async fn a_long_body_arrives_whole_and_what_follows_it_too() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let length = 5 << 20_usize;
    let body = "x".repeat(length);
    let get = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";
    let counted = format!("POST /long HTTP/1.1\r\nHost: a\r\nContent-Length: {length}\r\n\r\n{body}{get}");
    let chunked = format!(
        "POST /long HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n{length:x}\r\n{body}\r\n0\r\n\r\n{get}"
    );
    for request in [counted, chunked] {
        let text = exchange(&mut connection, request).await;
        assert!(text.contains(&format!("\r\n\r\n{length} bytes")), "{text}");
        if !text.ends_with("hello") {
            assert!(answer(&mut connection).await.ends_with("hello"));
        }
    }
}

#[tokio::test]
async fn a_body_may_wait_until_it_is_asked_for() {
    let server = Running::start(&plain());
    let mut connection = server.connect().await;
    let head = "POST /count HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    for _ in 0..2 {
        connection.write_all(head.as_bytes()).await.unwrap();
        let mut space = [0; 25];
        timeout(WITHIN, connection.read_exact(&mut space))
            .await
            .unwrap()
            .unwrap();
        assert_eq!(&space, b"HTTP/1.1 100 Continue\r\n\r\n");
        assert!(exchange(&mut connection, "abc").await.ends_with("3 bytes"));
    }
}
