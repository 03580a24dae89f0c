//! Which web pages may call from a browser (CORS, as the Fetch standard defines it).

use std::fmt;
use std::str::FromStr;

use actix_cors::Cors;
use actix_web::http::Uri;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, ACCESS_CONTROL_EXPOSE_HEADERS, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderName,
    HeaderValue, LOCATION, RETRY_AFTER, VARY,
};
use actix_web::middleware::Condition;

use crate::rate::{LIMIT, REMAINING, RESET};

/// How long a browser may cache the answer to a preflight request, in seconds.
const MAX_AGE: usize = 3600;

/// Headers that a page may send, besides those that are always allowed.
const SENT: [HeaderName; 8] = [
    HeaderName::from_static("access-reason"),
    ACCEPT_LANGUAGE,
    AUTHORIZATION,
    HeaderName::from_static("batch-part"),
    CONTENT_TYPE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("receipt"),
    HeaderName::from_static("row-offset"),
];

/// Headers of answers that a page may read.
const READ: [HeaderName; 6] = [ETAG, LOCATION, RETRY_AFTER, LIMIT, REMAINING, RESET];

/// The origin of a page, as browsers write it: `https://portal.example.org`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

/// The error for a text that is not an origin.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("an origin is a scheme, a host and an optional port, without a path: https://portal.example.org")]
pub struct InvalidOrigin;

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let scheme = uri.scheme_str().ok_or(InvalidOrigin)?;
        let authority = uri.authority().ok_or(InvalidOrigin)?.as_str();
        // browsers compare origins letter by letter
        let plain = text == format!("{scheme}://{authority}") && text == text.to_ascii_lowercase();
        if ["http", "https"].contains(&scheme) && plain && !authority.contains(['@', '*']) {
            Ok(Self(text.to_owned()))
        } else {
            Err(InvalidOrigin)
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Origin {
    /// Returns the origin as the value of a request header.
    pub(crate) fn to_header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&self.0).ok()
    }
}

/// Returns the headers that every answer has, if pages of any origin may call.
pub(crate) fn headers_of_all(origins: &[Origin]) -> Vec<(HeaderName, HeaderValue)> {
    if origins.is_empty() {
        return Vec::new();
    }
    let readable = READ.map(|name| name.to_string()).join(", ");
    let readable = HeaderValue::try_from(readable).map(|readable| (ACCESS_CONTROL_EXPOSE_HEADERS, readable));
    readable
        .into_iter()
        .chain([(VARY, HeaderValue::from_static("Origin"))])
        .collect()
}

/// Middleware: allows pages of these origins to call, and no others. Without origins it adds no
/// headers. No cookies are allowed: the token travels in a header.
pub(crate) fn cors(origins: &[Origin]) -> Condition<Cors> {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST", "PUT"])
        .allowed_headers(SENT)
        .expose_headers(READ)
        .block_on_origin_mismatch(false)
        .max_age(MAX_AGE);
    let cors = origins
        .iter()
        .fold(cors, |cors, Origin(origin)| cors.allowed_origin(origin));
    Condition::new(!origins.is_empty(), cors)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_what_a_browser_sends() {
        for good in [
            "https://portal.example.org",
            "http://127.0.0.1:8080",
            "https://[::1]:8443",
        ] {
            assert_eq!(good.parse::<Origin>().unwrap().to_string(), good);
        }
        for bad in [
            "*",
            "null",
            "",
            "portal.example.org",
            "https://portal.example.org/",
            "https://portal.example.org/path",
            "https://*.example.org",
            "https://Portal.example.org",
            "https://user@portal.example.org",
            "ftp://portal.example.org",
        ] {
            assert_eq!(bad.parse::<Origin>(), Err(InvalidOrigin), "{bad}");
        }
    }
}
