//! `GET /v1/tokens/{ath}/applications`

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::ApplicationId;
use sportello_http::{Bearer, PageProblems, Problem, TokenHash};
use sportello_store::ListedApplication;
use utoipa::ToSchema;

use crate::application::Status;
use crate::lookup::Lookup;
use crate::paging::{Paging, PagingQuery};

/// The caller's own applications, newest first.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApplicationList)]
pub(crate) struct ListView {
    /// A page of the list.
    #[schema(max_items = 100)]
    items: Vec<ItemView>,
    /// Value of `after` for the next page; absent on the last page.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 48, pattern = "^[0-9a-f]{48}$")]
    next: Option<String>,
}

/// An application in short.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ListedApplication)]
struct ItemView {
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// Address of the application.
    #[schema(format = "uri", max_length = 2048)]
    href: String,
    /// The outcome.
    status: Status,
    /// The benefit.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    benefit: String,
    /// The category of people, where the benefit has several.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(
        example = "professionals",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    category: Option<String>,
    /// Instant of acceptance, which decides.
    #[schema(value_type = String, format = DateTime)]
    received_at: Timestamp,
    /// Number of its registration.
    #[schema(example = "2020-0000042", max_length = 32, pattern = "^[0-9]{4}-[0-9]{7,}$")]
    protocol_number: String,
    /// The application that stands in place of this one. Shown only where both have the same
    /// submitter and the same applicant.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<uuid::Uuid>)]
    stands: Option<ApplicationId>,
}

impl ItemView {
    fn new(application: ListedApplication, lookup: &Lookup) -> Self {
        Self {
            id: application.id,
            href: lookup.location(application.id),
            status: application.outcome.into(),
            benefit: application.benefit.to_string(),
            category: application.category.map(|category| category.to_string()),
            received_at: application.received_at,
            protocol_number: application.protocol.to_string(),
            stands: application.stands,
        }
    }
}

/// Lists the caller's own applications.
///
/// A citizen sees the applications for them, whoever sent them. An intermediary sees those that it
/// sent. Applications that no worker has registered yet are not listed. Each listed application has
/// an entry in its journal of accesses.
///
/// `ath` is the SHA-256 of the request's access token, in base64url without padding (RFC 9449,
/// section 4.2), so no two people share an address. Any other value is answered as not found.
#[utoipa::path(
    get,
    path = "/v1/tokens/{ath}/applications",
    operation_id = "list_own_applications",
    tag = "applications",
    params(
        ("ath" = String, Path, description = "SHA-256 of the access token, in base64url without padding",
            max_length = 43, pattern = "^[A-Za-z0-9_-]{43}$"),
        PagingQuery,
    ),
    responses((status = 200, description = "A page of the list", body = ListView), PageProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_own_applications(
    request: HttpRequest,
    Bearer(caller): Bearer,
    hash: TokenHash,
    lookup: Data<Lookup>,
    ath: Path<String>,
) -> Result<HttpResponse, Problem> {
    if !hash.is(&ath) {
        return Err(Problem::NotFound);
    }
    let page = lookup.list(&caller, Paging::of(&request)?).await?;
    let items = page.items.into_iter();
    Ok(HttpResponse::Ok().json(ListView {
        items: items
            .map(|application| ItemView::new(application, &lookup))
            .collect(),
        next: page.next.map(|cursor| cursor.to_string()),
    }))
}
