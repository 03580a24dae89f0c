//! Who changed something.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// Who changed something, when and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Change {
    /// The operator's name at the identity provider.
    #[schema(max_length = 255, pattern = "^.+$", example = "a.neri")]
    pub by: String,
    /// The instant.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The reason, in the operator's own words.
    #[schema(min_length = 10, max_length = 200, pattern = "^.+$")]
    pub reason: String,
}
