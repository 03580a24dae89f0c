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

/// The outcomes of a batch's applications.
///
/// `accepted` is the sum of all the other counts. A key used in two rows makes one application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Batch)]
pub(crate) struct BatchView {
    /// The batch's id.
    #[schema(value_type = uuid::Uuid)]
    id: BatchId,
    /// Accepted rows, as the receipt says. Absent without a receipt and with a receipt of parts
    /// only.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100_000)]
    accepted: Option<u32>,
    /// Accepted rows that no worker has settled yet; absent where `accepted` is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 0, maximum = 100_000)]
    queued: Option<u32>,
    /// Applications that stand.
    #[schema(minimum = 0, maximum = 100_000)]
    registered: u64,
    /// Applications replaced by an earlier one for the same benefit.
    #[schema(minimum = 0, maximum = 100_000)]
    duplicate: u64,
    /// Applications replaced by one for a benefit that excludes theirs.
    #[schema(minimum = 0, maximum = 100_000)]
    incompatible: u64,
    /// Applications that stand with reservation: the budget does not cover them.
    #[schema(minimum = 0, maximum = 100_000)]
    reserve: u64,
    /// Applications that were refused.
    #[schema(minimum = 0, maximum = 100_000)]
    refused: u64,
    /// Contents whose key belongs to another content, received earlier. Send them again under a new
    /// key.
    #[schema(minimum = 0, maximum = 100_000)]
    conflict: u64,
    /// Applications withdrawn by a holder.
    #[schema(minimum = 0, maximum = 100_000)]
    withdrawn: u64,
    /// Rows with key and content of an earlier row, which make one application with it.
    #[schema(minimum = 0, maximum = 100_000)]
    repeated: u64,
    /// Rows that could not be registered and are kept whole: the office examines them.
    #[schema(minimum = 0, maximum = 100_000)]
    dead_lettered: u64,
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
            conflict: tally.of(Outcome::Conflict),
            withdrawn: tally.of(Outcome::Withdrawn),
            repeated: tally.repeated,
            dead_lettered: tally.dead_lettered,
        }
    }
}

/// Counts a batch's applications by outcome.
///
/// For the intermediary that sent it. With the batch's receipt in the header `Receipt` the answer
/// also counts the rows that are still queued, even before any row is registered. A receipt of
/// parts gives access to the batch, but adds no counts.
///
/// Applications past their retention are not counted, and the receipt of a batch with such an
/// application has no effect any more. Every other caller gets the answer for an id that does not
/// exist.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}",
    operation_id = "find_batch",
    tag = "batches",
    params(("id" = uuid::Uuid, Path, description = "The batch's id"), ApiDocBatchReceipt),
    responses((status = 200, description = "The number of applications with each outcome", body = BatchView), HolderProblems),
    security(("bearer" = []))
)]
pub(crate) async fn find_batch(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<BatchLookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let batch = lookup.batch(&caller, &id, receipt(&request)).await?;
    let (tally, accepted) = lookup.tally(&batch).await?;
    Ok(HttpResponse::Ok().json(BatchView::new(batch.id, &tally, accepted)))
}

/// The header of both operations.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
pub(crate) struct ApiDocBatchReceipt {
    /// The receipt of the batch, or of parts of it: a JWS in compact form.
    #[param(
        rename = "Receipt",
        max_length = 4096,
        pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
    )]
    receipt: Option<String>,
}
