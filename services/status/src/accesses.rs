//! `GET /v1/applications/{id}/accesses`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use sportello_http::{Bearer, PageProblems, Problem};
use sportello_store::Access;
use utoipa::ToSchema;

use crate::lookup::Lookup;
use crate::paging::{ApiDocPaging, Paging};

/// Who read an application, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = AccessList)]
pub(crate) struct AccessesView {
    /// A page of the journal.
    #[schema(max_items = 100)]
    items: Vec<AccessView>,
    /// What to send as `after` for the next page; not there on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 16, pattern = "^[0-9a-f]{16}$")]
    next: Option<String>,
}

/// One read of the application.
#[derive(Serialize, ToSchema)]
#[schema(as = Access)]
struct AccessView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// As whom: `applicant`, `submitter` or `operator`.
    #[schema(example = "applicant", max_length = 64, pattern = "^[a-z_]+$")]
    role: &'static str,
    /// What of it: `find` (what became of it), `list` (its line in a list) or `content` (what was sent).
    #[schema(example = "find", max_length = 64, pattern = "^[a-z_]+$")]
    operation: &'static str,
    /// Why, in an operator's own words.
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

/// Tells who read an application.
///
/// For its holder, once it is registered: every read of what became of it, of its line in a list and of its content, before
/// it was answered. Both holders see the same, so it says as whom somebody read and not who they are; an operator's
/// reason is there in their own words. Asking for this reads nothing of the application and leaves no entry.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}/accesses",
    operation_id = "list_accesses",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id"), ApiDocPaging),
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
