//! `POST /v1/applications`

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use sportello_domain::IdempotencyKey;
use sportello_http::{ApiDocReader, Bearer, Problem, Reader, SenderProblems, read_body};
use utoipa::IntoParams;

use crate::acceptance::{Accepted, unwritten};
use crate::admission::{Admission, Sent};

/// Most bytes of a body. A complete application with a family's data has about 2 kB.
const BODY_LIMIT: usize = 64 * 1024;
/// Bytes that are enough for most answers.
const ANSWER_BYTES: usize = 2048;
/// The media type of a body, and of the answer.
const JSON: &str = "application/json";
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// Sends an application.
///
/// `202` means that it is kept for certain and will be decided on. With any other answer, or none, send the same
/// request with the same `Idempotency-Key` again: it stays one application.
#[utoipa::path(
    post,
    path = "/v1/applications",
    operation_id = "submit_application",
    tag = "applications",
    request_body(
        content = crate::api_doc::ApiDocApplication,
        content_type = "application/json",
        description = "The application, of at most 64 KiB"
    ),
    params(ApiDocKey, ApiDocReader),
    responses(
        (status = 202, description = "Accepted: kept for certain", body = Accepted,
            headers(("Location" = String, description = "Where its holder asks what became of it"))),
        SenderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn submit_application(
    request: HttpRequest,
    // before the token is checked
    Open(admission): Open,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let submitter = caller.submitter().ok_or(Problem::RoleNotAllowed)?;
    let key = idempotency_key(&request)?;
    check_media_type(&request)?;
    let body = read_body(payload, BODY_LIMIT, BODY_DEADLINE).await?;
    let sent = Sent {
        caller: &caller,
        submitter: &submitter,
        key: &key,
        body: &body,
        batch: None,
        language,
    };
    let accepted = admission.admit(&sent).await?;
    let mut answer = Vec::with_capacity(ANSWER_BYTES);
    serde_json::to_writer(&mut answer, &accepted).map_err(|error| unwritten(&error))?;
    Ok(HttpResponse::Accepted()
        .content_type(JSON)
        .insert_header((LOCATION, admission.acceptance().location(accepted.id)))
        .body(answer))
}

/// What admits single applications, while it can.
pub(crate) struct Open(pub(crate) Data<Admission>);

impl FromRequest for Open {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(admission_if(request, Admission::check_open).map(Self))
    }
}

/// What admits applications, if it does so now.
pub(crate) fn admission_if(
    request: &HttpRequest,
    open: fn(&Admission) -> Result<(), Problem>,
) -> Result<Data<Admission>, Problem> {
    let admission = request.app_data::<Data<Admission>>().ok_or(Problem::Internal)?;
    open(admission)?;
    Ok(admission.clone())
}

/// What makes a retry the same application.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
struct ApiDocKey {
    /// Visible ASCII characters, the same with each retry of the same application; a random UUID is a good one.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: String,
}

pub(crate) fn idempotency_key(request: &HttpRequest) -> Result<IdempotencyKey, Problem> {
    let mut values = request.headers().get_all("Idempotency-Key");
    let (Some(value), None) = (values.next(), values.next()) else {
        return Err(Problem::IdempotencyKey);
    };
    let text = value.to_str().map_err(|_| Problem::IdempotencyKey)?;
    IdempotencyKey::parse(text).map_err(|_| Problem::IdempotencyKey)
}

pub(crate) fn check_media_type(request: &HttpRequest) -> Result<(), Problem> {
    let value = request
        .headers()
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(JSON) {
        Ok(())
    } else {
        Err(Problem::MediaType { expected: JSON })
    }
}
