//! `GET /v1/requeue-jobs`

use actix_web::HttpResponse;
use actix_web::web::Data;
use sportello_http::{OperatorProblems, Problem};
use sportello_store::PageSize;

use crate::operator::Operator;
use crate::parts::{Parts, problem};
use crate::views::requeue_jobs::{RequeueJob, RequeueJobs};

/// Lists the last 100 requeue jobs, the newest first.
#[utoipa::path(
    get,
    path = "/v1/requeue-jobs",
    operation_id = "list_requeue_jobs",
    tag = "operation",
    responses((status = 200, description = "The jobs", body = RequeueJobs), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_requeue_jobs(_: Operator, parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    let jobs = parts
        .store
        .requeue_jobs(PageSize::LARGEST, None)
        .await
        .map_err(problem)?;
    Ok(HttpResponse::Ok().json(RequeueJobs {
        items: jobs.items.into_iter().map(RequeueJob::from).collect(),
    }))
}
