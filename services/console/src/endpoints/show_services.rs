//! `GET /v1/services`

use actix_web::HttpResponse;
use actix_web::web::Data;
use sportello_http::{OperatorProblems, Problem};

use crate::operator::Operator;
use crate::parts::{Parts, UNAVAILABLE};
use crate::views::services::Services;

/// Shows every process and every node of the broker.
///
/// With health, version and the catalogue's version of each, as they were read in this second.
#[utoipa::path(
    get,
    path = "/v1/services",
    operation_id = "show_services",
    tag = "operation",
    responses((status = 200, description = "The processes and the nodes", body = Services), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn show_services(_: Operator, parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    let newest = parts.shown.newest().ok_or(UNAVAILABLE)?;
    Ok(HttpResponse::Ok().json(Services {
        services: newest.now.services.clone(),
        nodes: newest.now.nodes.clone(),
    }))
}
