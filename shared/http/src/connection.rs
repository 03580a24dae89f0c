//! A connection that can't be held without end.
//!
//! actix-web bounds how long a connection is idle, and the time for its first head. Here are the bounds that it does not have:
//! the time for each later head, the size of a head, and the time that a caller takes to read what is ready.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::ResponseError as _;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::deadline::Deadline;
use crate::in_work::Work;
use crate::problem::Problem;

/// How long the head of a connection's first request may take.
const FIRST_HEAD: Duration = Duration::from_secs(5);
/// How long after an answer the next head may be whole; where nothing comes at all, actix-web ends it after 5 s.
const NEXT_HEAD: Duration = Duration::from_secs(10);
/// How long a caller may take nothing of what is ready.
pub(crate) const TAKEN: Duration = Duration::from_secs(60);
/// Most bytes of a head, give or take one read of 8 KiB.
const HEAD_LIMIT: usize = 16 * 1024;

/// TCP, or TLS over it.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin {}

impl<W: AsyncRead + AsyncWrite + Unpin> Wire for W {}

/// A connection with its bounds.
pub(crate) struct Connection {
    wire: Box<dyn Wire>,
    work: Work,
    /// The turn of `work` that the bounds are for.
    turn: u64,
    /// Until when the head must be whole.
    head: Deadline,
    /// Bytes that may still come before the head is whole.
    room: usize,
    /// Whether the parser has seen all that came since there is no room.
    parsed: bool,
    /// Until when something of what is ready must be taken.
    taken: Deadline,
    /// Whether nothing more is read.
    given_up: bool,
}

impl Connection {
    /// To be called on the runtime that serves it.
    pub(crate) fn new(wire: impl Wire + 'static) -> Self {
        let mut head = Deadline::default();
        head.set(FIRST_HEAD);
        Self {
            wire: Box::new(wire),
            work: Work::default(),
            turn: 0,
            head,
            room: HEAD_LIMIT,
            parsed: false,
            taken: Deadline::default(),
            given_up: false,
        }
    }

    /// Where its requests tell that they are in work.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// Sets the bounds anew where a request has begun or ended since they were set.
    fn follow(&mut self) {
        if self.turn == self.work.turn() {
            return;
        }
        self.turn = self.work.turn();
        self.room = HEAD_LIMIT;
        self.parsed = false;
        if self.work.is_waiting() {
            self.head.set(NEXT_HEAD);
        } else {
            self.head.clear();
        }
    }

    fn read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        // what comes after an answer may be the rest of a body that nobody wanted: only its time is bounded
        let counts = self.work.is_waiting() && !self.work.had_body();
        if counts && self.room == 0 {
            if self.parsed {
                return self.give_up(cx, &Problem::HeadTooLarge { limit: HEAD_LIMIT });
            }
            // what came may hold a whole head, and a body behind it: the parser looks before more is read
            self.parsed = true;
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        let read = Pin::new(&mut self.wire).poll_read(cx, buf);
        if counts {
            self.room = self.room.saturating_sub(buf.filled().len() - before);
        }
        read
    }

    /// Ends the connection as if the caller had; who began a first request is told why.
    fn give_up(&mut self, cx: &mut Context<'_>, problem: &Problem) -> Poll<io::Result<()>> {
        self.given_up = true;
        self.discard(cx);
        if self.turn == 0 && self.room < HEAD_LIMIT {
            // nothing was sent before, so there is room for all of it
            let _ = Pin::new(&mut self.wire).poll_write(cx, &whole(problem));
        }
        Poll::Ready(Ok(()))
    }

    /// Reads away what is there already, within bounds: the system takes back an answer where something is left unread.
    fn discard(&mut self, cx: &mut Context<'_>) {
        let mut space = [0; 4096];
        for _ in 0..64 {
            let mut buf = ReadBuf::new(&mut space);
            let read = Pin::new(&mut self.wire).poll_read(cx, &mut buf);
            if !matches!(read, Poll::Ready(Ok(()))) || buf.filled().is_empty() {
                break;
            }
        }
    }

    /// The caller does not take what is ready.
    fn wait<T>(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
        if !self.taken.is_set() {
            self.taken.set(TAKEN);
        }
        if self.taken.has_passed(cx) {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl AsyncRead for Connection {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if this.given_up {
            return Poll::Ready(Ok(()));
        }
        this.follow();
        let read = this.read(cx, buf);
        if read.is_pending() && this.head.has_passed(cx) {
            return this.give_up(cx, &Problem::TooSlow);
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        match Pin::new(&mut this.wire).poll_write(cx, bytes) {
            Poll::Pending => this.wait(cx),
            ready @ Poll::Ready(_) => {
                this.taken.clear();
                ready
            }
        }
    }

    /// Called when all that was ready is written, also after each answer.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.wire).poll_flush(cx);
        if flushed.is_pending() {
            return this.wait(cx);
        }
        this.taken.clear();
        this.follow();
        if this.head.has_passed(cx) {
            cx.waker().wake_by_ref();
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.wire).poll_shutdown(cx) {
            Poll::Pending => this.wait(cx),
            ready @ Poll::Ready(_) => ready,
        }
    }
}

/// The answer to a request that never gets to a handler.
fn whole(problem: &Problem) -> Vec<u8> {
    let (status, document) = (problem.status_code(), problem.document().to_string());
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\
         content-type: application/problem+json\r\ncontent-length: {}\r\n\r\n{document}",
        document.len()
    )
    .into_bytes()
}
