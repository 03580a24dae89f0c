//! What surrounds the routes of every service.

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::middleware::{DefaultHeaders, Next};
use actix_web::web::{Data, ServiceConfig};
use actix_web::{HttpResponse, web};
use tokio::sync::Semaphore;

use crate::problem::Problem;

/// Bounds of a service's HTTP edge.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most requests in work at once; one more gets `503`.
    pub in_flight: usize,
    /// Most connections at once on each of the server's threads; one more waits in the system's queue.
    pub connections: usize,
    /// How long the head of a connection's first request may take.
    pub head: Duration,
    /// How long requests in work may take to end when the service stops.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 4096,
            connections: 10_000,
            head: Duration::from_secs(5),
            shutdown: Duration::from_secs(10),
        }
    }
}

impl Limits {
    /// The places for requests in work: one set for the whole process.
    #[must_use]
    pub fn places(&self) -> Data<Semaphore> {
        Data::from(Arc::new(Semaphore::new(self.in_flight)))
    }
}

/// What an address that is not there answers.
pub fn edge(config: &mut ServiceConfig) {
    config.default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::NotFound) }));
}

/// What an address answers to a method that it does not have; to be set as a resource's default service.
///
/// # Errors
/// Always [`Problem::MethodNotAllowed`].
pub async fn method_not_allowed() -> Result<HttpResponse, Problem> {
    Err(Problem::MethodNotAllowed)
}

/// Headers of every answer (OWASP secure headers): nothing is kept, framed, sniffed or run.
#[must_use]
pub fn security_headers() -> DefaultHeaders {
    DefaultHeaders::new()
        .add(("Cache-Control", "no-store"))
        .add((
            "Content-Security-Policy",
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .add(("Referrer-Policy", "no-referrer"))
        .add(("Strict-Transport-Security", "max-age=31536000; includeSubDomains"))
        .add(("X-Content-Type-Options", "nosniff"))
}

/// Middleware: a request that finds no place free is sent away at once with `503`, so that those in work end
/// in time. Expects [`Limits::places`] as app data.
///
/// # Errors
/// Those of the service behind it.
pub async fn shed<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B, BoxBody>>, actix_web::Error> {
    let places = request.app_data::<Data<Semaphore>>().map(|data| Arc::clone(data));
    let _place = match places.map(Semaphore::try_acquire_owned) {
        Some(Ok(place)) => place,
        Some(Err(_)) => {
            return Ok(request
                .error_response(Problem::Unavailable { retry_after: 1 })
                .map_into_right_body());
        }
        None => return Ok(request.error_response(Problem::Internal).map_into_right_body()),
    };
    next.call(request).await.map(ServiceResponse::map_into_left_body)
}
