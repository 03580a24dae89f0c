//! `GET /v1/dead-letters`

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use sportello_domain::BenefitId;
use sportello_http::{OperatorProblems, Problem};
use sportello_store::LetterFilter;
use utoipa::IntoParams;
use uuid::Uuid;

use crate::operator::Operator;
use crate::paging::PagingQuery;
use crate::parts::{Parts, problem};
use crate::views::dead_letters::{DeadLetter, DeadLetters};

/// Which letters are shown: those that all given filters select.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct LettersQuery {
    /// Those in this state.
    #[param(
        max_length = 32,
        pattern = "^(open|requeue_asked|sent|settled|returned|discarded)$"
    )]
    state: Option<String>,
    /// Those with this reason.
    #[param(max_length = 64, pattern = "^[a-z_]+$", example = "unknown_benefit")]
    reason: Option<String>,
    /// Those of this benefit.
    #[param(max_length = 64, pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$")]
    benefit: Option<String>,
    /// Those of this application.
    application: Option<Uuid>,
    /// Those that became dead letters at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Those that became dead letters before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

impl LettersQuery {
    fn filter(&self) -> Result<LetterFilter, Problem> {
        let state = self.state.as_deref().map(str::parse).transpose();
        let reason = self.reason.as_deref().map(str::parse).transpose();
        let benefit = self.benefit.as_deref().map(BenefitId::parse).transpose();
        Ok(LetterFilter {
            state: state.map_err(|_| Problem::Query)?,
            reason: reason.map_err(|_| Problem::Query)?,
            benefit: benefit.map_err(|_| Problem::Query)?,
            application_id: self.application.map(Into::into),
            from: self.from,
            until: self.to,
            ..LetterFilter::default()
        })
    }
}

/// Lists dead letters, those that became one last first.
///
/// Without their contents, and without anything that leads to a person but the application's id.
#[utoipa::path(
    get,
    path = "/v1/dead-letters",
    operation_id = "list_letters",
    tag = "operation",
    params(LettersQuery, PagingQuery),
    responses((status = 200, description = "A page of the letters", body = DeadLetters), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_letters(
    request: HttpRequest,
    _: Operator,
    parts: Data<Parts>,
) -> Result<HttpResponse, Problem> {
    let query = Query::<LettersQuery>::from_query(request.query_string()).map_err(|_| Problem::Query)?;
    let page = Query::<PagingQuery>::from_query(request.query_string()).map_err(|_| Problem::Page)?;
    let (filter, page) = (query.filter()?, page.paging()?);
    let letters = parts.store.dead_letters(&filter, page.size, page.after).await;
    let letters = letters.map_err(problem)?;
    let selected = parts
        .store
        .selected_dead_letters(&filter)
        .await
        .map_err(problem)?;
    Ok(HttpResponse::Ok().json(DeadLetters {
        items: letters.items.into_iter().map(DeadLetter::from).collect(),
        next: letters.next.map(|cursor| cursor.to_string()),
        selected,
    }))
}
