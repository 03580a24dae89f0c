//! `GET /v1/requeue-jobs/{job}`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use sportello_http::{OperatorProblems, Problem};

use crate::letters::{job, job_answer, job_id};
use crate::operator::Operator;
use crate::parts::Parts;
use crate::views::requeue_jobs::RequeueJob;

/// Shows a requeue job, with its results so far.
#[utoipa::path(
    get,
    path = "/v1/requeue-jobs/{job}",
    operation_id = "show_requeue_job",
    tag = "operation",
    params(("job" = uuid::Uuid, Path, description = "The job's id")),
    responses(
        (status = 200, description = "The job", body = RequeueJob, headers(
            ("ETag" = String, description = "The version, for If-Match"),
        )),
        OperatorProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn show_requeue_job(
    _: Operator,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(job_answer(job(&parts.store, job_id(&id)?).await?))
}
