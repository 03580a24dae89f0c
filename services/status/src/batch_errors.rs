//! `GET /v1/batches/{id}/errors`

use actix_web::http::header::{
    self, Accept, ContentDisposition, DispositionParam, DispositionType, Header as _,
};
use actix_web::web::{Bytes, Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use futures_util::Stream;
use futures_util::stream::try_unfold;
use serde::Serialize;
use sportello_domain::{ApplicationId, Language, Outcome, Reason};
use sportello_http::{ApiDocReader, Bearer, HolderProblems, Problem, Reader};
use sportello_store::PlacedApplication;
use utoipa::ToSchema;

use crate::application::receipt;
use crate::batch::ApiDocBatchReceipt;
use crate::batch_lookup::{Batch, BatchLookup, Page};

/// A row whose application does not stand, or stands with reservation: one line of the answer.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct BatchError {
    /// The row, from 1.
    #[schema(minimum = 1, maximum = 100_000)]
    row: u32,
    /// The application's id.
    #[schema(value_type = uuid::Uuid)]
    id: ApplicationId,
    /// What was decided: `duplicate`, `incompatible`, `reserve` or `refused`.
    #[schema(value_type = String, example = "duplicate", max_length = 64, pattern = "^[a-z_]+$")]
    status: Outcome,
    /// Why, in a word that stays the same.
    #[schema(value_type = String, example = "same_person", max_length = 64, pattern = "^[a-z_]+$")]
    reason: Reason,
    /// Why, for its reader: in the language that `Accept-Language` prefers.
    #[schema(
        example = "The application received earlier for the same person and benefit stands.",
        max_length = 1000,
        pattern = "^.+$"
    )]
    explanation: String,
}

impl BatchError {
    /// Nothing where it stands.
    fn of(placed: &PlacedApplication, language: Language) -> Option<Self> {
        (placed.outcome != Outcome::Registered).then(|| Self {
            row: placed.place.row,
            id: placed.place.id,
            status: placed.outcome,
            reason: placed.reason,
            explanation: placed.reason.text().in_language(language).to_owned(),
        })
    }
}

/// How the rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Ndjson,
    /// RFC 4180.
    Csv,
}

impl Format {
    /// What the caller would rather have (RFC 9110, section 12.5.1); lines of JSON where it does not matter.
    fn preferred(request: &HttpRequest) -> Self {
        let ranked = Accept::parse(request).map(|accept| accept.ranked());
        let known = ranked
            .iter()
            .flatten()
            .find_map(|range| match range.essence_str() {
                "text/csv" | "text/*" => Some(Self::Csv),
                "application/x-ndjson" | "application/*" | "*/*" => Some(Self::Ndjson),
                _ => None,
            });
        known.unwrap_or(Self::Ndjson)
    }

    fn media_type(self) -> &'static str {
        match self {
            Self::Ndjson => "application/x-ndjson",
            Self::Csv => "text/csv; charset=utf-8; header=present",
        }
    }

    fn file_extension(self) -> &'static str {
        match self {
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// What comes before the rows.
    fn head(self) -> &'static str {
        match self {
            Self::Ndjson => "",
            Self::Csv => "row,id,status,reason,explanation\r\n",
        }
    }

    fn write(self, error: &BatchError, to: &mut Vec<u8>) -> Result<(), serde_json::Error> {
        match self {
            Self::Ndjson => {
                serde_json::to_writer(&mut *to, error)?;
                to.push(b'\n');
            }
            Self::Csv => to.extend_from_slice(csv(error).as_bytes()),
        }
        Ok(())
    }
}

/// A spreadsheet would run a cell that begins with `=`, `+`, `-` or `@`. None of these does: a number, an id, two words
/// and a text that is this program's own.
fn csv(error: &BatchError) -> String {
    format!(
        "{},{},{},{},\"{}\"\r\n",
        error.row,
        error.id,
        error.status.as_str(),
        error.reason.as_str(),
        error.explanation.replace('"', "\"\""),
    )
}

/// Lists what does not stand of a batch.
///
/// Every row whose application is `duplicate`, `incompatible`, `reserve` or `refused`, in order, as decided at the moment
/// of reading; nothing of it is personal data. Each application listed has an entry in its journal of accesses; what is not
/// kept any more is not listed. For the intermediary that sent it; for anybody else the answer is that of
/// an id that does not exist. An answer that breaks off is not whole: ask again.
#[utoipa::path(
    get,
    path = "/v1/batches/{id}/errors",
    operation_id = "list_batch_errors",
    tag = "batches",
    params(("id" = uuid::Uuid, Path, description = "The batch's id"), ApiDocBatchReceipt, ApiDocReader),
    responses(
        (status = 200, description = "A line for each row: JSON, or CSV where `Accept` prefers it", content(
            (BatchError = "application/x-ndjson"),
            (ApiDocCsv = "text/csv"),
        )),
        HolderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn list_batch_errors(
    request: HttpRequest,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    lookup: Data<BatchLookup>,
    id: Path<String>,
) -> Result<HttpResponse, Problem> {
    let batch = lookup.batch(&caller, &id, receipt(&request))?;
    let first = lookup.first_page(&batch).await?;
    let format = Format::preferred(&request);
    let attachment = ContentDisposition {
        disposition: DispositionType::Attachment,
        parameters: vec![DispositionParam::Filename(format!(
            "errors-{}.{}",
            batch.id,
            format.file_extension()
        ))],
    };
    let listing = Listing {
        lookup: lookup.get_ref().clone(),
        batch,
        format,
        language,
    };
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.media_type()))
        .insert_header(attachment)
        .streaming(listing.stream(first)))
}

/// A table in a text.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    max_length = 50_000_000,
    pattern = "^row,id,status,reason,explanation\\r\\n"
)]
#[expect(dead_code, reason = "describes the answer in the OpenAPI document")]
pub(crate) struct ApiDocCsv(String);

/// An answer that is written page by page, so that little of it is in memory.
struct Listing {
    lookup: BatchLookup,
    batch: Batch,
    format: Format,
    language: Language,
}

impl Listing {
    /// An error ends the answer before its end, which its reader sees.
    fn stream(self, first: Page) -> impl Stream<Item = Result<Bytes, actix_web::Error>> {
        let head = self.format.head().as_bytes().to_vec();
        try_unfold(Some((self, first, head)), |step| async {
            let Some((listing, page, mut text)) = step else {
                return Ok(None);
            };
            listing.write(&page, &mut text)?;
            let next = match page.next {
                None => None,
                after => {
                    let page = listing.lookup.page(&listing.batch, after).await?;
                    Some((listing, page, Vec::new()))
                }
            };
            Ok(Some((Bytes::from(text), next)))
        })
    }

    fn write(&self, page: &Page, to: &mut Vec<u8>) -> Result<(), Problem> {
        let errors = page.applications.iter();
        for error in errors.filter_map(|placed| BatchError::of(placed, self.language)) {
            self.format.write(&error, to).map_err(|_| Problem::Internal)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_each_row_has_its_five() {
        for reason in Reason::ALL {
            for language in [Language::Italian, Language::English, Language::German] {
                let error = BatchError {
                    row: 1,
                    id: uuid::Uuid::from_u128(7).into(),
                    status: Outcome::Refused,
                    reason,
                    explanation: reason.text().in_language(language).to_owned(),
                };
                let line = csv(&error);
                let (cells, text) = line.split_once('"').unwrap();
                assert_eq!(cells.split(',').count(), 5, "{line}");
                for cell in cells.split(',').chain([text]) {
                    assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{line}");
                }
                assert!(text.ends_with("\"\r\n"), "{line}");
            }
        }
    }
}
