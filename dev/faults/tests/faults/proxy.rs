//! A wire passes, is cut, falls silent, is slow and narrow, and is whole again.
#![allow(clippy::unwrap_used, reason = "a panic fails the test")]

use std::io::ErrorKind;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use sportello_faults::{Manner, Proxy};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;

const SOON: Duration = Duration::from_secs(20);
const A_WHILE: Duration = Duration::from_millis(300);

/// Starts an echo server, and a proxy to it.
async fn echo() -> Proxy {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            tokio::spawn(async move {
                let (mut from, mut to) = connection.split();
                let _ = tokio::io::copy(&mut from, &mut to).await;
            });
        }
    });
    Proxy::to(port).unwrap()
}

async fn connect(proxy: &Proxy) -> TcpStream {
    TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port()))
        .await
        .unwrap()
}

async fn send(connection: &mut TcpStream, text: &str) {
    connection.write_all(text.as_bytes()).await.unwrap();
}

async fn receives(connection: &mut TcpStream, text: &str) {
    let mut bytes = vec![0; text.len()];
    timeout(SOON, connection.read_exact(&mut bytes))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(bytes, text.as_bytes());
}

#[tokio::test]
async fn what_is_sent_arrives_and_so_does_the_end() {
    let proxy = echo().await;
    let mut connection = connect(&proxy).await;
    send(&mut connection, "one").await;
    receives(&mut connection, "one").await;
    let much = "0123456789".repeat(100_000);
    let (mut from, mut to) = connection.split();
    let mut back = Vec::new();
    let all = async {
        to.write_all(much.as_bytes()).await?;
        to.shutdown().await
    };
    let both = async { tokio::try_join!(all, from.read_to_end(&mut back)) };
    timeout(SOON, both).await.unwrap().unwrap();
    assert!(back == much.as_bytes());
}

#[tokio::test]
async fn a_cut_resets_what_is_there_and_refuses_what_comes() {
    let proxy = echo().await;
    let mut before = connect(&proxy).await;
    send(&mut before, "one").await;
    receives(&mut before, "one").await;
    proxy.set(Manner::Cut);
    let reset = timeout(SOON, before.read_u8()).await.unwrap().unwrap_err();
    assert_eq!(reset.kind(), ErrorKind::ConnectionReset);
    let deadline = Instant::now() + SOON;
    // the listener ends on the proxy's own thread
    while let Ok(connection) = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).await {
        assert!(Instant::now() < deadline);
        drop(connection);
    }
    proxy.set(Manner::Pass);
    let mut after = loop {
        assert!(Instant::now() < deadline);
        if let Ok(connection) = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).await {
            break connection;
        }
    };
    send(&mut after, "two").await;
    receives(&mut after, "two").await;
}

#[tokio::test]
async fn in_silence_nothing_comes_through_and_everything_afterwards_in_order() {
    let proxy = echo().await;
    let mut before = connect(&proxy).await;
    send(&mut before, "one").await;
    receives(&mut before, "one").await;
    proxy.set(Manner::Silent);
    send(&mut before, "two").await;
    let mut meanwhile = connect(&proxy).await;
    send(&mut meanwhile, "four").await;
    for connection in [&mut before, &mut meanwhile] {
        assert!(timeout(A_WHILE, connection.read_u8()).await.is_err());
    }
    send(&mut before, "three").await;
    proxy.set(Manner::Pass);
    receives(&mut before, "twothree").await;
    receives(&mut meanwhile, "four").await;
}

#[tokio::test]
async fn a_slow_wire_delays_each_way_and_a_narrow_one_carries_little() {
    let proxy = echo().await;
    let mut connection = connect(&proxy).await;
    proxy.set(Manner::Slow(Duration::from_millis(150)));
    let begun = Instant::now();
    send(&mut connection, "one").await;
    receives(&mut connection, "one").await;
    assert!(begun.elapsed() >= Duration::from_millis(300));

    proxy.set(Manner::Narrow(100));
    let begun = Instant::now();
    for _ in 0..3 {
        send(&mut connection, "0123456789").await;
        receives(&mut connection, "0123456789").await;
    }
    // the pause follows what it is for: those of the first two, each way at once
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn where_nobody_listens_behind_it_a_connection_is_reset() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let proxy = Proxy::to(port).unwrap();
    let mut connection = connect(&proxy).await;
    assert!(timeout(SOON, connection.read_u8()).await.unwrap().is_err());
    let port = proxy.port();
    drop(proxy);
    assert!(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.is_err());
}
