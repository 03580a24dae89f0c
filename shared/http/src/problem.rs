//! Every error that a caller can get, as a problem document (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use jiff::Timestamp;
use serde_json::{Value, json};
use sportello_domain::{Language, LocalisedViolation, Violation};
use sportello_identity::TokenError;
use utoipa::ToSchema;

/// Every error that a caller can get. No variant carries what was sent, so none can repeat it.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// No `Authorization: Bearer …`.
    TokenMissing,
    /// The token is refused, and why.
    TokenRefused(TokenError),
    /// The issuer's keys are not known yet.
    IdentityUnavailable,
    /// The caller may not do this at all.
    RoleNotAllowed,
    /// A citizen applies for somebody else.
    NotOwnApplication,
    /// The channel takes no applications for the benefit now.
    ChannelClosed {
        /// When it opens again, where that is known.
        opens_at: Option<Timestamp>,
        /// Seconds until then.
        retry_after: Option<u32>,
    },
    /// Too many requests of one person or organisation.
    TooManyRequests {
        /// When to come back, in seconds.
        retry_after: u32,
    },
    /// `Idempotency-Key` is missing or no such key.
    IdempotencyKey,
    /// An operator does not say why they read an application: `Access-Reason`.
    AccessReason,
    /// `limit` or `after` of a list's address can't be used.
    Page,
    /// The body is not of this media type.
    MediaType {
        /// What is taken.
        expected: &'static str,
    },
    /// The body has more bytes than allowed.
    TooLarge {
        /// Most bytes allowed.
        limit: usize,
    },
    /// A file has more rows than allowed.
    TooManyRows {
        /// Most rows allowed.
        limit: u32,
    },
    /// The request did not arrive in time, or stopped half-way.
    TooSlow,
    /// What comes before the body has more bytes than allowed.
    HeadTooLarge {
        /// Most bytes allowed.
        limit: usize,
    },
    /// The body can't be read as JSON.
    NotJson(Vec<LocalisedViolation>),
    /// The application has mistakes.
    Invalid(Vec<LocalisedViolation>),
    /// The names of a file's columns have mistakes.
    Header(Vec<LocalisedViolation>),
    /// No such resource, or not the caller's: which, is not said.
    NotFound,
    /// The resource has no such method.
    MethodNotAllowed,
    /// What the service needs is away or full. Nothing was accepted, or it is not known: send it again.
    Unavailable {
        /// When to come back, in seconds.
        retry_after: u32,
    },
    /// A fault of the service.
    Internal,
}

/// A problem document (RFC 9457), as `application/problem+json`.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "describes `Problem` in the OpenAPI document")]
pub struct ApiDocProblem {
    /// What kind of problem: `urn:sportello:problem:` and its name. Stable, for programs.
    #[schema(
        example = "urn:sportello:problem:invalid-application",
        format = "uri",
        max_length = 100,
        pattern = "^urn:sportello:problem:[a-z-]+$"
    )]
    r#type: String,
    /// The kind in words.
    #[schema(max_length = 100, pattern = "^.+$")]
    title: String,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// What was wrong here and what to do.
    #[schema(max_length = 500, pattern = "^.+$")]
    detail: String,
    /// When the channel opens again, where it is closed and that is known.
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Option<String>,
    /// Each thing to mend, where the content is at fault.
    #[schema(max_items = 1000)]
    violations: Option<Vec<ApiDocViolation>>,
}

/// One thing to mend in the content.
#[derive(ToSchema)]
#[schema(as = Violation)]
#[expect(dead_code, reason = "describes `Violation` in the OpenAPI document")]
pub struct ApiDocViolation {
    /// Where: a JSON pointer (RFC 6901).
    #[schema(example = "/applicant/tax_code", format = "json-pointer", max_length = 1000)]
    pointer: String,
    /// Stable code, for programs.
    #[schema(
        example = "tax_code_check_character",
        max_length = 64,
        pattern = "^[a-z][a-z0-9_]*$"
    )]
    code: String,
    /// What is wrong and what to do, in the language that `Accept-Language` prefers.
    #[schema(max_length = 2000, pattern = "^.+$")]
    message: String,
}

