//! `GET /v1/requeue-jobs/{job}/letters`

use std::str::FromStr;

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use sportello_http::{OperatorProblems, Problem};

use crate::letters::{job, job_id};
use crate::operator::Operator;
use crate::paging::PagingQuery;
use crate::parts::{Parts, problem};
use crate::views::requeue_jobs::{JobLetter, JobLetters};

/// A place in a job's list, written as 16 hexadecimal digits.
struct Position(i32);

impl FromStr for Position {
    type Err = std::num::ParseIntError;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        i32::from_str_radix(text, 16).map(Self)
    }
}

/// Lists the letters of a requeue job, each with its result.
#[utoipa::path(
    get,
    path = "/v1/requeue-jobs/{job}/letters",
    operation_id = "list_job_letters",
    tag = "operation",
    params(("job" = uuid::Uuid, Path, description = "The job's id"), PagingQuery),
    responses((status = 200, description = "A page of the letters", body = JobLetters), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_job_letters(
    request: HttpRequest,
    _: Operator,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let id = job_id(&id)?;
    let page = Query::<PagingQuery>::from_query(request.query_string()).map_err(|_| Problem::Page)?;
    let page = page.paging::<Position>()?;
    job(&parts.store, id).await?;
    let after = page.after.map(|position| position.0);
    let letters = parts.store.requeue_job_letters(id, page.size, after).await;
    let letters = letters.map_err(problem)?;
    let items = letters.items.into_iter().map(|letter| JobLetter {
        letter: letter.letter.into(),
        result: letter.result.as_str(),
    });
    Ok(HttpResponse::Ok().json(JobLetters {
        items: items.collect(),
        next: letters.next.map(|position| format!("{position:016x}")),
    }))
}
