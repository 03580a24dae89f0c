//! The state of a connection's request in flight, shared by its handler and its connection.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use actix_http::error::PayloadError;
use actix_http::{ConnectionType, HttpMessage as _, Payload, Request, Response};
use actix_service::Service;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::http::{Method, Version};
use actix_web::web::Bytes;
use futures_util::Stream;
use pin_project_lite::pin_project;

use super::message::Message;
use crate::request::HeadOnly;

/// Most bytes of a body that wait for the handler, give or take one read of 8 KiB.
const UNREAD: u64 = 32 * 1024;
/// Most bytes of an answer that are copied in one step.
const PIECE: usize = 8 * 1024;

/// State shared by a connection and its requests, which follow one another.
#[derive(Clone, Default)]
pub(crate) struct Work(Rc<State>);

#[derive(Default)]
struct State {
    turn: Cell<u64>,
    body: Cell<Arriving>,
    /// The task that reads on once there is room again.
    reader: Cell<Option<Waker>>,
}

/// How much of the current request's body has arrived.
#[derive(Debug, Clone, Copy, Default)]
struct Arriving {
    /// Bytes that the handler has not taken.
    unread: u64,
    is_whole: bool,
    /// Whether the body may be longer than the bytes that may wait.
    is_long: bool,
    /// Whether the handler has dropped the body.
    is_unwanted: bool,
}

impl Work {
    fn begin(&self) -> InFlight {
        self.0.turn.set(self.turn() + 1);
        InFlight(self.clone())
    }

    /// Returns a number that changes at each beginning and each end of a request.
    pub(crate) fn turn(&self) -> u64 {
        self.0.turn.get()
    }

    /// Whether no request is in flight, and the connection waits for the next one.
    pub(crate) fn is_waiting(&self) -> bool {
        self.turn().is_multiple_of(2)
    }

    /// Starts to read the next request.
    pub(crate) fn turn_to_next(&self) {
        self.0.body.set(Arriving::default());
    }

    /// Records the arrival of more bytes of the body, and the state of the message after them.
    pub(crate) fn came(&self, bytes: usize, message: &Message) {
        let body = self.0.body.get();
        let unread = body.unread + bytes as u64;
        let room = UNREAD.saturating_sub(unread);
        self.0.body.set(Arriving {
            unread,
            is_whole: message.is_whole(),
            is_long: message.lacks_more_than(room),
            ..body
        });
    }

    /// Whether the whole request has arrived.
    pub(crate) fn has_come(&self) -> bool {
        self.0.body.get().is_whole
    }

    /// Whether reading the body must pause. If so, the task is woken once there is room.
    pub(crate) fn has_too_much(&self, cx: &Context<'_>) -> bool {
        let body = self.0.body.get();
        let too_much = body.unread >= UNREAD && !body.is_unwanted && !body.is_whole;
        if too_much {
            self.0.reader.set(Some(cx.waker().clone()));
        }
        too_much
    }

    fn update(&self, change: impl FnOnce(Arriving) -> Arriving) {
        self.0.body.set(change(self.0.body.get()));
        if let Some(reader) = self.0.reader.take() {
            reader.wake();
        }
    }
}

/// A request in flight; ends when dropped.
struct InFlight(Work);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.0.turn.set(self.0.turn() + 1);
    }
}

/// A long body, which reports to the connection how much its handler takes.
struct LongBody {
    payload: Payload,
    work: Work,
}

impl Stream for LongBody {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        let next = Pin::new(&mut this.payload).poll_next(cx);
        if let Poll::Ready(Some(Ok(bytes))) = &next {
            this.work.update(|body| Arriving {
                unread: body.unread.saturating_sub(bytes.len() as u64),
                ..body
            });
        }
        next
    }
}

impl Drop for LongBody {
    fn drop(&mut self) {
        self.work.update(|body| Arriving {
            is_unwanted: true,
            ..body
        });
    }
}

pin_project! {
    /// The body of an answer, in pieces. The request is in flight until it is sent.
    pub(crate) struct LastOfWork<B> {
        #[pin]
        body: B,
        rest: Bytes,
        // whether the caller requested only the head
        is_head: bool,
        work: Option<InFlight>,
    }
}

impl<B: MessageBody> MessageBody for LastOfWork<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.project();
        if *this.is_head {
            return Poll::Ready(None);
        }
        if this.rest.is_empty() {
            match this.body.poll_next(cx) {
                Poll::Ready(Some(Ok(bytes))) => *this.rest = bytes,
                Poll::Ready(Some(Err(error))) => {
                    tracing::error!("an answer was cut off: its body could not be produced");
                    return Poll::Ready(Some(Err(error)));
                }
                other @ (Poll::Ready(None) | Poll::Pending) => return other,
            }
        }
        let piece = this.rest.split_to(this.rest.len().min(PIECE));
        Poll::Ready(Some(Ok(piece)))
    }
}

/// Wraps the handling of a request: marks it as in flight until its answer is sent.
///
/// Every address with `GET` also has `HEAD`: handlers see `GET`, and the answer goes out without
/// its body (RFC 9110, section 9.3.2). A client of HTTP/1.0 does not know chunks: an answer without
/// a length ends with the connection (RFC 9112, section 6.1).
///
/// If a refused request's body has already arrived, the connection stays open: actix-http reads the
/// body while the answer waits for a moment, and would otherwise close the connection. A new
/// connection costs both sides several times as much as the refusal, just when load is highest.
pub(crate) fn follow<S, B>(
    mut request: Request,
    service: &S,
) -> impl Future<Output = Result<Response<LastOfWork<B>>, S::Error>> + use<S, B>
where
    S: Service<Request, Response = Response<B>>,
    B: MessageBody,
{
    let headers = request.headers();
    let has_body = headers.contains_key(TRANSFER_ENCODING) || headers.contains_key(CONTENT_LENGTH);
    let is_head = request.method() == Method::HEAD;
    if is_head {
        request.head_mut().method = Method::GET;
        request.extensions_mut().insert(HeadOnly);
    }
    let knows_chunks = request.version() > Version::HTTP_10;
    let work = request.conn_data::<Work>().cloned();
    let in_flight = work.as_ref().map(Work::begin);
    if let Some(work) = work.filter(|work| work.0.body.get().is_long) {
        let payload = request.take_payload();
        *request.payload() = Payload::Stream {
            payload: Box::pin(LongBody { payload, work }),
        };
    }
    let answer = service.call(request);
    async move {
        let mut answer = answer.await?;
        if has_body && (answer.status().is_client_error() || answer.status().is_server_error()) {
            a_moment().await;
        }
        if !knows_chunks && answer.body().size() == BodySize::Stream {
            answer.head_mut().no_chunking(true);
            answer.head_mut().set_connection_type(ConnectionType::Close);
        }
        Ok(answer.map_body(|_, body| LastOfWork {
            body,
            rest: Bytes::new(),
            is_head,
            work: in_flight,
        }))
    }
}

/// Yields once to the task that polls this. The runtime's own `yield_now` would go to the end of
/// the run queue.
async fn a_moment() {
    let mut passed = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut passed, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
