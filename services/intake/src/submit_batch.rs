//! `POST /v1/batches`

use std::future::{Ready, ready};

use actix_web::http::header::{CONTENT_ENCODING, CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{FromRequest, HttpRequest, HttpResponse, dev};
use sportello_domain::{Language, Submitter};
use sportello_http::{ApiDocReader, Bearer, Problem, Reader, SenderProblems};
use sportello_identity::Caller;
use utoipa::{IntoParams, ToSchema};

use crate::admission::Admission;
use crate::batch::{ApiDocLine, Batches, CsvSplitter, NdjsonSplitter, Split, Upload};
use crate::submit_application::{admission_if, idempotency_key};

/// Rows as lines of JSON, and the answer's media type.
const NDJSON: &str = "application/x-ndjson";
/// Rows as records of a table.
const CSV: &str = "text/csv";
/// What a body may be.
const EXPECTED: &str = "application/x-ndjson or text/csv";

/// What admits batches, while it can.
pub(crate) struct OpenToBatches(Data<Admission>);

impl FromRequest for OpenToBatches {
    type Error = Problem;
    type Future = Ready<Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut dev::Payload) -> Self::Future {
        ready(admission_if(request, Admission::check_open_to_batches).map(Self))
    }
}

/// Sends many applications at once.
///
/// Up to 100,000 rows, each with its own `idempotency_key`. The answer is streamed while the rows are still being sent, so
/// read it meanwhile: who does not is not read on either. It has a line for each row, in order, whatever the other rows
/// are, then a last line with the counts and a receipt. Without the last line the answer ended early: send the same file
/// with the same `Idempotency-Key` again; rows that were accepted stay one application each.
#[utoipa::path(
    post,
    path = "/v1/batches",
    operation_id = "submit_batch",
    tag = "batches",
    request_body(
        description = "The rows, of at most 64 KiB each: one a line, or a table as `/v1/benefits/{id}/batch-template` begins it",
        content(
            (ApiDocRow = "application/x-ndjson"),
            (ApiDocCsv = "text/csv"),
        )
    ),
    params(ApiDocBatchKey, ApiDocReader),
    responses(
        (status = 202, description = "The rows are being read: a line for each, as `BatchLine`",
            body = ApiDocLine, content_type = "application/x-ndjson",
            headers(("Location" = String, description = "Where its sender asks what became of the batch"))),
        SenderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn submit_batch(
    request: HttpRequest,
    // before the token is checked
    OpenToBatches(admission): OpenToBatches,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    batches: Data<Batches>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Caller::Intermediary { organisation, .. } = &caller else {
        return Err(Problem::RoleNotAllowed);
    };
    let submitter = Submitter::Intermediary(organisation.clone());
    let key = idempotency_key(&request)?;
    let splitter = splitter(&request, &admission, language)?;
    let acceptance = admission.acceptance();
    let id = acceptance.batch_id(&submitter, &key);
    let upload = Upload {
        place: batches.place(organisation)?,
        caller,
        submitter,
        id,
        splitter,
        language,
    };
    let location = acceptance.batch_location(id);
    let answers = batches.begin(upload, payload).await?;
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, location))
        .insert_header((CONTENT_TYPE, NDJSON))
        .streaming(answers))
}

/// One row: the application as a single one is sent, beside its key.
#[derive(ToSchema)]
#[schema(as = BatchRow)]
#[expect(dead_code, reason = "describes a row in the OpenAPI document")]
struct ApiDocRow {
    /// Visible ASCII characters, the same whenever the same application is sent again, and no other row's.
    #[schema(min_length = 1, max_length = 255, pattern = "^[!-~]+$")]
    idempotency_key: String,
    application: crate::api_doc::ApiDocApplication,
}

/// A table: the first line names the columns, each other is an application.
#[derive(ToSchema)]
#[schema(as = BatchTable, max_length = 1_073_741_824, pattern = "^[^\\u0000]+$")]
#[expect(dead_code, reason = "describes a body in the OpenAPI document")]
struct ApiDocCsv(String);

/// What makes the same batch of a file that is sent again.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
struct ApiDocBatchKey {
    /// Visible ASCII characters, the same whenever the same file is sent again; a random UUID is a good one.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 255,
        pattern = "^[!-~]+$"
    )]
    idempotency_key: String,
}

/// What makes rows of the body, by its media type. A compressed body is taken for none.
fn splitter(
    request: &HttpRequest,
    admission: &Admission,
    language: Language,
) -> Result<Box<dyn Split>, Problem> {
    let refused = Problem::MediaType { expected: EXPECTED };
    if request.headers().contains_key(CONTENT_ENCODING) {
        return Err(refused);
    }
    let value = request.headers().get(CONTENT_TYPE);
    let value = value.and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = value.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case(NDJSON) {
        Ok(Box::new(NdjsonSplitter::new(language)))
    } else if essence.eq_ignore_ascii_case(CSV) {
        Ok(Box::new(CsvSplitter::new(
            admission.catalogue().clone(),
            language,
        )))
    } else {
        Err(refused)
    }
}
