//! The lines of the answer.

use actix_web::web::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use sportello_domain::{
    ApplicationId, BatchId, BatchParts, BatchReceipt, CatalogueVersion, LocalisedViolation,
};
use sportello_http::{Problem, ProblemDocument};
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
    #[schema(value_type = Option<Vec<LocalisedViolation>>, max_items = 100)]
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
    parts: Option<BatchParts>,
    /// The batch's receipt: a JWS in compact form. It proves how many rows were accepted and gives
    /// access to the status service.
    #[schema(
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
    )]
    receipt: String,
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
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedRow {
    /// The row, from 1.
    #[schema(minimum = 1, maximum = 100_001)]
    row: u32,
    /// The problem of the row.
    problem: ProblemDocument,
}

/// A line of the answer: of an accepted row, of a row with a problem, or the last line.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum BatchLine {
    Accepted(AcceptedRow),
    Refused(RefusedRow),
    End(BatchEnd),
}

pub(super) fn accepted(row: u32, accepted: Accepted) -> Bytes {
    line(&BatchLine::Accepted(AcceptedRow {
        row,
        id: accepted.id,
        received_at: accepted.received_at,
        receipt: accepted.receipt,
        catalogue_version: accepted.catalogue_version,
        warnings: accepted.warnings,
    }))
}

pub(super) fn refused(row: u32, problem: &Problem) -> Bytes {
    let mut problem = problem.document();
    problem.violations.truncate(VIOLATIONS);
    line(&BatchLine::Refused(RefusedRow { row, problem }))
}

pub(super) fn end(end: BatchEnd) -> Bytes {
    line(&BatchLine::End(end))
}

#[expect(
    clippy::expect_used,
    reason = "an empty line would leave a row without its answer"
)]
fn line(answer: &BatchLine) -> Bytes {
    let mut line = serde_json::to_vec(answer).expect("an answer has no maps whose keys are not text");
    line.push(b'\n');
    line.into()
}
