//! `GET /v1/dead-letters/{letter}`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use sportello_http::{OperatorProblems, Problem};

use crate::letters::{letter, letter_answer, letter_id};
use crate::operator::Operator;
use crate::parts::Parts;
use crate::views::dead_letters::DeadLetter;

/// Shows a dead letter without its content.
#[utoipa::path(
    get,
    path = "/v1/dead-letters/{letter}",
    operation_id = "show_letter",
    tag = "operation",
    params(("letter" = uuid::Uuid, Path, description = "The letter's id")),
    responses(
        (status = 200, description = "The letter", body = DeadLetter, headers(
            ("ETag" = String, description = "The version, for If-Match"),
        )),
        OperatorProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn show_letter(
    _: Operator,
    parts: Data<Parts>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(letter_answer(letter(&parts.store, letter_id(&id)?).await?))
}
