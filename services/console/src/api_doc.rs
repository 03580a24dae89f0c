//! `GET /openapi.json`

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use serde_json::{Value, json};
use sportello_http::{ProblemDocument, api_document};
use utoipa::OpenApi;

use crate::endpoints::{
    change_letter, close_tail, export_audit, list_audit, list_channels, list_job_letters, list_letters,
    list_requeue_jobs, mend_letter, requeue_letters, set_channel, set_requeue_job, set_workers, show_history,
    show_letter, show_letter_content, show_now, show_requeue_job, show_services, show_wanted_workers,
    show_workers, stream_live,
};
use crate::refused::StaleDocument;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello console",
        description = "Shows operators the system, and takes what they decide."
    ),
    paths(
        show_now::show_now,
        stream_live::stream_live,
        show_history::show_history,
        show_services::show_services,
        show_workers::show_workers,
        set_workers::set_workers,
        show_wanted_workers::show_wanted_workers,
        list_channels::list_channels,
        set_channel::set_channel,
        list_letters::list_letters,
        show_letter::show_letter,
        show_letter_content::show_letter_content,
        mend_letter::mend_letter,
        change_letter::requeue_letter,
        change_letter::discard_letter,
        list_requeue_jobs::list_requeue_jobs,
        requeue_letters::requeue_letters,
        show_requeue_job::show_requeue_job,
        set_requeue_job::set_requeue_job,
        list_job_letters::list_job_letters,
        close_tail::close_tail,
        list_audit::list_audit,
        export_audit::export_audit
    ),
    components(schemas(ProblemDocument, StaleDocument))
)]
struct Api;

/// Returns the OpenAPI 3.1 document of the console.
#[must_use]
pub fn api_doc() -> Value {
    let mut document = api_document(
        Api::openapi(),
        "console",
        "Shows operators the system, and takes what they decide",
    );
    // the one place where null stands for what is not known: a column has a value for each instant
    let column = &mut document["components"]["schemas"]["Column"]["properties"]["values"];
    column["items"]["type"] = json!(["number", "null"]);
    document
}

static RENDERED: LazyLock<String> = LazyLock::new(|| api_doc().to_string());

/// Serves the document, the same for every caller.
pub(crate) async fn get_openapi() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((CONTENT_TYPE, "application/json"))
        .body(RENDERED.as_str())
}
