//! Load shedding: refuses surplus requests at once, so that all others are answered in time.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::task::Poll;

use actix_http::header::HeaderMap;
use actix_http::{HttpMessage as _, Request, Response, StatusCode};
use actix_service::Service;
use actix_web::ResponseError as _;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::http::Method;
use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_REQUEST_METHOD, HeaderValue, ORIGIN,
};
use actix_web::web::Bytes;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::in_flight::Work;
use super::queue_delay::QueueDelay;
use crate::cors::{self, Origin};
use crate::edge::SECURITY;
use crate::problem::Problem;
use crate::request;

/// Most requests in flight; one more gets `503`. It bounds memory while many wait for a dependency.
const IN_FLIGHT: usize = 4096;
/// Most requests whose bodies are still arriving. They have places of their own, so that slow
/// senders do not block other callers.
const ARRIVING: usize = 4096;

/// The places for requests, shared by the whole process.
#[derive(Clone)]
pub(crate) struct Places {
    in_flight: Arc<Semaphore>,
    arriving: Arc<Semaphore>,
}

impl Places {
    pub(crate) fn new() -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(IN_FLIGHT)),
            arriving: Arc::new(Semaphore::new(ARRIVING)),
        }
    }
}

/// The admission of a request.
enum Entry {
    /// A place; `None` if the request needs none.
    InFlight(Option<OwnedSemaphorePermit>),
    Arriving(Arriving),
}

/// A request whose body is still arriving.
struct Arriving {
    work: Work,
    in_flight: Arc<Semaphore>,
    place: OwnedSemaphorePermit,
    /// The answer if no place is free once its body has arrived.
    refused: Response<Bytes>,
    method: Method,
}

impl Arriving {
    /// Waits for the answer. Once the body has arrived, the request needs a place in flight.
    async fn follow<T, E>(
        self,
        answer: impl Future<Output = Result<T, E>>,
    ) -> Result<Result<T, Response<Bytes>>, E> {
        let Self {
            work,
            in_flight,
            place,
            refused,
            method,
        } = self;
        let (mut place, mut has_come) = (place, false);
        let mut answer = pin!(answer);
        let answered = poll_fn(|cx| {
            if !has_come && work.has_come() {
                let Ok(free) = Arc::clone(&in_flight).try_acquire_owned() else {
                    return Poll::Ready(None);
                };
                (place, has_come) = (free, true);
            }
            answer.as_mut().poll(cx).map(Some)
        })
        .await;
        drop(place);
        match answered {
            Some(answer) => answer.map(Ok),
            None => {
                request::sent_away(&method);
                Ok(Err(refused))
            }
        }
    }
}

/// Runs before anything else that a server thread does for a request: shedding must cost next to
/// nothing, since shed callers come back.
#[derive(Clone)]
pub(crate) struct Gate {
    places: Places,
    queue_delay: QueueDelay,
    /// Notified of each request that is shed because the thread is late.
    overload: Arc<Notify>,
    refusal: Rc<Refusal>,
}

impl Gate {
    /// Makes the gate of one thread.
    pub(crate) fn new(places: Places, overload: Arc<Notify>, origins: &[Origin]) -> Self {
        Self {
            places,
            queue_delay: QueueDelay::default(),
            overload,
            refusal: Rc::new(Refusal::new(origins)),
        }
    }

    /// Passes the request to `app`, or sheds it where the thread is late or no place is free, so
    /// that requests in flight end in time.
    pub(crate) fn pass<S, A, B>(
        &self,
        request: Request,
        app: &S,
    ) -> impl Future<Output = Result<Response<EitherBody<B, Bytes>>, S::Error>> + use<S, A, B>
    where
        S: Service<Request, Response = A>,
        A: Into<Response<B>>,
        B: MessageBody,
    {
        let passed = self.entry(&request).map(|place| (app.call(request), place));
        async move {
            let answered = match passed {
                Ok((answer, Entry::InFlight(place))) => {
                    let answered = answer.await?;
                    drop(place);
                    Ok(answered)
                }
                Ok((answer, Entry::Arriving(arriving))) => arriving.follow(answer).await?,
                Err(refused) => Err(refused),
            };
            Ok(match answered {
                Ok(answer) => answer.into().map_body(|_, body| EitherBody::left(body)),
                Err(refused) => refused.map_body(|_, body| EitherBody::right(body)),
            })
        }
    }

    /// Returns the request's place, or its refusal. A CORS preflight request needs no place: a
    /// middleware answers it.
    fn entry(&self, request: &Request) -> Result<Entry, Response<Bytes>> {
        if self.refusal.is_preflight(request) {
            return Ok(Entry::InFlight(None));
        }
        let entry = if self.queue_delay.is_too_much() {
            self.overload.notify_one();
            None
        } else {
            self.place(request)
        };
        entry.ok_or_else(|| {
            request::sent_away(request.method());
            self.refusal.answer(request)
        })
    }

    fn place(&self, request: &Request) -> Option<Entry> {
        let Places { in_flight, arriving } = &self.places;
        let work = request.conn_data::<Work>().filter(|work| !work.has_come());
        let Some(work) = work else {
            let place = Arc::clone(in_flight).try_acquire_owned().ok()?;
            return Some(Entry::InFlight(Some(place)));
        };
        Some(Entry::Arriving(Arriving {
            place: Arc::clone(arriving).try_acquire_owned().ok()?,
            work: work.clone(),
            in_flight: Arc::clone(in_flight),
            refused: self.refusal.answer(request),
            method: request.method().clone(),
        }))
    }
}

/// The answer for [`Problem::Unavailable`], built once.
struct Refusal {
    headers: HeaderMap,
    body: Bytes,
    origins: Vec<HeaderValue>,
}

impl Refusal {
    fn new(origins: &[Origin]) -> Self {
        let problem = Problem::Unavailable { retry_after: 1 };
        let mut headers = problem.error_response().headers().clone();
        for (name, value) in SECURITY.into_iter().chain(cors::headers_of_all(origins)) {
            headers.insert(name, value);
        }
        Self {
            headers,
            body: Bytes::from(problem.body()),
            origins: origins.iter().filter_map(Origin::to_header).collect(),
        }
    }

    /// Whether this is a CORS preflight request (Fetch standard), and pages of some origins may
    /// call.
    fn is_preflight(&self, request: &Request) -> bool {
        !self.origins.is_empty()
            && request.method() == Method::OPTIONS
            && [ORIGIN, ACCESS_CONTROL_REQUEST_METHOD]
                .iter()
                .all(|name| request.headers().contains_key(name))
    }

    fn answer(&self, request: &Request) -> Response<Bytes> {
        let mut answer = Response::with_body(StatusCode::SERVICE_UNAVAILABLE, self.body.clone());
        *answer.headers_mut() = self.headers.clone();
        let origin = request.headers().get(ORIGIN);
        if let Some(origin) = origin.filter(|origin| self.origins.contains(origin)) {
            answer
                .headers_mut()
                .insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        }
        answer
    }
}
