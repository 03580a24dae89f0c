//! `POST /v1/applications/{id}/withdrawal`

use actix_web::HttpResponse;
use actix_web::http::header::LOCATION;
use actix_web::web::Path;
use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{ApplicationId, Withdrawal};
use sportello_http::{Bearer, Problem, RequestProblems};
use utoipa::ToSchema;

use crate::request::OpenToWithdrawals;
use crate::validate::now;

/// A withdrawal that is kept durably.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct AcceptedWithdrawal {
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// When the withdrawal was accepted.
    #[schema(value_type = String, format = DateTime)]
    requested_at: Timestamp,
}

/// Withdraws an application.
///
/// `202` means that the request is kept durably. It says nothing of the application, since intake
/// does not know which applications exist. The application is withdrawn if the caller is its
/// applicant or its submitter, and its status shows that. Sending the request again changes
/// nothing. It needs no body.
#[utoipa::path(
    post,
    path = "/v1/applications/{id}/withdrawal",
    operation_id = "withdraw_application",
    tag = "applications",
    params(("id" = uuid::Uuid, Path, description = "The application's id")),
    responses(
        (status = 202, description = "Accepted: kept durably", body = AcceptedWithdrawal,
            headers(("Location" = String, description = "The application at the status service"))),
        RequestProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn withdraw_application(
    // extracted before the token, which costs more to check
    OpenToWithdrawals(parts): OpenToWithdrawals,
    Bearer(caller): Bearer,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let by = caller.submitter().ok_or(Problem::RoleNotAllowed)?;
    let application_id = id.parse().map_err(|_| Problem::NotFound)?;
    let requested_at = now();
    let withdrawal = Withdrawal {
        application_id,
        by,
        requested_at,
    };
    parts.withdraw(&withdrawal).await?;
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, parts.status.of_application(application_id)))
        .json(AcceptedWithdrawal {
            id: application_id,
            requested_at,
        }))
}