impl Problem {
    /// The problem of a content with these violations, told in the caller's language.
    #[must_use]
    pub fn of_violations(violations: Vec<Violation>, language: Language) -> Self {
        let not_json = violations.iter().any(|violation| violation.code == "not_json");
        let violations = violations
            .into_iter()
            .map(|violation| violation.localised(language));
        if not_json {
            Self::NotJson(violations.collect())
        } else {
            Self::Invalid(violations.collect())
        }
    }

    /// The problem of a file whose header has these violations, told in the caller's language.
    #[must_use]
    pub fn of_header(violations: Vec<Violation>, language: Language) -> Self {
        let violations = violations
            .into_iter()
            .map(|violation| violation.localised(language));
        Self::Header(violations.collect())
    }

    /// The problem's name, status and title.
    #[expect(clippy::too_many_lines, reason = "a table, one entry a problem")]
    fn kind(&self) -> (&'static str, StatusCode, &'static str) {
        match self {
            Self::TokenMissing => ("token-missing", StatusCode::UNAUTHORIZED, "No bearer token"),
            Self::TokenRefused(_) => ("token-refused", StatusCode::UNAUTHORIZED, "Bearer token refused"),
            Self::IdentityUnavailable => (
                "identity-unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Tokens can't be checked now",
            ),
            Self::RoleNotAllowed => ("role-not-allowed", StatusCode::FORBIDDEN, "Not for this role"),
            Self::NotOwnApplication => (
                "not-own-application",
                StatusCode::FORBIDDEN,
                "Not the caller's own application",
            ),
            Self::ChannelClosed { .. } => (
                "channel-closed",
                StatusCode::FORBIDDEN,
                "Closed for applications now",
            ),
            Self::TooManyRequests { .. } => (
                "too-many-requests",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many requests",
            ),
            Self::AccessReason => (
                "access-reason",
                StatusCode::BAD_REQUEST,
                "No reason given for the access",
            ),
            Self::Page => ("page", StatusCode::BAD_REQUEST, "No such page"),
            Self::IdempotencyKey => (
                "idempotency-key",
                StatusCode::BAD_REQUEST,
                "Idempotency key missing or wrong",
            ),
            Self::MediaType { .. } => (
                "media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Body of another type",
            ),
            Self::TooLarge { .. } => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "Body too large"),
            Self::TooManyRows { .. } => ("too-many-rows", StatusCode::PAYLOAD_TOO_LARGE, "Too many rows"),
            Self::HeadTooLarge { .. } => (
                "head-too-large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "Headers too large",
            ),
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT, "Request too slow"),
            Self::NotJson(_) => ("not-json", StatusCode::BAD_REQUEST, "Body can't be read"),
            Self::Invalid(_) => (
                "invalid-application",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Application has mistakes",
            ),
            Self::Header(_) => (
                "file-header",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Header of the file has mistakes",
            ),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "No such method here",
            ),
            Self::Unavailable { .. } => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Unavailable for a moment",
            ),
            Self::Internal => (
                "internal",
                StatusCode::INTERNAL_SERVER_ERROR,
                "Fault of the service",
            ),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::TokenMissing => "send the header Authorization: Bearer with an access token".into(),
            Self::TokenRefused(error) => error.to_string(),
            Self::IdentityUnavailable => {
                "the identity provider's keys can't be had at the moment: send the same request again later".into()
            }
            Self::RoleNotAllowed => "this is not for callers of this role".into(),
            Self::NotOwnApplication => "a citizen applies for themself: the applicant's tax code must be the token's".into(),
            Self::ChannelClosed { opens_at: Some(_), .. } => {
                "this channel is closed for this benefit at the moment: send the same request again when it opens, at \
                 opens_at"
                    .into()
            }
            Self::ChannelClosed { opens_at: None, .. } => {
                "this channel is closed for this benefit, and no day is set on which it opens".into()
            }
            Self::TooManyRequests { .. } => {
                "this caller has sent more requests than one may: send the same request again after Retry-After".into()
            }
            Self::AccessReason => {
                "send the header Access-Reason with 10 to 200 characters that say why this application is read: its \
                 holder will see it"
                    .into()
            }
            Self::IdempotencyKey => {
                "send the header Idempotency-Key with 1 to 255 visible ASCII characters, the same one with each retry \
                 of the same application; a random UUID is a good one"
                    .into()
            }
            Self::Page => {
                "limit is a number from 1 to 100; after is what the page before gave as next, as it stands".into()
            }
            Self::MediaType { expected } => format!("send the body as {expected}"),
            Self::TooLarge { limit } => format!("there may be {limit} bytes at most, here are more"),
            Self::TooManyRows { limit } => {
                format!("a file has {limit} rows at most: this row and those after it were not read; send them in another")
            }
            Self::TooSlow => "the request did not arrive whole in time: send the same request again".into(),
            Self::HeadTooLarge { limit } => format!("address and headers have {limit} bytes at most, here are more"),
            Self::NotJson(_) => "the body is not valid JSON: see violations for the place".into(),
            Self::Invalid(_) => "mend what violations lists and send it again; nothing was accepted".into(),
            Self::Header(_) => {
                "mend the names of the columns, in the first line, as violations says and send the file again; no row \
                 of it was accepted"
                    .into()
            }
            Self::NotFound => "there is nothing here for this caller".into(),
            Self::MethodNotAllowed => "the address is right, the method is not".into(),
            Self::Unavailable { .. } => {
                "nothing was accepted for certain: send the same request with the same key again after Retry-After"
                    .into()
            }
            Self::Internal => "it was recorded; send the same request again later".into(),
        }
    }

    /// How it looks on the wire.
    #[must_use]
    pub fn document(&self) -> Value {
        let (name, status, title) = self.kind();
        let mut document = json!({
            "type": format!("urn:sportello:problem:{name}"),
            "title": title,
            "status": status.as_u16(),
            "detail": self.detail(),
        });
        if !self.violations().is_empty() {
            document["violations"] = json!(self.violations());
        }
        if let Self::ChannelClosed {
            opens_at: Some(instant),
            ..
        } = self
        {
            document["opens_at"] = json!(instant);
        }
        document
    }

    fn violations(&self) -> &[LocalisedViolation] {
        match self {
            Self::NotJson(violations) | Self::Invalid(violations) | Self::Header(violations) => violations,
            Self::TokenMissing
            | Self::TokenRefused(_)
            | Self::IdentityUnavailable
            | Self::RoleNotAllowed
            | Self::NotOwnApplication
            | Self::ChannelClosed { .. }
            | Self::TooManyRequests { .. }
            | Self::AccessReason
            | Self::IdempotencyKey
            | Self::Page
            | Self::MediaType { .. }
            | Self::TooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::TooSlow
            | Self::HeadTooLarge { .. }
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::Unavailable { .. }
            | Self::Internal => &[],
        }
    }

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
            | Self::ChannelClosed {
                retry_after: Some(retry_after),
                ..
            } => answer.insert_header((RETRY_AFTER, *retry_after)),
            // the rest of a body that was not read can't be told from a next request
            Self::TooLarge { .. } | Self::TooManyRows { .. } | Self::TooSlow | Self::HeadTooLarge { .. } => {
                answer.force_close()
            }
            Self::RoleNotAllowed
            | Self::NotOwnApplication
            | Self::ChannelClosed {
                retry_after: None, ..
            }
            | Self::AccessReason
            | Self::IdempotencyKey
            | Self::Page
            | Self::MediaType { .. }
            | Self::NotJson(_)
            | Self::Invalid(_)
            | Self::Header(_)
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::Internal => answer,
        };
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().0)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.kind().1
    }

    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        self.headers(&mut answer);
        answer
            .insert_header((CACHE_CONTROL, "no-store"))
            .insert_header((CONTENT_TYPE, "application/problem+json"))
            .body(self.document().to_string())
    }
}
