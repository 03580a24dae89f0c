//! The HTTP answer that carries a problem: its status and its headers.

use std::sync::LazyLock;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use opentelemetry::metrics::Counter;
use opentelemetry::{KeyValue, global};

use super::Problem;

static PROBLEMS: LazyLock<Counter<u64>> = LazyLock::new(|| {
    global::meter("sportello.http")
        .u64_counter("sportello.http.problems")
        .with_description("Answers with a problem, by its name")
        .build()
});

impl Problem {
    fn headers(&self, answer: &mut HttpResponseBuilder) {
        match self {
            // RFC 6750, section 3
            Self::TokenMissing => answer.insert_header((WWW_AUTHENTICATE, "Bearer")),
            Self::TokenRefused(_) => {
                answer.insert_header((WWW_AUTHENTICATE, "Bearer error=\"invalid_token\""))
            }
            Self::IdentityUnavailable => answer.insert_header((RETRY_AFTER, 5)),
            Self::Unavailable { retry_after }
            | Self::TooManyRequests { retry_after }
            | Self::TooManyForApplicant { retry_after }
            | Self::ChannelClosed {
                retry_after: Some(retry_after),
                ..
            } => answer.insert_header((RETRY_AFTER, *retry_after)),
            // RFC 9110, section 15.5.16
            Self::ContentCoding => answer.insert_header((ACCEPT_ENCODING, "identity")),
            // the unread rest of the body can't be distinguished from a next request
            Self::BrokenBody
            | Self::TooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::TooManyBlanks { .. }
            | Self::TooSlow
            | Self::HeadTooLarge { .. } => answer.force_close(),
            Self::RoleNotAllowed
            | Self::NotOwnApplication
            | Self::ChannelClosed {
                retry_after: None, ..
            }
            | Self::AccessReason
            | Self::IdempotencyKey
            | Self::Page
            | Self::Query
            | Self::Unfit(_)
            | Self::KeyReused
            | Self::VersionMissing
            | Self::Stale
            | Self::WrongState
            | Self::MediaType { .. }
            | Self::NotJson(_)
            | Self::Invalid(_)
            | Self::Header(_)
            | Self::BatchPart
            | Self::BatchParts(_)
            | Self::FileKind(_)
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::Internal => answer,
        };
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind().1
    }

    fn error_response(&self) -> HttpResponse {
        PROBLEMS.add(1, &[KeyValue::new("problem", self.kind().0)]);
        let mut answer = HttpResponse::build(self.status_code());
        self.headers(&mut answer);
        answer
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_TYPE, "application/problem+json"))
            .body(self.body())
    }
}
