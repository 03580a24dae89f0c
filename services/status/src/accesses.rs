//! `GET /v1/applications/{id}/accesses`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use sportello_http::{Bearer, PageProblems, Problem};
use sportello_store::Access;
use utoipa::ToSchema;

use crate::lookup::Lookup;
use crate::paging::{Paging, PagingQuery};

/// The journal of an application: who read it, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessList)]
pub(crate) struct AccessesView {
    /// A page of the journal.
    #[schema(max_items = 100)]
    items: Vec<AccessView>,
    /// Value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    next: Option<String>,
}

/// One read of the application.
#[derive(Serialize, ToSchema)]
#[schema(as = Access)]
struct AccessView {
    /// Instant of the read.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// Role of the reader: `applicant`, `submitter` or `operator`.
    #[schema(example = "applicant", max_length = 64, pattern = "^[a-z_]+$")]
    role: &'static str,
    /// Operation: `find` (the application), `list` (its line in a list) or `content` (its content).
    #[schema(example = "find", max_length = 64, pattern = "^[a-z_]+$")]
    operation: &'static str,
    /// Reason, in an operator's own words.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 10, max_length = 200, pattern = "^.+$")]
    reason: Option<String>,
}

impl std::fmt::Debug for AccessView {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "AccessView({}, {}, ***)", self.role, self.operation)
    }
}

impl From<Access> for AccessView {
    fn from(access: Access) -> Self {
        Self {
            at: access.at,
            role: access.role.as_str(),
            operation: access.operation.as_str(),
            reason: access.reason,
        }
    }
}

/// Lists who read an application.
///
/// For its holder, once it is registered: every read of the application, of its line in a list and
/// of its content. Each entry is made before the read is answered. Both holders see the same
/// entries, so an entry shows the reader's role and no identity; an operator's reason is there in
/// their own words. This call leaves no entry, since it reads nothing of the application.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}/accesses",
    operation_id = "list_accesses",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id"), PagingQuery),
    responses((status = 200, description = "A page of its journal", body = AccessesView), PageProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_accesses(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<Lookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let page = lookup.accesses(&caller, &id, Paging::of(&request)?).await?;
    Ok(HttpResponse::Ok().json(AccessesView {
        items: page.items.into_iter().map(AccessView::from).collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}
