//! What surrounds the routes of every service.

use std::sync::Arc;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Most requests in work at once; one more gets `503`.
const IN_WORK: usize = 4096;

/// The places for requests in work: one set for the whole process.
#[derive(Clone)]
pub(crate) struct Places(Arc<Semaphore>);

impl Places {
    pub(crate) fn new() -> Self {
        Self(Arc::new(Semaphore::new(IN_WORK)))
    }
}

/// What an address that is not there answers.
pub(crate) fn fallback(config: &mut ServiceConfig) {
    config.default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::NotFound) }));
}

/// The methods of a resource that is more than a page to be read; to be set as its data.
#[derive(Debug, Clone, Copy)]
pub struct Allow(pub &'static str);

/// What an address answers to a method that it does not have: `405` with those that it has (RFC 9110, section 15.5.6).
/// To be set as a resource's default service. Where the resource says no [`Allow`], it is read.
pub async fn method_not_allowed(request: HttpRequest) -> HttpResponse {
    let Allow(methods) = request.app_data().copied().unwrap_or(Allow("GET, HEAD"));
    let mut answer = Problem::MethodNotAllowed.error_response();
    answer
        .headers_mut()
        .insert(ALLOW, HeaderValue::from_static(methods));
    answer
}

/// Headers of every answer (OWASP's REST security cheat sheet): nothing is kept, framed, sniffed, run, or built into a page
/// elsewhere. What a page may do in a browser (`Permissions-Policy`) is no matter here: there are none.
pub(crate) fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Cache-Control", "no-store"))
        .add((
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .add(("Cross-Origin-Resource-Policy", "same-origin"))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
        .add(("X-Content-Type-Options", "nosniff"))
        .add(("X-Frame-Options", "DENY"))
}

/// Middleware: a request that finds no place free is sent away at once, so that those in work end in time.
pub(crate) async fn shed<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let places = request.app_data::<Places>().cloned();
    let Some(place) = places.map(|Places(places)| places.try_acquire_owned()) else {
        return Ok(request.error_response(Problem::Internal).map_into_right_body());
    };
    let Ok(_place) = place else {
        let problem = Problem::Unavailable { retry_after: 1 };
        return Ok(request.error_response(problem).map_into_right_body());
    };
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}
