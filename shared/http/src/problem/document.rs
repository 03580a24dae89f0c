//! The problem document (RFC 9457), as it is sent and as the OpenAPI documents describe it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use sportello_domain::LocalisedViolation;
use utoipa::ToSchema;

use super::Problem;

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

    /// Returns the problem document as JSON.
    pub(crate) fn body(&self) -> String {
        json!(self.document()).to_string()
    }

    fn violations(&self) -> &[LocalisedViolation] {
        match self {
            Self::NotJson(violations)
            | Self::Invalid(violations)
            | Self::Unfit(violations)
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
            | Self::Query
            | Self::KeyReused
            | Self::VersionMissing
            | Self::Stale
            | Self::WrongState
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
}
