//! The lines of the answer.

use actix_web::web::Bytes;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use sportello_domain::{ApplicationId, BatchId, CatalogueVersion, LocalisedViolation};
use sportello_http::{ApiDocProblem, ApiDocViolation, Problem};
use utoipa::ToSchema;

use crate::acceptance::Accepted;

/// Most violations that a line tells: one line must not grow without end.
const VIOLATIONS: usize = 100;

/// The line of a row whose application was accepted.
#[derive(Serialize, ToSchema)]
#[schema(as = AcceptedRow)]
pub(crate) struct AcceptedRow {
    /// The row, from 1.
    #[schema(minimum = 1, maximum = 100_000)]
    row: u32,
    /// The application's id; the same row sent again has the same.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// When it was accepted: the instant that counts, however late it is registered.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// The application's own receipt, as if it had come alone.
    #[schema(
        value_type = String,
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+~[A-Za-z0-9_-]+~$"
    )]
    receipt: Box<RawValue>,
    /// The version of the benefit's declaration that the content was checked against.
    #[schema(value_type = String, max_length = 16, pattern = "^[0-9a-f]{16}$")]
    catalogue_version: CatalogueVersion,
    /// What may be a slip, such as a name that does not fit the tax code. It does not count against the application.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Option<Vec<ApiDocViolation>>, max_items = 100)]
    warnings: Vec<LocalisedViolation>,
}

/// The last line, where every row has an answer.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchEnd {
    /// The batch.
    pub(super) batch: BatchCounts,
}

/// How the rows of a batch ended.
#[derive(Serialize, ToSchema)]
pub(crate) struct BatchCounts {
    /// The batch's id; the same `Idempotency-Key` has the same.
    #[schema(value_type = uuid::Uuid)]
    pub(super) id: BatchId,
    /// Rows that it had.
    #[schema(minimum = 1, maximum = 100_000)]
    pub(super) rows: u32,
    /// Rows whose application was accepted.
    #[schema(minimum = 0, maximum = 100_000)]
    pub(super) accepted: u32,
    /// Rows with a problem.
    #[schema(minimum = 0, maximum = 100_000)]
    pub(super) refused: u32,
    /// The batch's receipt: a JWS in compact form. Proves how many rows were accepted; asks the status service.
    #[schema(
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
    )]
    pub(super) receipt: String,
}

/// The line of a row with a problem; where the answer had to end early, its last line.
#[derive(ToSchema)]
#[schema(as = RefusedRow)]
#[expect(dead_code, reason = "describes a line in the OpenAPI document")]
pub(crate) struct ApiDocRefusedRow {
    /// The row, from 1.
    #[schema(minimum = 1, maximum = 100_001)]
    row: u32,
    /// What is wrong with it.
    problem: ApiDocProblem,
}

/// A line of the answer: of an accepted row, of a row with a problem, or the last one.
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

fn line(value: &impl Serialize) -> Bytes {
    // fails for maps whose keys are no texts, of which there are none
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line.into()
}
