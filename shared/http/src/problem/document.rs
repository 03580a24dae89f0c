//! The problem document (RFC 9457), and its description in the OpenAPI documents.

use serde_json::{Value, json};
use sportello_domain::LocalisedViolation;
use utoipa::ToSchema;

use super::Problem;

/// A problem document (RFC 9457), as `application/problem+json`.
#[derive(ToSchema)]
#[schema(as = Problem)]
#[expect(dead_code, reason = "describes `Problem` in the OpenAPI document")]
pub struct ApiDocProblem {
    /// The kind of problem: `urn:sportello:problem:` and its name. Stable, for programs.
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
    /// What is wrong and what to do.
    #[schema(max_length = 500, pattern = "^.+$")]
    detail: String,
    /// When the channel opens, if it is closed and an opening date is set.
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Option<String>,
    /// The mistakes, if the content has any.
    #[schema(max_items = 1000)]
    violations: Option<Vec<ApiDocViolation>>,
}

/// One mistake in the content.
#[derive(ToSchema)]
#[schema(as = Violation)]
#[expect(dead_code, reason = "describes `Violation` in the OpenAPI document")]
pub struct ApiDocViolation {
    /// The place of the mistake, as a JSON pointer (RFC 6901).
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
    /// Returns the problem document as JSON.
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
}
