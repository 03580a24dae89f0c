//! `GET /.well-known/jwks.json`

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::web::Data;
use sportello_http::{Problem, PublicProblems};
use utoipa::ToSchema;

use crate::accept::unwritten;
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
        (status = 200, description = "The keys", body = ApiDocKeys, content_type = "application/jwk-set+json",
            headers(("Cache-Control" = String, description = "`public, max-age=300`: any cache may keep them for five minutes"))),
        PublicProblems,
    ),
    security(())
)]
pub(crate) async fn show_receipt_keys(parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    let keys = serde_json::to_vec(parts.signer.public_keys());
    // the same for every caller, so a cache may keep it
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=300"))
        .insert_header((CONTENT_TYPE, "application/jwk-set+json"))
        .body(keys.map_err(|error| unwritten(&error))?))
}

/// A JSON Web Key Set (RFC 7517).
#[derive(ToSchema)]
#[schema(as = ReceiptKeys)]
#[expect(dead_code, reason = "describes the keys in the OpenAPI document")]
struct ApiDocKeys {
    /// The keys, the one in use first.
    #[schema(min_items = 1, max_items = 100)]
    keys: Vec<ApiDocKey>,
}

/// A public key for Ed25519 (RFC 8037).
#[derive(ToSchema)]
#[schema(as = ReceiptKey)]
#[expect(dead_code, reason = "describes the keys in the OpenAPI document")]
struct ApiDocKey {
    /// The family of keys: `OKP`.
    #[schema(max_length = 8, pattern = "^OKP$")]
    kty: String,
    /// The curve: `Ed25519`.
    #[schema(max_length = 16, pattern = "^Ed25519$")]
    crv: String,
    /// The public key, in base64url.
    #[schema(max_length = 43, pattern = "^[A-Za-z0-9_-]+$")]
    x: String,
    /// The key's id, as in the header `kid` of receipts.
    #[schema(max_length = 64, pattern = "^[A-Za-z0-9_-]+$")]
    kid: String,
    /// The algorithm: `EdDSA`.
    #[schema(max_length = 8, pattern = "^EdDSA$")]
    alg: String,
    /// Its use: `sig`.
    #[schema(max_length = 8, pattern = "^sig$")]
    r#use: String,
}
