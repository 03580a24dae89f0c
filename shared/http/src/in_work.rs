//! Whether a request of a connection is in work, as its handler and its connection both need to know.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_http::{HttpMessage as _, Request, Response};
use actix_service::Service;
use actix_web::body::{BodySize, MessageBody};
use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::web::Bytes;
use pin_project_lite::pin_project;

/// Shared by a connection and the requests on it, which come one after another.
#[derive(Debug, Clone, Default)]
pub(crate) struct Work(Rc<Cell<State>>);

#[derive(Debug, Clone, Copy, Default)]
struct State {
    turn: u64,
    had_body: bool,
}

impl Work {
    fn begin(&self, had_body: bool) -> InWork {
        let turn = self.turn() + 1;
        self.0.set(State { turn, had_body });
        InWork(self.clone())
    }

    /// Another number after each beginning and each end of a request.
    pub(crate) fn turn(&self) -> u64 {
        self.0.get().turn
    }

    /// Whether none is in work: the next one is waited for.
    pub(crate) fn is_waiting(&self) -> bool {
        self.turn().is_multiple_of(2)
    }

    /// Whether the last request had a body, some of which may still come.
    pub(crate) fn had_body(&self) -> bool {
        self.0.get().had_body
    }
}

/// A request in work, until this is dropped.
#[derive(Debug)]
struct InWork(Work);

impl Drop for InWork {
    fn drop(&mut self) {
        let state = self.0.0.get();
        let turn = state.turn + 1;
        self.0.0.set(State { turn, ..state });
    }
}

pin_project! {
    /// The body of an answer, with which the work ends.
    pub(crate) struct LastOfWork<B> {
        #[pin]
        body: B,
        work: Option<InWork>,
    }
}

impl<B: MessageBody> MessageBody for LastOfWork<B> {
    type Error = B::Error;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        self.project().body.poll_next(cx)
    }
}

/// Around all that is done for a request: tells the connection that it is in work until its answer is sent.
///
/// Who is refused before anybody has read the body keeps the connection where the body has come already: actix-http takes
/// it up while the answer waits for a moment, and closes the connection where it has to answer before. To open another
/// costs both sides several times what the refusal does, just when there are too many.
pub(crate) fn follow<S, B>(
    request: Request,
    service: &S,
) -> impl Future<Output = Result<Response<LastOfWork<B>>, S::Error>> + use<S, B>
where
    S: Service<Request, Response = Response<B>>,
{
    let headers = request.headers();
    let has_body = headers.contains_key(TRANSFER_ENCODING) || headers.contains_key(CONTENT_LENGTH);
    let work = request.conn_data::<Work>().map(|work| work.begin(has_body));
    let answer = service.call(request);
    async move {
        let answer = answer.await?;
        if has_body && (answer.status().is_client_error() || answer.status().is_server_error()) {
            a_moment().await;
        }
        Ok(answer.map_body(|_, body| LastOfWork { body, work }))
    }
}

/// Lets whoever polls this do what else it has to do, once. The runtime's own `yield_now` would go to the end of the line.
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
