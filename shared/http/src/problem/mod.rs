//! Every error that a caller can get, as a problem document (RFC 9457).

mod answer;
mod detail;
mod document;
mod kind;
mod responses;
#[cfg(test)]
mod tests;

use jiff::Timestamp;
use sportello_domain::{Language, LocalisedViolation, Violation};
use sportello_identity::TokenError;

pub use document::ProblemDocument;
pub(crate) use responses::component;
pub use responses::{
    ChangeProblems, HolderProblems, ItemSenderProblems, OperatorProblems, PageProblems, PublicChoiceProblems,
    PublicItemProblems, PublicProblems, RequestProblems, SenderProblems,
};

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
    /// Another query parameter is invalid.
    Query,
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
    /// A request for a change has mistakes.
    Unfit(Vec<LocalisedViolation>),
    /// The idempotency key belongs to another request.
    KeyReused,
    /// A change comes without the version that its author saw.
    VersionMissing,
    /// What is to be changed was changed after its author saw it.
    Stale,
    /// What is to be changed is in a state that does not allow it.
    WrongState,
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

    /// Returns the problem for a request for a change with these violations, in the caller's
    /// language.
    #[must_use]
    pub fn of_change(violations: Vec<Violation>, language: Language) -> Self {
        let violations = violations
            .into_iter()
            .map(|violation| violation.localised(language));
        Self::Unfit(violations.collect())
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
}
