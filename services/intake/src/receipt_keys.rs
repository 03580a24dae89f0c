//! `GET /.well-known/jwks.json`

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Data;

use crate::acceptance::Acceptance;

/// The keys that receipts can be checked with (RFC 7517, section 5), the one in use first.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "get_receipt_keys",
    responses((status = 200, description = "JSON Web Key Set", body = serde_json::Value,
        content_type = "application/jwk-set+json"))
)]
pub(crate) async fn get_receipt_keys(acceptance: Data<Acceptance>) -> HttpResponse {
    // the same for everybody, so it may be kept
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((CONTENT_TYPE, "application/jwk-set+json"))
        .body(serde_json::to_vec(acceptance.receipt_keys()).unwrap_or_default())
}
