//! What surrounds the routes of every service.

use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::ServiceConfig;
use actix_web::{HttpRequest, HttpResponse, ResponseError as _, web};

use crate::problem::Problem;

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
pub(crate) const SECURITY: [(HeaderName, HeaderValue); 7] = [
    (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
    (
        CROSS_ORIGIN_RESOURCE_POLICY,
        HeaderValue::from_static("same-origin"),
    ),
    (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    (
        STRICT_TRANSPORT_SECURITY,
        HeaderValue::from_static("max-age=31536000; includeSubDomains"),
    ),
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
];

/// Middleware: gives every answer the headers of [`SECURITY`].
pub(crate) fn security_headers() -> DefaultHeaders {
    SECURITY
        .into_iter()
        .fold(DefaultHeaders::new(), DefaultHeaders::add)
}
