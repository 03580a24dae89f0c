//! The half of an upload that runs with its connection.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::web::{Bytes, BytesMut, Payload};
use futures_util::future::LocalBoxFuture;
use futures_util::{Stream, StreamExt as _};
use sportello_http::Problem;
use tokio::sync::mpsc;
use tokio::time::timeout;

/// Longest silence of a sender while its answers are read.
const SILENCE: Duration = Duration::from_secs(30);
/// Bytes of lines that fill a chunk.
const CHUNK: usize = 8 * 1024;

/// An arrival from the request's body.
pub(super) enum Arrival {
    Bytes(Bytes),
    /// The body is complete.
    End,
    /// The body stopped half-way, or no byte came for too long.
    Broken(Problem),
}

/// The answer's body: lines as they come. The request's body is read only while this is polled.
pub(crate) struct Answers {
    reading: LocalBoxFuture<'static, Infallible>,
    lines: mpsc::Receiver<Bytes>,
}

impl Answers {
    /// Makes answers to a body that is read meanwhile.
    pub(super) fn new(
        payload: Payload,
        arrivals: mpsc::Sender<Arrival>,
        lines: mpsc::Receiver<Bytes>,
    ) -> Self {
        Self {
            reading: Box::pin(read(payload, arrivals)),
            lines,
        }
    }

    /// Makes answers to a body that has arrived whole.
    pub(super) fn to_whole(
        body: Bytes,
        arrivals: mpsc::Sender<Arrival>,
        lines: mpsc::Receiver<Bytes>,
    ) -> Self {
        Self {
            reading: Box::pin(give(body, arrivals)),
            lines,
        }
    }

    /// Waits for `other`, reading the request's body meanwhile.
    pub(super) async fn reading_until<T>(&mut self, other: impl Future<Output = T>) -> T {
        tokio::select! {
            done = other => done,
            never = &mut self.reading => match never {},
        }
    }
}

async fn give(body: Bytes, arrivals: mpsc::Sender<Arrival>) -> Infallible {
    for arrival in [Arrival::Bytes(body), Arrival::End] {
        if arrivals.send(arrival).await.is_err() {
            break;
        }
    }
    std::future::pending().await
}

async fn read(mut payload: Payload, arrivals: mpsc::Sender<Arrival>) -> Infallible {
    loop {
        let arrival = match timeout(SILENCE, payload.next()).await {
            Ok(Some(Ok(bytes))) => Arrival::Bytes(bytes),
            Ok(None) => Arrival::End,
            // also where the sender closes its direction with bytes still unread: actix-web drops
            // those
            Ok(Some(Err(_))) => Arrival::Broken(Problem::BrokenBody),
            Err(_) => Arrival::Broken(Problem::TooSlow),
        };
        let more = matches!(arrival, Arrival::Bytes(_));
        if arrivals.send(arrival).await.is_err() || !more {
            break;
        }
    }
    // The payload stays until the answer has ended. If it were dropped before, actix-web would read
    // and discard all further chunks of the body; now it closes the connection.
    std::future::pending().await
}

impl Stream for Answers {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        match this.reading.as_mut().poll(context) {
            Poll::Pending => {}
            Poll::Ready(never) => match never {},
        }
        let first = std::task::ready!(this.lines.poll_recv(context));
        Poll::Ready(first.map(|first| Ok(this.with_more(first))))
    }
}

impl Answers {
    /// Returns the line with those that have arrived after it.
    fn with_more(&mut self, first: Bytes) -> Bytes {
        let mut chunk = BytesMut::from(first);
        while chunk.len() < CHUNK {
            let Ok(line) = self.lines.try_recv() else { break };
            chunk.extend_from_slice(&line);
        }
        chunk.freeze()
    }
}
