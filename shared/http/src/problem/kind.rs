//! The name, the status and the title of each problem.

use std::fmt;

use actix_web::http::StatusCode;

use super::Problem;

impl Problem {
    /// Returns the problem's name, status and title.
    #[expect(clippy::too_many_lines, reason = "a table, one entry a problem")]
    pub(super) fn kind(&self) -> (&'static str, StatusCode, &'static str) {
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
            Self::Query => ("query", StatusCode::BAD_REQUEST, "Invalid query"),
            Self::Unfit(_) => (
                "invalid-request",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Request has mistakes",
            ),
            Self::KeyReused => (
                "key-reused",
                StatusCode::UNPROCESSABLE_ENTITY,
                "Idempotency key used before",
            ),
            Self::VersionMissing => (
                "version-missing",
                StatusCode::PRECONDITION_REQUIRED,
                "Version missing",
            ),
            Self::Stale => (
                "stale-version",
                StatusCode::PRECONDITION_FAILED,
                "Changed meanwhile",
            ),
            Self::WrongState => ("wrong-state", StatusCode::CONFLICT, "Not possible in this state"),
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
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind().0)
    }
}
