//! The language that the caller reads.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AcceptLanguage, Header as _, Preference};
use actix_web::{FromRequest, HttpRequest};
use sportello_domain::Language;
use utoipa::IntoParams;

/// The first of our languages that `Accept-Language` prefers (RFC 9110, section 12.5.4); Italian where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader(pub Language);

/// The header that [`Reader`] reads, in the OpenAPI documents.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI documents")]
pub struct ApiDocReader {
    /// The language of what is told to people: Italian, English or German; Italian where it is none of these.
    #[param(
        rename = "Accept-Language",
        max_length = 255,
        pattern = "^[A-Za-z0-9*,;=. -]+$"
    )]
    accept_language: Option<String>,
}

impl FromRequest for Reader {
    type Error = std::convert::Infallible;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(language(request).unwrap_or_default())))
    }
}

fn language(request: &HttpRequest) -> Option<Language> {
    let ranked = AcceptLanguage::parse(request).ok()?.ranked();
    ranked.iter().find_map(|preference| match preference {
        Preference::Specific(tag) => Language::of_tag(tag.as_str()),
        Preference::Any => Some(Language::default()),
    })
}
