//! `GET /.well-known/jwks.json`

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::Data;
use sportello_http::PublicProblems;
use sportello_receipt::PublishedKeys;

use crate::parts::Parts;

/// Lists the keys that receipts can be checked with.
///
/// A JSON Web Key Set (RFC 7517, section 5), the key in use first.
#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    operation_id = "list_receipt_keys",
    tag = "receipts",
    responses(
        (status = 200, description = "The keys", body = PublishedKeys, content_type = "application/jwk-set+json",
            headers(("Cache-Control" = String, description = "`public, max-age=300`: any cache may keep them for five minutes"))),
        PublicProblems,
    ),
    security(())
)]
pub(crate) async fn show_receipt_keys(parts: Data<Parts>) -> HttpResponse {
    // the same for every caller, so a cache may keep it
    HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .content_type("application/jwk-set+json")
        .json(parts.signer.published_keys())
}
