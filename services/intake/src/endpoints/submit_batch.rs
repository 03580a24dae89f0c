//! `POST /v1/batches`

use actix_web::http::header::{CONTENT_TYPE, LOCATION};
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use sportello_domain::{Language, Submitter};
use sportello_http::{ApiDocReader, Bearer, Problem, Reader, SenderProblems, media_type};
use sportello_identity::Caller;
use utoipa::{IntoParams, ToSchema};

use crate::batch::{
    ApiDocPart, BatchLine, BatchRow, Batches, CsvSplitter, FileKind, NdjsonSplitter, Part, Recognised, Split,
    Upload,
};
use crate::parts::Parts;
use crate::request::{OpenToBatches, idempotency_key};

/// Rows as lines of JSON, and the answer's media type.
const NDJSON: &str = "application/x-ndjson";
/// Media type of rows as records of a table.
const CSV: &str = "text/csv";
/// Media type that browsers on Windows give a CSV file where Excel is installed.
const CSV_OF_EXCEL: &str = "application/vnd.ms-excel";
/// The media types that a body may have.
const EXPECTED: &str = "application/x-ndjson or text/csv";

/// Sends many applications at once.
///
/// Up to 100,000 rows, each with its own `idempotency_key`. The answer is streamed while the rows
/// are still being sent, so read it meanwhile: intake reads no further rows while the answer is not
/// read. It has a line for each row, in order, then a last line with the counts and a receipt.
///
/// An answer without the last line ended early. Send the same file with the same `Idempotency-Key`
/// again then: rows that were accepted stay one application each.
///
/// A client that can't read while it writes, such as a browser, sends the file in parts of at most
/// 512 KiB, each with `Batch-Part` and `Row-Offset` and all with the same `Idempotency-Key`. A part
/// is read whole before it is answered.
#[utoipa::path(
    post,
    path = "/v1/batches",
    operation_id = "submit_batch",
    tag = "batches",
    request_body(
        description = "The rows, of at most 64 KiB each: one a line, or a table with the header of `/v1/benefits/{id}/batch-template`",
        content(
            (BatchRow = "application/x-ndjson"),
            (ApiDocCsv = "text/csv"),
            (ApiDocCsv = "application/vnd.ms-excel"),
        )
    ),
    params(ApiDocBatchKey, ApiDocPart, ApiDocReader),
    responses(
        (status = 202, description = "The rows are being read: a line for each, as `BatchLine`",
            body = BatchLine, content_type = "application/x-ndjson",
            headers(("Location" = String, description = "The batch at the status service"))),
        SenderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn submit_batch(
    request: HttpRequest,
    // extracted before the token, which costs more to check
    OpenToBatches(parts): OpenToBatches,
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
    let part = Part::of(&request)?;
    let splitter = splitter(&request, &parts, language)?;
    let id = parts.secret.batch_id(&submitter, &key);
    let upload = Upload {
        slot: batches.slot(organisation)?,
        caller,
        submitter,
        id,
        part,
        splitter,
        language,
    };
    let location = parts.status.of_batch(id);
    let answers = batches.begin(upload, payload).await?;
    Ok(HttpResponse::Accepted()
        .insert_header((LOCATION, location))
        .insert_header((CONTENT_TYPE, NDJSON))
        .streaming(answers))
}

/// A table: the first line names the columns, every other line is an application.
#[derive(ToSchema)]
#[schema(as = BatchTable, max_length = 1_073_741_824, pattern = "^[^\\u0000]+$")]
#[expect(dead_code, reason = "describes a body in the OpenAPI document")]
struct ApiDocCsv(String);

/// The key of a batch: the same file sent again is the same batch.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "describes the header in the OpenAPI document")]
struct ApiDocBatchKey {
    /// The same whenever the same file is sent again; a random UUID is a good one. Visible ASCII
    /// characters, with or without the double quotes of a string (RFC 9651), which do not change
    /// the key.
    #[param(
        rename = "Idempotency-Key",
        min_length = 1,
        max_length = 512,
        pattern = "^([!#-+\\--:<-\\[\\]-~]{1,255}|\"([!#-\\[\\]-~]|\\\\[\"\\\\]){1,255}\")$"
    )]
    idempotency_key: String,
}

/// Returns the splitter for the body's media type.
fn splitter(request: &HttpRequest, parts: &Parts, language: Language) -> Result<Box<dyn Split>, Problem> {
    let essence = media_type(request)?;
    let is = |media_type: &str| essence.eq_ignore_ascii_case(media_type);
    if is(NDJSON) {
        let splitter = NdjsonSplitter::new(language);
        Ok(Box::new(Recognised::new(splitter, language)))
    } else if is(CSV) || is(CSV_OF_EXCEL) {
        let splitter = CsvSplitter::new(parts.catalogue.clone(), language);
        Ok(Box::new(Recognised::new(splitter, language)))
    } else {
        let refused = Problem::MediaType { expected: EXPECTED };
        let kind = FileKind::of_media_type(essence);
        Err(kind.map_or(refused, |kind| kind.problem(language)))
    }
}
