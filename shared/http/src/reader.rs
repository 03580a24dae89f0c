//! The caller's language.

use std::cmp::Reverse;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{AcceptLanguage, Header as _, LanguageTag, Preference, Quality};
use actix_web::{FromRequest, HttpRequest};
use sportello_domain::Language;
use utoipa::IntoParams;

/// The supported language that `Accept-Language` prefers (RFC 9110, section 12.5.4); Italian if it
/// names none. A language of quality 0 is excluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader(pub Language);

/// The header that [`Reader`] reads, in the OpenAPI documents.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI documents")]
pub struct ApiDocReader {
    /// The language of messages to people: Italian, English or German; Italian if it is none of
    /// these.
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
    let AcceptLanguage(mut wanted) = AcceptLanguage::parse(request).ok()?;
    let refused: Vec<_> = wanted
        .extract_if(.., |range| range.quality == Quality::ZERO)
        .map(|range| range.item)
        .collect();
    let others = || {
        let mut all = Language::ALL.into_iter();
        all.find(|language| !refused.iter().any(|range| names(range, *language)))
    };
    // languages of the same quality keep their order
    wanted.sort_by_key(|range| Reverse(range.quality));
    let preferred = wanted.iter().find_map(|range| match &range.item {
        Preference::Specific(tag) => Language::of_tag(tag.as_str()),
        Preference::Any => others(),
    });
    preferred.or_else(others)
}

/// Whether a range is this language, and not a regional variety of it.
fn names(range: &Preference<LanguageTag>, language: Language) -> bool {
    match range {
        Preference::Specific(tag) => tag.as_str().eq_ignore_ascii_case(language.tag()),
        Preference::Any => false,
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_language_of_quality_zero_is_not_wanted() {
        let with = |wanted: &'static str| {
            let request = TestRequest::default().insert_header(("Accept-Language", wanted));
            language(&request.to_http_request()).unwrap_or_default().tag()
        };
        for (wanted, told) in [
            ("de", "de"),
            ("it;q=0, de", "de"),
            ("de;q=0", "it"),
            ("it;q=0", "en"),
            ("it;q=0, en;q=0.0", "de"),
            ("it;q=0, *", "en"),
            ("en;q=0.1, de;q=0, *;q=0.5", "it"),
            ("en;q=0.5, de;q=0.5", "en"),
            ("en;q=0.4, de-AT;q=0.5", "de"),
            ("fr, *;q=0", "it"),
            ("it;q=0, en;q=0, de;q=0", "it"),
        ] {
            assert_eq!(with(wanted), told, "{wanted}");
        }
    }
}
