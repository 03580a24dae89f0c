//! The fallback route and the security headers of every service.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CROSS_ORIGIN_RESOURCE_POLICY, HeaderName, HeaderValue,
    REFERRER_POLICY, STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use actix_web::middleware::DefaultHeaders;
use actix_web::web::ServiceConfig;
use actix_web::{HttpResponse, web};

use crate::problem::Problem;

/// Answers `404` at every address without a route.
pub(crate) fn fallback(config: &mut ServiceConfig) {
    config.default_service(web::to(|| async { Err::<HttpResponse, _>(Problem::NotFound) }));
}

/// Headers of every answer (OWASP's REST security cheat sheet): browsers must not store, frame,
/// sniff or run it, or embed it in a page elsewhere. `Permissions-Policy` is left out: the services
/// have no pages.
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

/// Middleware: adds the headers of [`SECURITY`] to every answer.
pub(crate) fn security_headers() -> DefaultHeaders {
    SECURITY
        .into_iter()
        .fold(DefaultHeaders::new(), DefaultHeaders::add)
}
