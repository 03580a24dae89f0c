//! `POST /v1/ledger/tails/{channel}/{process}/close`

use actix_web::HttpResponse;
use actix_web::web::{Data, Path};
use sportello_domain::{Channel, ProcessId};
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_ledger::read;
use sportello_store::{Repeated, Store};

use crate::change::{self, ApiDocChange, Sent};
use crate::parts::{Parts, problem};
use crate::refused::Refused;
use crate::views::ledger::{CloseTail, Tail};

/// Closes the open tail of a process.
///
/// By an operator's word nothing that it sent after its last statement is missing. The version is
/// the first number of the tail: where the process has stated more since, the answer is `412`. An
/// intake that finds the process's folder states the rest by itself, so start it first.
#[utoipa::path(
    post,
    path = "/v1/ledger/tails/{channel}/{process}/close",
    operation_id = "close_tail",
    tag = "decisions",
    params(
        ("channel" = Channel, Path, description = "The channel"),
        ("process" = String, Path, description = "The process", max_length = 16,
            pattern = "^[0-9a-f]{16}$", example = "06e5ea93d41c77b0"),
        ApiDocChange, ApiDocReader,
    ),
    request_body(content = CloseTail, content_type = "application/json", description = "The reason"),
    responses((status = 200, description = "It is closed", body = Tail), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn close_tail(
    sent: Sent<CloseTail>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refused> {
    let (channel, process) = path.into_inner();
    let channel: Channel = channel.parse().map_err(|_| Problem::NotFound)?;
    let process: ProcessId = process.parse().map_err(|_| Problem::NotFound)?;
    let seen = sent.seen()?.unsigned_abs();
    let reason = change::reason(&sent.body.reason, sent.language)?;
    let deed = sent.deed(
        "close_tail",
        format!("{}/{process}", channel.as_str()),
        Some(format!("from message {seen}")),
        &reason,
    );
    match parts.store.repeated(&deed).await.map_err(problem)? {
        Some(Repeated::Other) => return Err(Problem::KeyReused.into()),
        // after a failure at the database the same request is made good
        Some(Repeated::Same(_)) => {}
        None => {
            let open = tail(&parts.store, channel, process).await?;
            if open.from != seen {
                return Err(Refused::stale(None, &open));
            }
            parts.record(&deed).await?;
        }
    }
    let name = sent.operator.name();
    let closed = read::close_tail(&parts.store, process, channel, name, reason.as_str()).await;
    closed.map_err(problem)?;
    Ok(HttpResponse::Ok().json(Tail {
        channel,
        process: process.to_string(),
        from: seen,
    }))
}

/// Reads the open tail of a process.
///
/// # Errors
/// [`Problem::NotFound`] where it has none, [`Problem::Unavailable`] while the database is away.
async fn tail(store: &Store, channel: Channel, process: ProcessId) -> Result<Tail, Problem> {
    let ledger = read::ledger(store).await.map_err(problem)?;
    let mut tails = ledger.channels[channel].open_tails.iter();
    let open = tails.find(|tail| tail.process == process);
    open.map(|tail| Tail {
        channel,
        process: process.to_string(),
        from: tail.from,
    })
    .ok_or(Problem::NotFound)
}
