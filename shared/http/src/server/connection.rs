//! A connection with bounds on its time and memory.
//!
//! actix-web bounds a connection's idle time and the time for its first head. This module adds the
//! other bounds: the time for each later head, the size of a head, and the time that a caller takes
//! to read an answer. It reads one request at a time: bytes of a next request stay in the system's
//! buffers until the answer before is sent.

use std::io;
use std::mem::MaybeUninit;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use actix_web::ResponseError as _;
use actix_web::web::{Buf as _, BytesMut};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::deadline::Deadline;
use super::in_flight::Work;
use super::message::Message;
use crate::problem::Problem;

/// How long the head of a connection's first request may take.
const FIRST_HEAD: Duration = Duration::from_secs(5);
/// How long after an answer the next head may take to be complete. actix-web closes a connection
/// without any bytes after 5 s.
const NEXT_HEAD: Duration = Duration::from_secs(10);
/// How long a caller may leave a ready answer unread.
pub(crate) const TAKEN: Duration = Duration::from_secs(60);
/// Most bytes of a head.
const HEAD_LIMIT: usize = 16 * 1024;
/// Most bytes of a body that the parser gets at a time, give or take one read of 8 KiB.
const BURST: usize = 32 * 1024;
/// Most bytes that are read ahead of their use.
const AHEAD: usize = 4096;

/// TCP, or TLS over it.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Unpin {}

impl<W: AsyncRead + AsyncWrite + Unpin> Wire for W {}

/// A connection with its bounds.
pub(crate) struct Connection {
    wire: Box<dyn Wire>,
    work: Work,
    /// The turn of `work` that the deadlines are for.
    turn: u64,
    /// The request that is being read or answered.
    message: Message,
    /// The turn of `work` in which that request is answered.
    answered: u64,
    /// Bytes that came with the request and belong to later ones.
    ahead: BytesMut,
    /// Whether the caller has sent its last byte.
    ended: bool,
    /// Whether written bytes are still unsent.
    unsent: bool,
    /// Bytes of the body that the parser received and has not handled yet.
    burst: usize,
    /// Until when the head must be complete.
    head: Deadline,
    /// Until when the caller must read a part of the answer.
    taken: Deadline,
    /// Whether reading has ended.
    given_up: bool,
}

impl Connection {
    /// Wraps `wire`. Must be called on the runtime that serves it.
    pub(crate) fn new(wire: impl Wire + 'static) -> Self {
        let mut head = Deadline::default();
        head.set(FIRST_HEAD);
        Self {
            wire: Box::new(wire),
            work: Work::default(),
            turn: 0,
            message: Message::default(),
            answered: 2,
            ahead: BytesMut::new(),
            ended: false,
            unsent: false,
            burst: 0,
            head,
            taken: Deadline::default(),
            given_up: false,
        }
    }

    /// Returns the state that it shares with its requests.
    pub(crate) fn work(&self) -> &Work {
        &self.work
    }

    /// Resets the deadline of the head if a request has begun or ended since it was set.
    fn follow(&mut self) {
        if self.turn == self.work.turn() {
            return;
        }
        self.turn = self.work.turn();
        if self.work.is_waiting() {
            self.head.set(NEXT_HEAD);
        } else {
            self.head.clear();
        }
    }

    /// Turns to the next request if the answer to the current one is sent. Returns whether it did.
    fn turn_to_next(&mut self) -> bool {
        let is_over = self.message.is_whole() && self.work.turn() == self.answered && !self.unsent;
        if is_over {
            self.message = Message::default();
            self.answered += 2;
            self.work.turn_to_next();
        }
        is_over
    }

