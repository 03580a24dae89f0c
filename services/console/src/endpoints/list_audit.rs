//! `GET /v1/audit`

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Deserialize;
use sportello_http::{OperatorProblems, Problem};
use sportello_store::AuditFilter;
use utoipa::IntoParams;

use crate::operator::Operator;
use crate::paging::PagingQuery;
use crate::parts::{Parts, problem};
use crate::views::audit::{Audit, AuditEntry};

/// Which entries are shown.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AuditQuery {
    /// Those at this instant or later.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Those before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Those of this action.
    #[param(max_length = 64, pattern = "^[a-z_]+$", example = "set_workers")]
    action: Option<String>,
}

impl AuditQuery {
    pub(crate) fn filter(self) -> AuditFilter {
        AuditFilter {
            from: self.from,
            to: self.to,
            action: self.action,
        }
    }
}

/// Lists what operators did, the newest first.
///
/// Who, what, when and why. Entries are only added: not even the console's own user of the database
/// may change or delete one.
#[utoipa::path(
    get,
    path = "/v1/audit",
    operation_id = "list_audit",
    tag = "operation",
    params(AuditQuery, PagingQuery),
    responses((status = 200, description = "A page of the audit", body = Audit), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_audit(
    request: HttpRequest,
    _: Operator,
    parts: Data<Parts>,
) -> Result<HttpResponse, Problem> {
    let filter = Query::<AuditQuery>::from_query(request.query_string()).map_err(|_| Problem::Query)?;
    let page = Query::<PagingQuery>::from_query(request.query_string()).map_err(|_| Problem::Page)?;
    let page = page.paging()?;
    let filter = filter.into_inner().filter();
    let entries = parts.store.audit_entries(&filter, page.size, page.after).await;
    let entries = entries.map_err(problem)?;
    Ok(HttpResponse::Ok().json(Audit {
        items: entries.items.into_iter().map(AuditEntry::from).collect(),
        next: entries.next.map(|cursor| cursor.to_string()),
    }))
}
