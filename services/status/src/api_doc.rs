//! `GET /openapi.json`

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use sportello_http::{ApiDocProblem, BearerToken};
use utoipa::OpenApi;

use crate::application;

/// The OpenAPI 3.1 document of the status service.
#[derive(Debug, OpenApi)]
#[openapi(
    info(title = "Sportello status", description = "Tells the holder of an application what became of it."),
    paths(application::get_application, application::get_application_status),
    components(schemas(application::View, ApiDocProblem)),
    modifiers(&BearerToken)
)]
pub struct ApiDoc;

/// The document, the same for everybody.
pub(crate) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .json(ApiDoc::openapi())
}
