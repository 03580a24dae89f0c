//! `GET /openapi.json`

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::pages::Pages;

/// The OpenAPI document, which follows the catalogue.
pub(crate) async fn show_openapi(request: HttpRequest, pages: Data<Pages>) -> HttpResponse {
    pages.current().api_doc.answer(&request)
}
