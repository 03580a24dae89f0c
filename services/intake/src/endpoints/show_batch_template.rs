//! `GET /v1/benefits/{id}/batch-template`

use actix_web::web::{Data, Path, Query};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use sportello_domain::{BenefitId, CategoryId, Violation};
use sportello_http::{ApiDocReader, Problem, PublicChoiceProblems, Reader};
use utoipa::ToSchema;

use crate::pages::{ApiDocIfNoneMatch, Pages};

/// The query: one of the benefit's forms.
#[derive(Deserialize)]
pub(crate) struct Choice {
    category: Option<String>,
}

/// A CSV file (RFC 4180) in UTF-8 with a byte order mark, semicolons between the cells: the names
/// of the columns, and an example. The example is refused if it is sent unchanged, since its
/// `idempotency_key` is not valid.
#[derive(ToSchema)]
#[schema(
    as = BatchTemplate,
    max_length = 1_000_000,
    pattern = "^\\ufeff?idempotency_key;",
    example = "idempotency_key;/benefit;/category;/mandate;/applicant/tax_code"
)]
#[expect(dead_code, reason = "describes the file in the OpenAPI document")]
pub(crate) struct ApiDocBatchTemplate(String);

/// Makes a table to fill in.
///
/// For sending many applications as CSV: a column for each field that an application for this
/// benefit, in this category, can have, and an invented application as an example. The same for
/// every caller. No token is needed.
#[utoipa::path(
    get,
    path = "/v1/benefits/{id}/batch-template",
    operation_id = "show_batch_template",
    tag = "benefits",
    params(
        ("id" = String, Path, description = "The benefit's id", max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "indemnity-march-2020"),
        ("category" = Option<String>, Query, description = "The category's id: required where the benefit has several",
            max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "farm-workers"),
        ApiDocIfNoneMatch,
        ApiDocReader,
    ),
    responses(
        (status = 200, description = "The table", body = ApiDocBatchTemplate, content_type = "text/csv", headers(
            ("ETag" = String, description = "The version of the table"),
            ("Cache-Control" = String, description = "`public, max-age=60`: any cache may keep it for a minute"),
            ("Content-Disposition" = String, description = "A name for the file"),
        )),
        (status = 304, description = "Unchanged since the caller's version"),
        PublicChoiceProblems,
    ),
    security(())
)]
pub(crate) async fn show_batch_template(
    request: HttpRequest,
    pages: Data<Pages>,
    id: Path<String>,
    Reader(language): Reader,
) -> Result<HttpResponse, Problem> {
    let problem = |violation| Problem::of_violations(vec![violation], language);
    let id = BenefitId::parse(&id).map_err(|_| Problem::NotFound)?;
    let pages = pages.current();
    let templates = pages.templates.get(&id).ok_or(Problem::NotFound)?;
    let category = category(&request).map_err(problem)?;
    let page = templates.get(category.as_ref()).map_err(problem)?;
    Ok(page.answer(&request))
}

fn category(request: &HttpRequest) -> Result<Option<CategoryId>, Violation> {
    let text = match Query::<Choice>::from_query(request.query_string()) {
        Ok(Query(Choice { category })) => category,
        // such as two queries of the same name
        Err(_) => Some(String::new()),
    };
    let category = text.as_deref().map(CategoryId::parse).transpose();
    category.map_err(|error| Violation::new(["category"], error.code(), error.text()))
}