    /// Reads bytes of the current request only, and pauses while its handler has much left to read.
    fn read(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.message.is_malformed() {
            return Poll::Ready(Ok(()));
        }
        if self.message.is_whole() && !self.turn_to_next() || self.work.has_too_much(cx) {
            return Poll::Pending;
        }
        if self.burst >= BURST {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let before = buf.filled().len();
        ready!(self.pass(cx, buf))?;
        if self.message.head_length() > HEAD_LIMIT {
            buf.set_filled(before);
            return self.give_up(cx, &Problem::HeadTooLarge { limit: HEAD_LIMIT });
        }
        Poll::Ready(Ok(()))
    }

    /// Hands bytes of the current request to the parser, and keeps those that came after it.
    fn pass(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let passed = if self.ahead.is_empty() {
            if !self.ended {
                ready!(Pin::new(&mut self.wire).poll_read(cx, buf))?;
            }
            let read = &buf.filled()[before..];
            let passed = self.message.pass(read);
            self.ahead.extend_from_slice(&read[passed.bytes..]);
            buf.set_filled(before + passed.bytes);
            passed
        } else {
            let length = self.ahead.len().min(buf.remaining());
            let passed = self.message.pass(&self.ahead[..length]);
            buf.put_slice(&self.ahead[..passed.bytes]);
            self.ahead.advance(passed.bytes);
            if self.ahead.is_empty() {
                self.ahead = BytesMut::new();
            }
            passed
        };
        if !self.message.is_in_head() {
            self.burst += passed.bytes;
        }
        self.work.came(passed.data, &self.message);
        Poll::Ready(Ok(()))
    }

    /// Looks for bytes of a next request, since no task reads until the first has arrived.
    fn look_ahead(&mut self, cx: &mut Context<'_>) {
        if self.ahead.is_empty() && !self.ended {
            let mut space = [MaybeUninit::uninit(); AHEAD];
            let mut buf = ReadBuf::uninit(&mut space);
            match Pin::new(&mut self.wire).poll_read(cx, &mut buf) {
                Poll::Pending => return,
                Poll::Ready(read) => self.ended = read.is_err() || buf.filled().is_empty(),
            }
            self.ahead.extend_from_slice(buf.filled());
        }
        cx.waker().wake_by_ref();
    }

    /// Ends the connection as if the caller had closed it. Sends the problem if the first request
    /// had begun.
    fn give_up(&mut self, cx: &mut Context<'_>, problem: &Problem) -> Poll<io::Result<()>> {
        self.given_up = true;
        self.discard(cx);
        if self.turn == 0 && self.message.head_length() > 0 {
            // nothing was sent before, so the whole answer fits
            let _ = Pin::new(&mut self.wire).poll_write(cx, &whole(problem));
        }
        Poll::Ready(Ok(()))
    }

    /// Discards bytes that have arrived, within bounds: closing with unread bytes would reset the
    /// connection and lose the answer.
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

    /// Waits for a caller that does not read its answer; fails after [`TAKEN`].
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
        this.unsent = true;
        this.burst = 0;
        match Pin::new(&mut this.wire).poll_write(cx, bytes) {
            Poll::Pending => this.wait(cx),
            ready @ Poll::Ready(_) => {
                this.taken.clear();
                ready
            }
        }
    }

    /// Called when everything ready is written, so also after each answer.
    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let flushed = Pin::new(&mut this.wire).poll_flush(cx);
        if flushed.is_pending() {
            return this.wait(cx);
        }
        this.taken.clear();
        this.unsent = false;
        this.burst = 0;
        this.follow();
        if this.turn_to_next() {
            this.look_ahead(cx);
        }
        if this.head.has_passed(cx) {
            cx.waker().wake_by_ref();
        }
        flushed
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        match Pin::new(&mut this.wire).poll_shutdown(cx) {
            Poll::Pending => this.wait(cx),
            ready @ Poll::Ready(_) => {
                this.discard(cx);
                ready
            }
        }
    }
}

/// Returns the whole answer to a request that does not reach a handler.
fn whole(problem: &Problem) -> Vec<u8> {
    let (status, document) = (problem.status_code(), problem.body());
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\ncache-control: no-store\r\nx-content-type-options: nosniff\r\n\
         content-type: application/problem+json\r\ncontent-length: {}\r\n\r\n{document}",
        document.len()
    )
    .into_bytes()
}
