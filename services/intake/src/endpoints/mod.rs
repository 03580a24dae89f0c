//! The endpoints, one a file, with the names of the OpenAPI document.

pub(crate) mod join_batch_receipts;
pub(crate) mod list_benefits;
pub(crate) mod list_channels;
pub(crate) mod set_channel;
pub(crate) mod show_batch_template;
pub(crate) mod show_benefit;
pub(crate) mod show_openapi;
pub(crate) mod show_receipt_keys;
pub(crate) mod submit_application;
pub(crate) mod submit_batch;
pub(crate) mod withdraw_application;

use actix_web::web::ServiceConfig;
use sportello_http::endpoint;

use self::join_batch_receipts::join_batch_receipts;
use self::list_benefits::list_benefits;
use self::list_channels::list_channels;
use self::set_channel::set_channel;
use self::show_batch_template::show_batch_template;
use self::show_benefit::show_benefit;
use self::show_openapi::show_openapi;
use self::show_receipt_keys::show_receipt_keys;
use self::submit_application::submit_application;
use self::submit_batch::submit_batch;
use self::withdraw_application::withdraw_application;

/// Adds every route with its method.
pub(crate) fn routes(config: &mut ServiceConfig) {
    config
        .service(endpoint::post("/v1/applications", submit_application))
        .service(endpoint::post(
            "/v1/applications/{id}/withdrawal",
            withdraw_application,
        ))
        .service(endpoint::post("/v1/batches", submit_batch))
        .service(endpoint::post("/v1/batches/{id}/receipt", join_batch_receipts))
        .service(endpoint::get("/v1/benefits", list_benefits))
        .service(endpoint::get("/v1/benefits/{id}", show_benefit))
        .service(endpoint::get(
            "/v1/benefits/{id}/batch-template",
            show_batch_template,
        ))
        .service(endpoint::get("/v1/benefits/{id}/channels", list_channels))
        .service(endpoint::put("/v1/benefits/{id}/channels/{channel}", set_channel))
        .service(endpoint::get("/openapi.json", show_openapi))
        .service(endpoint::get("/.well-known/jwks.json", show_receipt_keys));
}
