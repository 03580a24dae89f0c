//! `GET /openapi.json`

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::Value;
use sportello_http::{ProblemDocument, api_document};
use utoipa::OpenApi;

use crate::{
    accesses, application, application_status, batch, batch_errors, content, own_applications, progress,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello status",
        description = "Shows holders the status of their applications."
    ),
    paths(
        application::get_application,
        application_status::get_application_status,
        accesses::list_accesses,
        content::get_content,
        own_applications::list_own_applications,
        batch::find_batch,
        batch_errors::list_batch_errors,
        progress::show_progress
    ),
    components(schemas(application::View, ProblemDocument))
)]
struct Api;

/// Returns the OpenAPI 3.1 document of the status service.
#[must_use]
pub fn api_doc() -> Value {
    api_document(
        Api::openapi(),
        "status",
        "Shows holders the status of their applications",
    )
}

static RENDERED: LazyLock<String> = LazyLock::new(|| api_doc().to_string());

/// Serves the document, the same for every caller.
pub(crate) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(RENDERED.as_str())
}
