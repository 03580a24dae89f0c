//! Strangers: connections full of requests whose answers no client reads.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// Their request, without a token.
const REQUEST: &str = "POST /v1/applications HTTP/1.1\r\nHost: intake\r\nContent-Length: 2\r\n\r\n{}";
/// Requests in one write.
const AT_ONCE: usize = 600;
/// Receive buffer for answers: next to none.
const ROOM: u32 = 4096;
/// Pause after a failed connection.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// Strangers at intake, until dropped.
pub struct Strangers(#[expect(dead_code, reason = "they leave when it is dropped")] JoinSet<()>);

impl Strangers {
    /// Starts this many strangers, each with a connection, and a new one when that ends.
    #[must_use]
    pub fn come(number: u16, door: SocketAddr) -> Self {
        let requests: &'static [u8] = REQUEST.repeat(AT_ONCE).leak().as_bytes();
        let mut strangers = JoinSet::new();
        for _ in 0..number {
            strangers.spawn(async move {
                loop {
                    // a new connection follows, however this one ends
                    let _ = fill(door, requests).await;
                    sleep(AGAIN_AFTER).await;
                }
            });
        }
        Self(strangers)
    }
}

/// Writes as long as the other side reads.
async fn fill(door: SocketAddr, requests: &[u8]) -> io::Result<()> {
    let socket = TcpSocket::new_v4()?;
    socket.set_recv_buffer_size(ROOM)?;
    let mut connection: TcpStream = socket.connect(door).await?;
    loop {
        connection.write_all(requests).await?;
    }
}
