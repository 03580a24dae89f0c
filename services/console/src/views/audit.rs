//! The audit: who did what, when and why.

use jiff::Timestamp;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of the audit, the newest first.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Audit {
    /// A page of the list.
    #[schema(max_items = 100)]
    pub items: Vec<AuditEntry>,
    /// Value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    pub next: Option<String>,
}

/// An entry of the audit: it is never changed or deleted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AuditEntry {
    /// Number of the entry.
    pub entry: i64,
    /// Instant.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// The operator's name at the identity provider.
    #[schema(max_length = 255, pattern = "^.+$", example = "a.neri")]
    pub by: String,
    /// What was done.
    #[schema(max_length = 64, pattern = "^[a-z_]+$", example = "set_workers")]
    pub action: String,
    /// To what: `workers`, `indemnity-march-2020/citizen`, or the number of a letter or a job.
    #[schema(max_length = 200, pattern = "^.+$")]
    pub object: String,
    /// How many objects it changed.
    pub count: i64,
    /// What it was set to, in words for programs; absent where nothing is set.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 500, pattern = "^.+$")]
    pub value: Option<String>,
    /// The reason, in the operator's own words.
    #[schema(min_length = 10, max_length = 200, pattern = "^.+$")]
    pub reason: String,
}

impl From<sportello_store::AuditEntry> for AuditEntry {
    fn from(entry: sportello_store::AuditEntry) -> Self {
        Self {
            entry: entry.entry,
            at: entry.at,
            by: entry.operator,
            action: entry.action,
            object: entry.object,
            count: entry.objects,
            value: entry.value,
            reason: entry.reason,
        }
    }
}
