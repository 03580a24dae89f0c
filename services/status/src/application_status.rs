//! `GET /v1/applications/{id}/status`

use actix_web::http::header::LOCATION;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use sportello_http::{Bearer, HolderProblems, Problem};

use crate::application::{ApiDocReceipt, View, receipt};
use crate::lookup::{Found, Lookup};

/// Shows whether an application has been decided on.
///
/// `200` while it is queued, then `303` to the application (NONBLOCK_PULL_REST of the Italian
/// interoperability model). Neither answer shows data of the register, so neither has an entry in
/// the journal.
#[utoipa::path(
    get,
    path = "/v1/applications/{id}/status",
    operation_id = "follow_application",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id"), ApiDocReceipt),
    responses(
        (status = 200, description = "Queued: ask again after `Retry-After`", body = View,
            headers(("Retry-After" = u32, description = "When to ask again, in seconds"))),
        (status = 303, description = "Decided", headers(("Location" = String, description = "The application"))),
        HolderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn get_application_status(
    request: HttpRequest,
    Bearer(caller): Bearer,
    lookup: Data<Lookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    Ok(match lookup.follow(&caller, &id, receipt(&request)).await? {
        Found::Decided(id) => HttpResponse::SeeOther()
            .insert_header((LOCATION, lookup.location(id)))
            .finish(),
        Found::Queued(id) => HttpResponse::Ok()
            .insert_header(("Retry-After", "1"))
            .json(View::queued(id)),
    })
}
