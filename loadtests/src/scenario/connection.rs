//! Connections to one intake, and the judged parts of its answers. At thousands of requests a
//! second, beside the system on the same cores, a general client would cost more than the system
//! under test.

use std::cell::RefCell;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use jiff::Timestamp;
use serde::Deserialize;
use uuid::Uuid;

use crate::http::client::TIMEOUT;
use crate::http::http1::{self, Connection};
use crate::proof::answer::Answer;

/// How long an idle connection stays open: less than at the service (5 s), since a request that
/// crosses the service's closing gets no answer.
const IDLE_TIMEOUT: Duration = Duration::from_secs(2);

/// A received answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Received {
    /// The answer.
    pub answer: Answer,
    /// Its receipt; empty if there is none.
    pub receipt: String,
}

impl From<Answer> for Received {
    fn from(answer: Answer) -> Self {
        let receipt = String::new();
        Self { answer, receipt }
    }
}

/// Connections to one intake that are used again and again.
pub struct Connections {
    address: SocketAddr,
    /// Idle connections with the time of their last use, the latest at the end.
    idle: RefCell<Vec<(Connection, Instant)>>,
}

#[derive(Deserialize)]
struct Accepted<'a> {
    id: Uuid,
    received_at: Timestamp,
    receipt: &'a str,
}

impl Connections {
    /// Makes a pool of connections to this address; none is open yet.
    #[must_use]
    pub fn to(address: SocketAddr) -> Self {
        Self {
            address,
            idle: RefCell::new(Vec::new()),
        }
    }

    /// Sends a request and waits for its answer.
    pub async fn exchange(&self, request: &Bytes) -> Received {
        let exchanged = tokio::time::timeout(TIMEOUT, self.on_a_connection(request)).await;
        exchanged.unwrap_or_else(|_| Answer::TimedOut.into())
    }

    async fn on_a_connection(&self, request: &Bytes) -> Received {
        let Ok(mut connection) = self.connection().await else {
            return Answer::NoConnection.into();
        };
        let Ok(answer) = connection.send(request).await else {
            return Answer::Broken.into();
        };
        if !connection.is_over() {
            self.idle.borrow_mut().push((connection, Instant::now()));
        }
        judge(&answer)
    }

    async fn connection(&self) -> io::Result<Connection> {
        let last = self.idle.borrow_mut().pop();
        match last {
            Some((connection, used)) if used.elapsed() < IDLE_TIMEOUT => Ok(connection),
            other => {
                if other.is_some() {
                    // the others were used even earlier
                    self.idle.borrow_mut().clear();
                }
                Connection::open(self.address).await
            }
        }
    }
}

fn judge(answer: &http1::Answer) -> Received {
    let status = answer.status;
    match status {
        202 => match serde_json::from_slice::<Accepted<'_>>(&answer.body) {
            Ok(accepted) if answer.header("location").is_some() && !accepted.receipt.is_empty() => Received {
                answer: Answer::Accepted {
                    id: accepted.id,
                    received_at: accepted.received_at,
                },
                receipt: accepted.receipt.to_owned(),
            },
            _ => Answer::Wrong { status }.into(),
        },
        429 | 503 => Received::from(Answer::Unavailable {
            status,
            retry_after: answer.header("retry-after").and_then(|value| value.parse().ok()),
        }),
        _ => Answer::Wrong { status }.into(),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    use super::*;

    const ACCEPTED: &str = concat!(
        r#"{"id":"00000000-0000-8000-8000-000000000007","received_at":"2020-04-01T00:00:00.123Z","#,
        r#""receipt":"a.b.c","catalogue_version":"x"}"#
    );

    /// What comes back where the service sends these pieces to each request and then closes where
    /// there are no more.
    async fn received(requests: usize, pieces: &'static [&'static str]) -> Vec<Received> {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let connections = Connections::to(listener.local_addr().unwrap());
        let serve = async {
            let (mut stream, _) = listener.accept().await.unwrap();
            for _ in 0..requests {
                let mut request = [0; 4];
                stream.read_exact(&mut request).await.unwrap();
                for piece in pieces {
                    stream.write_all(piece.as_bytes()).await.unwrap();
                    tokio::task::yield_now().await;
                }
            }
        };
        let ask = async {
            let mut received = Vec::new();
            for _ in 0..requests {
                received.push(connections.exchange(&Bytes::from_static(b"ping")).await);
            }
            received
        };
        tokio::join!(serve, ask).1
    }

    #[tokio::test]
    async fn what_is_accepted_has_a_receipt_and_the_connection_is_used_again() {
        let head = format!(
            "HTTP/1.1 202 Accepted\r\nLocation: /x\r\nContent-Length: {}\r\n\r\n",
            ACCEPTED.len()
        );
        let head: &'static str = Box::leak(head.into_boxed_str());
        let pieces: &'static [&'static str] = Box::leak(Box::new([head, ACCEPTED]));
        for received in received(3, pieces).await {
            assert!(matches!(received.answer, Answer::Accepted { id, .. } if id.as_u128() & 0xff == 7));
            assert_eq!(received.receipt, "a.b.c");
        }
    }

    #[tokio::test]
    async fn what_is_not_as_promised_is_seen() {
        let later = Answer::Unavailable {
            status: 503,
            retry_after: Some(2),
        };
        for (answer, expected) in [
            (
                "HTTP/1.1 503 x\r\nRetry-After: 2\r\nContent-Length: 0\r\n\r\n",
                later,
            ),
            (
                "HTTP/1.1 500 x\r\nContent-Length: 2\r\n\r\n{}",
                Answer::Wrong { status: 500 },
            ),
            (
                "HTTP/1.1 202 x\r\nContent-Length: 2\r\n\r\n{}",
                Answer::Wrong { status: 202 },
            ),
            ("HTTP/1.1 202 x\r\nContent-Length: 9\r\n\r\n{}", Answer::Broken),
            ("", Answer::Broken),
            ("nonsense\r\n\r\n", Answer::Broken),
        ] {
            let pieces: &'static [&'static str] = Box::leak(Box::new([answer]));
            assert_eq!(received(1, pieces).await, [expected.into()], "{answer}");
        }
        let nobody = Connections::to("127.0.0.1:1".parse().unwrap());
        assert_eq!(
            nobody.exchange(&Bytes::from_static(b"ping")).await,
            Answer::NoConnection.into()
        );
    }
}
