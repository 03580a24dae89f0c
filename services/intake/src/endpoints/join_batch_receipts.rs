//! `POST /v1/batches/{id}/receipt`

use std::time::Duration;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use sportello_domain::{BatchId, JoinError, Submitter, Text, Violation};
use sportello_http::{ApiDocReader, Bearer, ItemSenderProblems, Problem, Reader, read_body};
use sportello_identity::Caller;
use utoipa::ToSchema;

use crate::batch::{BatchEnd, Batches};
use crate::request::check_media_type;

/// Most bytes of a body.
const BODY_LIMIT: usize = 512 * 1024;
/// Most receipts at once: checking each takes some 50 µs.
const RECEIPTS: usize = 500;
/// How long a body may take to arrive.
const BODY_DEADLINE: Duration = Duration::from_secs(30);
/// The place of the receipts in the body.
const POINTER: [&str; 1] = ["receipts"];

/// Receipts of parts of one batch, in any order. The same part may occur more than once.
#[derive(Deserialize, ToSchema)]
#[schema(as = PartReceipts)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartReceipts {
    /// Each from the last line of a part's answer, or from an earlier answer of this call.
    #[schema(min_items = 1, max_items = 500)]
    receipts: Vec<ApiDocReceipt>,
}

/// The receipt of parts of a batch: a JWS in compact form.
#[derive(Deserialize, ToSchema)]
#[schema(
    value_type = String,
    as = PartReceipt,
    max_length = 4096,
    pattern = "^[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$"
)]
pub(crate) struct ApiDocReceipt(String);

/// Adds up the receipts of a batch's parts.
///
/// For a file that was sent in parts. The answer is one receipt that counts the rows of all of
/// them, as if the file had come at once. A gap between the parts is a violation. With all parts,
/// the last one included, the answer is the receipt of the whole batch. Intake keeps nothing of
/// this call: the same receipts may be sent again, in any order.
#[utoipa::path(
    post,
    path = "/v1/batches/{id}/receipt",
    operation_id = "join_batch_receipts",
    tag = "batches",
    request_body(content = PartReceipts, content_type = "application/json", description = "The receipts, of at most 512 KiB"),
    params(("id" = uuid::Uuid, Path, description = "The batch's id"), ApiDocReader),
    responses(
        (status = 200, description = "One receipt for all of them", body = BatchEnd),
        ItemSenderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn join_batch_receipts(
    request: HttpRequest,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    batches: Data<Batches>,
    id: Path<String>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Caller::Intermediary { organisation, .. } = &caller else {
        return Err(Problem::RoleNotAllowed);
    };
    let id: BatchId = id.parse().map_err(|_| Problem::NotFound)?;
    check_media_type(&request)?;
    let slot = batches.slot(organisation)?;
    let body = read_body(payload, BODY_LIMIT, BODY_DEADLINE).await?;
    let receipts = read(&body).map_err(|violation| Problem::of_violations(vec![violation], language))?;
    let submitter = Submitter::Intermediary(organisation.clone());
    let problem = move |error| Problem::of_parts(violation(error), language);
    let joined = batches.join((id, submitter), receipts, slot, problem).await?;
    Ok(HttpResponse::Ok().json(joined))
}

fn read(body: &[u8]) -> Result<Vec<String>, Violation> {
    const MESSAGE: Text = Text::fixed(
        "il contenuto deve essere un oggetto JSON con un solo campo, receipts: una lista da 1 a 500 ricevute",
        "the body must be a JSON object with one field, receipts: a list of 1 to 500 receipts",
        "der Inhalt muss ein JSON-Objekt mit einem einzigen Feld sein, receipts: eine Liste von 1 bis 500 Belegen",
    );
    let unexpected = || Violation::new(POINTER, "unexpected", MESSAGE);
    let read: PartReceipts = serde_json::from_slice(body).map_err(|_| unexpected())?;
    let receipts = read.receipts.into_iter().map(|ApiDocReceipt(jws)| jws);
    let receipts: Vec<String> = receipts.collect();
    if (1..=RECEIPTS).contains(&receipts.len()) {
        Ok(receipts)
    } else {
        Err(unexpected())
    }
}

fn violation(error: JoinError) -> Violation {
    let (code, it, en, de) = match error {
        JoinError::Empty | JoinError::NotAPart => (
            "not_a_part",
            "una ricevuta non è di una parte di questo invio: manda ogni ricevuta come ti è arrivata".to_owned(),
            "a receipt is not of a part of this batch: send each receipt as you received it".to_owned(),
            "ein Beleg gehört nicht zu einem Teil dieser Sendung: Senden Sie jeden Beleg, wie Sie ihn erhielten"
                .to_owned(),
        ),
        JoinError::Missing { first, last } => (
            "part_missing",
            format!("mancano le parti da {first} a {last}: inviale, o di nuovo, e aggiungi le loro ricevute"),
            format!(
                "parts {first} to {last} are missing: send them, or send them again, and add their receipts"
            ),
            format!(
                "die Teile {first} bis {last} fehlen: Senden Sie sie, auch erneut, und fügen Sie ihre Belege hinzu"
            ),
        ),
        JoinError::Shared(part) => (
            "part_shared",
            format!(
                "due ricevute hanno in comune la parte {part} e nessuna contiene l'altra: manda quelle delle singole parti"
            ),
            format!(
                "two receipts share part {part} and neither covers the other: send those of the single parts"
            ),
            format!(
                "zwei Belege haben Teil {part} gemeinsam, und keiner umfasst den anderen: Senden Sie die der einzelnen Teile"
            ),
        ),
        JoinError::AfterEnd(part) => (
            "part_after_end",
            format!("la parte {part} viene dopo quella inviata con ;end: invia di nuovo quella senza ;end"),
            format!("part {part} comes after the one sent with ;end: send that one again without ;end"),
            format!(
                "Teil {part} kommt nach dem mit ;end gesendeten: Senden Sie jenen erneut ohne ;end"
            ),
        ),
        JoinError::Rows(part) => (
            "part_rows",
            format!(
                "le righe della parte {part} non seguono quelle della parte precedente: correggi Row-Offset e inviala di nuovo"
            ),
            format!(
                "the rows of part {part} do not follow those of the part before: correct Row-Offset and send it again"
            ),
            format!(
                "die Zeilen von Teil {part} folgen nicht auf die des vorigen: Berichtigen Sie Row-Offset und senden Sie ihn erneut"
            ),
        ),
    };
    Violation::new(POINTER, code, Text::of(it, en, de))
}
