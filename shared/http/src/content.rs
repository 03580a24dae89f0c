//! The headers that describe a body.

use actix_web::HttpRequest;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName, HeaderValue};

use crate::problem::Problem;

/// Returns the body's media type without parameters, as it was sent; empty where `Content-Type` is
/// missing or comes more than once.
///
/// # Errors
/// [`Problem::ContentCoding`] where the body is compressed (RFC 9110, section 8.4).
pub fn media_type(request: &HttpRequest) -> Result<&str, Problem> {
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(Problem::ContentCoding);
    }
    let value = single(request, &CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = value.and_then(|value| value.split(';').next());
    Ok(essence.unwrap_or_default().trim())
}

/// Returns the value of a header field that comes exactly once.
#[must_use]
pub fn single<'a>(request: &'a HttpRequest, name: &HeaderName) -> Option<&'a HeaderValue> {
    let mut values = request.headers().get_all(name);
    values.next().filter(|_| values.next().is_none())
}
