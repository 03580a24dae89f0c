//! The lines of the answer.

use actix_web::web::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sportello_domain::{
    ApplicationId, BatchId, BatchParts, BatchReceipt, CatalogueVersion, LocalisedViolation,
};
use sportello_http::{ApiDocProblem, ApiDocViolation, Problem};
use utoipa::ToSchema;

use crate::accept::Accepted;

/// Most violations in a line, which bounds its length.
const VIOLATIONS: usize = 100;

/// The line of a row whose application was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedRow)]
pub(crate) struct AcceptedRow {
    /// The row, from 1.
    #[schema(minimum = 1, maximum = 100_000)]
    row: u32,
    /// The application's id; the same row sent again has the same id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// Instant of acceptance, which decides, however late the application is registered.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The application's own receipt, as if it had come alone.
    #[schema(
        value_type = String,
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+~[A-Za-z0-9_-]+~$"
    )]
    receipt: Box<RawValue>,
    /// The version of the benefit's file that validated the content.
    #[schema(value_type = String, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    catalogue_version: CatalogueVersion,
    /// Possible slips, such as a name that does not fit the tax code. They do not count against the
    /// application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<ApiDocViolation>>, max_items = 100)]
    warnings: Vec<LocalisedViolation>,
}

/// The last line, where every row has an answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchEnd {
    /// The batch.
    batch: BatchCounts,
}

/// The counts of a batch, or of parts of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchCounts {
    /// The batch's id; the same `Idempotency-Key` gives the same id.
    #[schema(value_type = uuid::Uuid)]
    id: BatchId,
    /// Rows of the batch.
    #[schema(minimum = 0, maximum = 100_000)]
    rows: u32,
    /// Rows whose application was accepted.
    #[schema(minimum = 0, maximum = 100_000)]
    accepted: u32,
    /// Rows with a problem.
    #[schema(minimum = 0, maximum = 100_000)]
    refused: u32,
    /// The parts that these rows are of, where the file comes in parts.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<ApiDocParts>)]
    parts: Option<BatchParts>,
    /// The batch's receipt: a JWS in compact form. It proves how many rows were accepted and gives
    /// access to the status service.
    #[schema(
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
    )]
    receipt: String,
}

/// Parts of a file that follow each other, numbered from 1.
#[derive(ToSchema)]
#[schema(as = BatchParts)]
#[expect(dead_code, reason = "describes `BatchParts` in the OpenAPI document")]
pub(crate) struct ApiDocParts {
    /// The first of them.
    #[schema(minimum = 1, maximum = 100_000)]
    first: u32,
    /// The last of them.
    #[schema(minimum = 1, maximum = 100_000)]
    last: u32,
    /// Whether the file ends with the last of them.
    end: bool,
    /// The file's row that the first part begins with, from 1.
    #[schema(minimum = 1, maximum = 100_001)]
    first_row: u32,
    /// The file's row that the last part ends with; for an empty part, the row before its first.
    #[schema(minimum = 0, maximum = 100_000)]
    last_row: u32,
}

impl BatchEnd {
    /// Joins the signed receipt with its counts.
    pub(super) fn new(counted: &BatchReceipt, receipt: String) -> Self {
        Self {
            batch: BatchCounts {
                id: counted.batch_id,
                rows: counted.rows,
                accepted: counted.accepted,
                refused: counted.rows.saturating_sub(counted.accepted),
                parts: counted.parts,
                receipt,
            },
        }
    }
}

/// The line of a row with a problem; where the answer had to end early, its last line.
#[derive(ToSchema)]
#[schema(as = RefusedRow)]
#[expect(dead_code, reason = "describes a line in the OpenAPI document")]
pub(crate) struct ApiDocRefusedRow {
    /// The row, from 1.
    #[schema(minimum = 1, maximum = 100_001)]
    row: u32,
    /// The problem of the row.
    problem: ApiDocProblem,
}

/// A line of the answer: of an accepted row, of a row with a problem, or the last line.
#[derive(ToSchema)]
#[schema(as = BatchLine)]
#[expect(dead_code, reason = "describes a line in the OpenAPI document")]
#[serde(untagged)]
pub(crate) enum ApiDocLine {
    Accepted(AcceptedRow),
    Refused(ApiDocRefusedRow),
    End(BatchEnd),
}

#[derive(Serialize)]
struct RefusedRow {
    row: u32,
    problem: Value,
}

pub(super) fn accepted(row: u32, accepted: Accepted) -> Bytes {
    line(&AcceptedRow {
        row,
        id: accepted.id,
        received_at: accepted.received_at,
        receipt: accepted.receipt,
        catalogue_version: accepted.catalogue_version,
        warnings: accepted.warnings,
    })
}

pub(super) fn refused(row: u32, problem: &Problem) -> Bytes {
    let mut document = problem.document();
    if let Some(Value::Array(violations)) = document.get_mut("violations") {
        violations.truncate(VIOLATIONS);
    }
    line(&RefusedRow {
        row,
        problem: document,
    })
}

pub(super) fn end(end: &BatchEnd) -> Bytes {
    line(end)
}

#[expect(
    clippy::expect_used,
    reason = "an empty line would leave a row without its answer"
)]
fn line(value: &impl Serialize) -> Bytes {
    let mut line = serde_json::to_vec(value).expect("an answer has no maps whose keys are not text");
    line.push(b'\n');
    line.into()
}
