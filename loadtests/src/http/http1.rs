//! A minimal HTTP/1.1 connection for prepared requests, kept open, so that a load generator beside
//! the system takes little of the machine.
//!
//! A request is serialised once, and sent as often as needed. An answer is read whole. Bodies have
//! a length: no service answers a single request in chunks.

use std::io;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Far more headers than any service sends.
const MOST_HEADERS: usize = 32;
/// Largest answer; no service sends a larger one.
const MOST_BYTES: usize = 1 << 20;
/// Bytes of a read; most answers fit.
const READ_AHEAD: usize = 4_096;

/// Returns a request as sent. `headers` are in addition to `Host` and `Content-Length`.
#[must_use]
pub fn request(method: &str, host: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Bytes {
    let mut head = format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    head.push_str(&format!("Content-Length: {}\r\n\r\n", body.len()));
    let mut request = head.into_bytes();
    request.extend_from_slice(body);
    request.into()
}

/// An answer, whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Status line and headers, as they came.
    pub head: Bytes,
    /// The body.
    pub body: Bytes,
}

impl Answer {
    /// Returns the value of a header; the name is case-insensitive.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.head).ok()?;
        head.lines().skip(1).find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A connection without a request in flight, or one that is [over](Connection::is_over).
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    read: BytesMut,
    over: bool,
}

impl Connection {
    /// Connects.
    ///
    /// # Errors
    /// The connection is refused.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: BytesMut::with_capacity(READ_AHEAD),
            over: false,
        })
    }

    /// Sends a request and reads its answer. A caller that drops the future must not use the
    /// connection again.
    ///
    /// # Errors
    /// The connection ended without an answer (the request may have been done or not), or the
    /// answer is not HTTP/1.1 with a length ([`io::ErrorKind::InvalidData`]). The connection is
    /// then over.
    pub async fn send(&mut self, request: &Bytes) -> io::Result<Answer> {
        // also if the caller drops the future midway
        self.over = true;
        self.stream.write_all(request).await?;
        let (answer, stays) = self.answer().await?;
        self.over = !stays;
        Ok(answer)
    }

    /// Returns whether it can't be used again: it failed, was dropped midway, or the server
    /// announced its end.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    async fn answer(&mut self) -> io::Result<(Answer, bool)> {
        let head = loop {
            if let Some(head) = Head::read(&self.read)? {
                break head;
            }
            self.read_more().await?;
        };
        while self.read.len() < head.bytes + head.body {
            self.read_more().await?;
        }
        let answer = Answer {
            status: head.status,
            head: self.read.split_to(head.bytes).freeze(),
            body: self.read.split_to(head.body).freeze(),
        };
        Ok((answer, head.stays))
    }

    async fn read_more(&mut self) -> io::Result<()> {
        if self.read.len() > MOST_BYTES {
            return Err(not_ours("an answer without end"));
        }
        self.read.reserve(READ_AHEAD);
        match self.stream.read_buf(&mut self.read).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}

/// The parsed head of an answer.
struct Head {
    status: u16,
    bytes: usize,
    body: usize,
    stays: bool,
}

impl Head {
    /// Parses a head; returns nothing while it is incomplete.
    fn read(bytes: &[u8]) -> io::Result<Option<Self>> {
        let mut headers = [httparse::EMPTY_HEADER; MOST_HEADERS];
        let mut response = httparse::Response::new(&mut headers);
        let end = match response.parse(bytes) {
            Ok(httparse::Status::Complete(end)) => end,
            Ok(httparse::Status::Partial) => return Ok(None),
            Err(_) => return Err(not_ours("no answer of HTTP/1.1")),
        };
        let value = |name: &str| {
            let header = response
                .headers
                .iter()
                .find(|h| h.name.eq_ignore_ascii_case(name));
            header.map(|header| header.value)
        };
        let status = response.code.unwrap_or_default();
        let length = value("content-length").and_then(|value| std::str::from_utf8(value).ok()?.parse().ok());
        let body = match (length, status) {
            (Some(length), _) if length <= MOST_BYTES => length,
            (None, 204 | 304) => 0,
            _ => return Err(not_ours("an answer without a length")),
        };
        let closes = value("connection").is_some_and(|value| value.eq_ignore_ascii_case(b"close"));
        Ok(Some(Self {
            status,
            bytes: end,
            body,
            stays: !closes && response.version == Some(1),
        }))
    }
}

fn not_ours(what: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::net::TcpListener;

    use super::*;

    /// Answers the first request with these pieces, and ends the connection.
    async fn server(pieces: &'static [&'static str]) -> Connection {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = [0; 1_024];
            assert_ne!(stream.read(&mut request).await.unwrap(), 0);
            for piece in pieces {
                stream.write_all(piece.as_bytes()).await.unwrap();
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        });
        Connection::open(address).await.unwrap()
    }

    fn post() -> Bytes {
        request("POST", "here", "/", &[("A", "b")], b"{}")
    }

    #[test]
    fn a_request_is_what_goes_over_the_wire() {
        let expected = "POST / HTTP/1.1\r\nHost: here\r\nA: b\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(post(), expected);
    }

    #[tokio::test]
    async fn an_answer_is_read_whole_however_it_comes() {
        let mut connection = server(&[
            "HTTP/1.1 202 Accep",
            "ted\r\nLocation: /there\r\ncontent-length: 5\r",
            "\n\r\nhel",
            "loHTTP/1.1 503 Later\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        ])
        .await;
        let first = connection.send(&post()).await.unwrap();
        assert_eq!((first.status, &*first.body), (202, b"hello".as_slice()));
        assert_eq!(first.header("location"), Some("/there"));
        assert_eq!(first.header("retry-after"), None);
        assert!(!connection.is_over());
        let second = connection.send(&post()).await.unwrap();
        assert_eq!((second.status, second.body.len()), (503, 0));
        assert!(connection.is_over());
    }

    #[tokio::test]
    async fn what_is_cut_or_no_answer_ends_the_connection() {
        let mut cut = server(&["HTTP/1.1 202 Accepted\r\nContent-Length: 5\r\n\r\nhel"]).await;
        let error = cut.send(&post()).await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert!(cut.is_over());
        for odd in [&["SSH-2.0\r\n\r\n"], &["HTTP/1.1 200 OK\r\n\r\nuntil the end"]] {
            let mut odd = server(odd).await;
            let error = odd.send(&post()).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        }
    }
}
