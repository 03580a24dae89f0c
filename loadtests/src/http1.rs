//! One connection over which prepared requests go and answers come: HTTP/1.1, kept open, and little else, so that a load
//! generator beside the system takes little of the machine.
//!
//! A request is written as it is to be sent, once, and sent as often as wanted. An answer is read whole. Bodies have
//! a length: none of the services answers a request for one thing in chunks.

use std::io;
use std::net::SocketAddr;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Far more than any of the services sends.
const MOST_HEADERS: usize = 32;
/// An answer that is larger is none of ours.
const MOST_BYTES: usize = 1 << 20;
/// What most answers fit into.
const READ_AHEAD: usize = 4_096;

/// A request as it goes over the wire. `headers` are those beside `Host` and `Content-Length`.
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
    /// The value of a header; the name is in lower or upper case alike.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let head = std::str::from_utf8(&self.head).ok()?;
        head.lines().skip(1).find_map(|line| {
            let (header, value) = line.split_once(':')?;
            header.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }
}

/// A connection that has no request under way, or is [over](Connection::is_over).
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
    /// Nobody listens there.
    pub async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            read: BytesMut::with_capacity(READ_AHEAD),
            over: false,
        })
    }

    /// Sends a request and reads its answer. Whoever does not wait for the end of it must not use the connection again.
    ///
    /// # Errors
    /// The connection ended without an answer, which may mean that the request was done or not; or what came is no
    /// answer of HTTP/1.1 with a length ([`io::ErrorKind::InvalidData`]). The connection is over then.
    pub async fn send(&mut self, request: &Bytes) -> io::Result<Answer> {
        // also where whoever sends leaves midway
        self.over = true;
        self.stream.write_all(request).await?;
        let (answer, stays) = self.answer().await?;
        self.over = !stays;
        Ok(answer)
    }

    /// Whether nothing more can be sent over it: it failed, was left in the middle, or the server said that it closes it.
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

/// What the head of an answer says of the rest.
struct Head {
    status: u16,
    bytes: usize,
    body: usize,
    stays: bool,
}

impl Head {
    /// Nothing while it has not come whole.
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
