//! `GET /v1/batches/{id}/errors`

use actix_web::http::header::{
    self, Accept, ContentDisposition, DispositionParam, DispositionType, Header as _, Quality, QualityItem,
};
use actix_web::mime::Mime;
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
    /// The outcome: `duplicate`, `incompatible`, `reserve`, `refused`, `conflict` or `withdrawn`.
    #[schema(value_type = String, example = "duplicate", max_length = 64, pattern = "^[a-z_]+$")]
    status: Outcome,
    /// Code of the reason; it never changes its meaning.
    #[schema(value_type = String, example = "same_person", max_length = 64, pattern = "^[a-z_]+$")]
    reason: Reason,
    /// The reason as a text, in the language that `Accept-Language` prefers.
    #[schema(
        example = "The application received earlier for the same person and benefit counts.",
        max_length = 1000,
        pattern = "^.+$"
    )]
    explanation: String,
}

impl BatchError {
    /// Returns the error of an application, or `None` where it stands without reservation.
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

/// Media type of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    Ndjson,
    /// RFC 4180.
    Csv,
}

impl Format {
    /// Returns the format that the caller prefers (RFC 9110, section 12.5.1); lines of JSON where
    /// both weigh the same.
    fn preferred(request: &HttpRequest) -> Self {
        let ranges = Accept::parse(request).map_or_else(|_| Vec::new(), |accept| accept.0);
        let csv = Self::Csv.quality(&ranges);
        if csv > Self::Ndjson.quality(&ranges) {
            Self::Csv
        } else {
            Self::Ndjson
        }
    }

    /// Returns the weight of this format: that of the most precise range.
    fn quality(self, ranges: &[QualityItem<Mime>]) -> Quality {
        let (precise, family) = match self {
            Self::Ndjson => ("application/x-ndjson", "application/*"),
            Self::Csv => ("text/csv", "text/*"),
        };
        let said = |name: &str| ranges.iter().find(|range| range.item.essence_str() == name);
        let range = said(precise).or_else(|| said(family)).or_else(|| said("*/*"));
        range.map_or(Quality::ZERO, |range| range.quality)
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

    /// Returns the text before the rows.
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

/// A spreadsheet would run a cell that begins with `=`, `+`, `-` or `@`. No cell here does: the row
/// is a number, an id, two words and a text of this program.
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

/// Lists the rows of a batch that do not stand.
///
/// Every row whose application is `duplicate`, `incompatible`, `reserve`, `refused` or `withdrawn`,
/// or whose content is a `conflict`, in order, as decided at the moment of reading. The list has no
/// personal data. Each listed application has an entry in its journal of accesses; applications
/// past their retention are not listed.
///
/// For the intermediary that sent the batch. Every other caller gets the answer for an id that does
/// not exist. An answer that breaks off is incomplete: ask again.
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
    let batch = lookup.batch(&caller, &id, receipt(&request)).await?;
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

/// Rows as CSV.
#[derive(ToSchema)]
#[schema(
    value_type = String,
    max_length = 50_000_000,
    pattern = "^row,id,status,reason,explanation\\r\\n"
)]
#[expect(dead_code, reason = "describes the answer in the OpenAPI document")]
pub(crate) struct ApiDocCsv(String);

/// An answer that is written page by page, to hold little of it in memory.
struct Listing {
    lookup: BatchLookup,
    batch: Batch,
    format: Format,
    language: Language,
}

impl Listing {
    /// Streams the pages. An error breaks off the answer, which its reader notices.
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
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn a_type_of_quality_zero_is_not_wanted() {
        for (accepted, format) in [
            ("text/csv", Format::Csv),
            ("text/*;q=0.5, application/x-ndjson;q=0.4", Format::Csv),
            ("*/*", Format::Ndjson),
            ("text/csv;q=0, */*", Format::Ndjson),
            ("application/x-ndjson;q=0, */*", Format::Csv),
            ("application/*;q=0, */*;q=0.1", Format::Csv),
        ] {
            let request = TestRequest::default().insert_header(("Accept", accepted));
            assert_eq!(
                Format::preferred(&request.to_http_request()),
                format,
                "{accepted}"
            );
        }
    }

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
