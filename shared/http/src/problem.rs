//! Every error that a caller can get, as a problem document (RFC 9457).

use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_ENCODING, CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use actix_web::{HttpResponse, HttpResponseBuilder, ResponseError};
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{Language, LocalisedViolation, Violation};
use sportello_identity::TokenError;
use utoipa::ToSchema;

/// Every error that a caller can get. No variant carries content of the request, so no answer can
/// repeat it.
#[derive(Debug, Clone, PartialEq)]
pub enum Problem {
    /// No `Authorization: Bearer …`.
    TokenMissing,
    /// The token is refused, for this reason.
    TokenRefused(TokenError),
    /// The service has no keys of the issuer yet.
    IdentityUnavailable,
    /// The caller's role does not allow the operation.
    RoleNotAllowed,
    /// A citizen applies for another person.
    NotOwnApplication,
    /// The channel is closed for the benefit.
    ChannelClosed {
        /// When the channel opens; `None` if no opening date is set.
        opens_at: Option<Timestamp>,
        /// Seconds until the channel opens.
        retry_after: Option<u32>,
    },
    /// Too many requests of one person or organisation.
    TooManyRequests {
        /// Value of `Retry-After`, in seconds.
        retry_after: u32,
    },
    /// Too many applications of one organisation for one applicant.
    TooManyForApplicant {
        /// Seconds until the next application is accepted.
        retry_after: u32,
    },
    /// `Idempotency-Key` is missing or invalid.
    IdempotencyKey,
    /// An operator reads an application without a valid `Access-Reason`.
    AccessReason,
    /// The query parameter `limit` or `after` of a list is invalid.
    Page,
    /// The body has another media type.
    MediaType {
        /// The accepted media type.
        expected: &'static str,
    },
    /// The body is compressed.
    ContentCoding,
    /// The body ends early, or its chunks are malformed.
    BrokenBody,
    /// The body, or a row of an upload, has more bytes than allowed.
    TooLarge {
        /// Most bytes allowed.
        limit: usize,
    },
    /// A file has more rows than allowed.
    TooManyRows {
        /// Most rows allowed.
        limit: u32,
    },
    /// The request did not arrive in time.
    TooSlow,
    /// The address and the headers have more bytes than allowed.
    HeadTooLarge {
        /// Most bytes allowed.
        limit: usize,
    },
    /// The body can't be read as JSON.
    NotJson(Vec<LocalisedViolation>),
    /// The application has mistakes.
    Invalid(Vec<LocalisedViolation>),
    /// The column names of a file have mistakes.
    Header(Vec<LocalisedViolation>),
    /// `Batch-Part` and `Row-Offset` do not describe a part of a file.
    BatchPart,
    /// The receipts of parts do not add up; the violation says why.
    BatchParts(Vec<LocalisedViolation>),
    /// The file has an unsupported type; the violation names it.
    FileKind(Vec<LocalisedViolation>),
    /// A file has too many bytes without a row.
    TooManyBlanks {
        /// Most bytes allowed without a row.
        limit: usize,
    },
    /// The resource does not exist or is not the caller's; the answer does not reveal which.
    NotFound,
    /// The resource does not support the method.
    MethodNotAllowed,
    /// A dependency is unavailable or full. The request may or may not have been accepted; the
    /// caller sends it again.
    Unavailable {
        /// Value of `Retry-After`, in seconds.
        retry_after: u32,
    },
    /// An internal error.
    Internal,
}

/// A problem document (RFC 9457), as `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemDocument {
    /// The kind of problem: `urn:sportello:problem:` and its name. Stable, for programs.
    #[schema(
        example = "urn:sportello:problem:invalid-application",
        format = "uri",
        max_length = 100,
        pattern = "^urn:sportello:problem:[a-z-]+$"
    )]
    pub r#type: String,
    /// The kind in words.
    #[schema(max_length = 100, pattern = "^.+$")]
    pub title: &'static str,
    /// The status of the answer.
    #[schema(minimum = 400, maximum = 599)]
    pub status: u16,
    /// What is wrong and what to do.
    #[schema(max_length = 500, pattern = "^.+$")]
    pub detail: String,
    /// When the channel opens, if it is closed and an opening date is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// The mistakes, if the content has any.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<LocalisedViolation>>, max_items = 1000)]
    pub violations: Vec<LocalisedViolation>,
}

impl Problem {
    /// Returns the problem for a content with these violations, in the caller's language.
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

