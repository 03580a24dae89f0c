//! Who is sent away at once, so that all others are answered in time.

use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;

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

use crate::cors::{self, Origin};
use crate::edge::SECURITY;
use crate::health::PROBES;
use crate::lateness::Lateness;
use crate::problem::Problem;
use crate::request;

/// Most requests in work at once; one more gets `503`. It bounds memory: many may have to wait for what is away.
const IN_WORK: usize = 4096;

/// The places for requests in work: one set for the whole process.
#[derive(Clone)]
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(IN_WORK)))
    }
}

/// Stands before all that a thread of the server does for a request: whoever is sent away costs next to nothing, for they
/// all come back.
#[derive(Clone)]
pub(crate) struct Gate {
    places: Places,
    lateness: Lateness,
    /// Hears of everybody who is sent away because the thread is late.
    crowd: Arc<Notify>,
    refusal: Rc<Refusal>,
}

impl Gate {
    /// Of one thread.
    pub(crate) fn new(places: Places, crowd: Arc<Notify>, origins: &[Origin]) -> Self {
        Self {
            places,
            lateness: Lateness::default(),
            crowd,
            refusal: Rc::new(Refusal::new(origins)),
        }
    }

    /// Hands the request on, or sends it away where the thread is late already, or no place is free, so that those in work
    /// end in time.
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
            match passed {
                Ok((answer, _place)) => Ok(answer.await?.into().map_body(|_, body| EitherBody::left(body))),
                Err(refused) => Ok(refused.map_body(|_, body| EitherBody::right(body))),
            }
        }
    }

    /// The request's place, or its refusal. Without a place goes who asks how things stand, since who is busy is not ill, and
    /// a browser that asks whether its page may call: a middleware answers it.
    fn entry(&self, request: &Request) -> Result<Option<OwnedSemaphorePermit>, Response<Bytes>> {
        if PROBES.contains(&request.path()) || self.refusal.is_preflight(request) {
            return Ok(None);
        }
        let place = if self.lateness.is_too_much() {
            self.crowd.notify_one();
            None
        } else {
            Arc::clone(&self.places.0).try_acquire_owned().ok()
        };
        place.map(Some).ok_or_else(|| self.refusal.answer(request))
    }
}

/// [`Problem::Unavailable`] as it goes out each time: put together once.
struct Refusal {
    headers: HeaderMap,
    body: Bytes,
    origins: Vec<HeaderValue>,
}

impl Refusal {
    fn new(origins: &[Origin]) -> Self {
        let problem = Problem::Unavailable { retry_after: 1 };
        let mut headers = problem.error_response().headers().clone();
        for (name, value) in SECURITY.into_iter().chain(cors::told_to_all(origins)) {
            headers.insert(name, value);
        }
        Self {
            headers,
            body: Bytes::from(problem.document().to_string()),
            origins: origins.iter().filter_map(Origin::to_header).collect(),
        }
    }

    /// Whether a browser asks, where pages of some origins may call (Fetch standard, CORS-preflight request).
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
        request::sent_away(request.method());
        answer
    }
}
