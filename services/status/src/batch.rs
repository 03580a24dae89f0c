//! `GET /v1/batches/{id}`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use sportello_domain::{BatchId, Outcome};
use sportello_http::{Bearer, HolderProblems, Problem};
use sportello_store::BatchTally;
use utoipa::{IntoParams, ToSchema};

use crate::application::receipt;
use crate::batch_lookup::BatchLookup;

/// What became of the applications that were sent at once.
///
/// A key that was used in two rows makes one application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub(crate) struct BatchView {
    /// The batch's id.
    #[schema(value_type = uuid::Uuid)]
    id: BatchId,
    /// Rows that were accepted, as the receipt says; not there without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100_000)]
    accepted: Option<u32>,
    /// Accepted rows that are not on the register yet; not there without the receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100_000)]
    queued: Option<u32>,
    /// Applications that stand.
    #[schema(minimum = 0, maximum = 100_000)]
    registered: u64,
    /// Applications in whose place an earlier one for the same benefit stands.
    #[schema(minimum = 0, maximum = 100_000)]
    duplicate: u64,
    /// Applications in whose place one for a benefit stands that excludes theirs.
    #[schema(minimum = 0, maximum = 100_000)]
    incompatible: u64,
    /// Applications that stand with reservation: the budget does not cover them.
    #[schema(minimum = 0, maximum = 100_000)]
    reserve: u64,
    /// Applications that do not count.
    #[schema(minimum = 0, maximum = 100_000)]
    refused: u64,
}

impl BatchView {
    fn new(id: BatchId, tally: &BatchTally, accepted: Option<u32>) -> Self {
        let found = u32::try_from(tally.rows).unwrap_or(u32::MAX);
        Self {
            id,
            accepted,
            queued: accepted.map(|accepted| accepted.saturating_sub(found)),
            registered: tally.of(Outcome::Registered),
            duplicate: tally.of(Outcome::Duplicate),
            incompatible: tally.of(Outcome::Incompatible),
            reserve: tally.of(Outcome::Reserve),
            refused: tally.of(Outcome::Refused),
        }
    }
}

/// Counts what became of a batch.
///
/// For the intermediary that sent it. With the receipt of the batch in the header `Receipt` also before any of it is on
/// the register, and with how many are still queued. What is not kept any more is not counted, and the receipt of a batch
/// with such an application counts no more. For anybody else the answer is that of an id that does not exist.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}",
    operation_id = "find_batch",
    tag = "batches",
    params(("id" = uuid::Uuid, Path, description = "The batch's id"), ApiDocBatchReceipt),
    responses((status = 200, description = "How many there are of each status", body = BatchView), HolderProblems),
    security(("bearer" = []))
)]
pub(crate) async fn find_batch(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<BatchLookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let batch = lookup.batch(&caller, &id, receipt(&request))?;
    let (tally, accepted) = lookup.tally(&batch).await?;
    Ok(HttpResponse::Ok().json(BatchView::new(batch.id, &tally, accepted)))
}

/// The header of both operations.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocBatchReceipt {
    /// The receipt of the batch: a JWS in compact form.
    #[param(
        rename = "Receipt",
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
    )]
    receipt: Option<String>,
}