    /// Returns the problem for a file header with these violations, in the caller's language.
    #[must_use]
    pub fn of_header(violations: Vec<Violation>, language: Language) -> Self {
        let violations = violations
            .into_iter()
            .map(|violation| violation.localised(language));
        Self::Header(violations.collect())
    }

    /// Returns the problem for receipts that do not add up, in the caller's language.
    #[must_use]
    pub fn of_parts(violation: Violation, language: Language) -> Self {
        Self::BatchParts(vec![violation.localised(language)])
    }

    /// Returns the problem for a file of an unsupported type, in the caller's language.
    #[must_use]
    pub fn of_file_kind(violation: Violation, language: Language) -> Self {
        Self::FileKind(vec![violation.localised(language)])
    }

    /// Returns the problem's name, status and title.
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
            Self::RoleNotAllowed => (
                "role-not-allowed",
                StatusCode::FORBIDDEN,
                "Not allowed for this role",
            ),
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
            Self::TooManyForApplicant { .. } => (
                "too-many-for-applicant",
                StatusCode::TOO_MANY_REQUESTS,
                "Too many applications for one applicant",
            ),
            Self::AccessReason => ("access-reason", StatusCode::BAD_REQUEST, "Access reason missing"),
            Self::Page => ("page", StatusCode::BAD_REQUEST, "Invalid limit or after"),
            Self::IdempotencyKey => (
                "idempotency-key",
                StatusCode::BAD_REQUEST,
                "Idempotency key missing or invalid",
            ),
            Self::MediaType { .. } => (
                "media-type",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Wrong media type",
            ),
            Self::ContentCoding => (
                "content-coding",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "Body is compressed",
            ),
            Self::BrokenBody => ("broken-body", StatusCode::BAD_REQUEST, "Body is malformed"),
            Self::TooLarge { .. } => ("too-large", StatusCode::PAYLOAD_TOO_LARGE, "Content too large"),
            Self::TooManyRows { .. } => ("too-many-rows", StatusCode::PAYLOAD_TOO_LARGE, "Too many rows"),
            Self::HeadTooLarge { .. } => (
                "head-too-large",
                StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
                "Headers too large",
            ),
            Self::TooSlow => ("too-slow", StatusCode::REQUEST_TIMEOUT, "Request too slow"),
            Self::NotJson(_) => ("not-json", StatusCode::BAD_REQUEST, "Body is not valid JSON"),
            Self::Invalid(_) => (
                "invalid-application",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Application has mistakes",
            ),
            Self::Header(_) => (
                "file-header",
                StatusCode::UNPROCESSABLE_ENTITY,
                "File header has mistakes",
            ),
            Self::BatchPart => (
                "batch-part",
                StatusCode::BAD_REQUEST,
                "Invalid headers for a file part",
            ),
            Self::BatchParts(_) => (
                "batch-parts",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Receipts do not add up",
            ),
            Self::FileKind(_) => (
                "file-kind",
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "File type not supported",
            ),
            Self::TooManyBlanks { .. } => (
                "too-many-blanks",
                StatusCode::PAYLOAD_TOO_LARGE,
                "Too many blank lines",
            ),
            Self::NotFound => ("not-found", StatusCode::NOT_FOUND, "Not found"),
            Self::MethodNotAllowed => (
                "method-not-allowed",
                StatusCode::METHOD_NOT_ALLOWED,
                "Method not allowed",
            ),
            Self::Unavailable { .. } => (
                "unavailable",
                StatusCode::SERVICE_UNAVAILABLE,
                "Temporarily unavailable",
            ),
            Self::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR, "Internal error"),
        }
    }

    #[expect(clippy::too_many_lines, reason = "a table, one entry a problem")]
    fn detail(&self) -> String {
        match self {
            Self::TokenMissing => "send an access token in the header Authorization: Bearer".into(),
            Self::TokenRefused(error) => error.to_string(),
            Self::IdentityUnavailable => {
                "the service has no keys of the identity provider yet: send the same request again later".into()
            }
            Self::RoleNotAllowed => "callers with this role may not do this".into(),
            Self::NotOwnApplication => "citizens may apply for themselves only: the applicant's tax code must be the one in the token".into(),
            Self::ChannelClosed { opens_at: Some(_), .. } => {
                "this channel is closed for this benefit at the moment: send the same request again at opens_at".into()
            }
            Self::ChannelClosed { opens_at: None, .. } => {
                "this channel is closed for this benefit, and no opening date is set".into()
            }
            Self::TooManyRequests { .. } => {
                "this caller has sent too many requests: send the same request again after Retry-After".into()
            }
            Self::TooManyForApplicant { .. } => {
                "this organisation has reached the benefit's daily limit of applications for this applicant: send the \
                 same application again after Retry-After"
                    .into()
            }
            Self::AccessReason => {
                "send the header Access-Reason with 10 to 200 characters that say why you read this application: its \
                 holder will see them"
                    .into()
            }
            Self::IdempotencyKey => {
                "send the header Idempotency-Key with 1 to 255 visible ASCII characters, such as a random UUID, and the \
                 same key with each retry of the same application; put the key in double quotes if it has characters \
                 other than letters, digits and !#$%&'*+-.^_`|~:/="
                    .into()
            }
            Self::Page => {
                "limit must be a number from 1 to 100; after must be the value of next from the page before, unchanged".into()
            }
            Self::MediaType { expected } => format!("send the body as {expected}"),
            Self::ContentCoding => "send the body uncompressed, without Content-Encoding".into(),
            Self::BrokenBody => {
                "the body ends early or its chunks are malformed: send the same request again".into()
            }
            Self::TooLarge { limit } => format!("the body, or this row of it, may have at most {limit} bytes"),
            Self::TooManyRows { limit } => {
                format!("a file may have at most {limit} rows: this row and the rows after it were not read; send them in another file")
            }
            Self::TooSlow => "the whole request did not arrive in time: send the same request again".into(),
            Self::HeadTooLarge { limit } => format!("address and headers together may have at most {limit} bytes"),
            Self::NotJson(_) => "the body is not valid JSON: see violations for the place".into(),
            Self::Invalid(_) => "correct what violations lists and send the request again; nothing was accepted".into(),
            Self::Header(_) => {
                "correct the column names in the first line as violations says and send the file again; no row was accepted"
                    .into()
            }
            Self::BatchPart => {
                "for a part of a file, send both headers once: Batch-Part with the part's number from 1, followed by ;end \
                 for the last part, and Row-Offset with the number of rows in the file before the part; for a whole \
                 file, send neither"
                    .into()
            }
            Self::BatchParts(_) => {
                "the receipts do not add up: see violations for what is missing, and send all of them again".into()
            }
            Self::FileKind(_) => {
                "the file is neither JSON Lines nor CSV: save it as violations says and send it again; no row was accepted"
                    .into()
            }
            Self::TooManyBlanks { limit } => format!(
                "more than {limit} bytes of the file hold no row: delete blank lines or end the unfinished line, and send \
                 the file again"
            ),
            Self::NotFound => "this address does not exist, or this caller may not see it".into(),
            Self::MethodNotAllowed => "this address does not support this method: see the header Allow".into(),
            Self::Unavailable { .. } => {
                "the request may not have been accepted: send it again with the same key after Retry-After"
                    .into()
            }
            Self::Internal => "the error was logged: send the same request again later".into(),
        }
    }

    /// Returns the problem document.
    #[must_use]
    pub fn document(&self) -> ProblemDocument {
        let (name, status, title) = self.kind();
        let opens_at = if let Self::ChannelClosed { opens_at, .. } = self {
            *opens_at
        } else {
            None
        };
        ProblemDocument {
            r#type: format!("urn:sportello:problem:{name}"),
            title,
            status: status.as_u16(),
            detail: self.detail(),
            opens_at,
            violations: self.violations().to_vec(),
        }
    }

    fn violations(&self) -> &[LocalisedViolation] {
        match self {
            Self::NotJson(violations)
            | Self::Invalid(violations)
            | Self::Header(violations)
            | Self::BatchParts(violations)
            | Self::FileKind(violations) => violations,
            Self::TokenMissing
            | Self::TokenRefused(_)
            | Self::IdentityUnavailable
            | Self::RoleNotAllowed
            | Self::NotOwnApplication
            | Self::ChannelClosed { .. }
            | Self::TooManyRequests { .. }
            | Self::TooManyForApplicant { .. }
            | Self::AccessReason
            | Self::IdempotencyKey
            | Self::Page
            | Self::MediaType { .. }
            | Self::ContentCoding
            | Self::BrokenBody
            | Self::TooLarge { .. }
            | Self::TooManyRows { .. }
            | Self::TooManyBlanks { .. }
            | Self::BatchPart
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
            .content_type("application/problem+json")
            .json(self.document())
    }
}
