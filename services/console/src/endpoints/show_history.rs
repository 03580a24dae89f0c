//! `GET /v1/history`

use actix_web::web::{Data, Query};
use actix_web::{HttpRequest, HttpResponse};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use sportello_http::{OperatorProblems, Problem};
use utoipa::IntoParams;

use crate::operator::Operator;
use crate::parts::Parts;
use crate::views::history::History;

/// The stretch of the past; the last hour where it is absent.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// First instant.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Instant after the last.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
}

const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Shows a stretch of the past.
///
/// In seconds where all of it lies in the last hour, else in minutes, of which a day is kept. A
/// minute is the mean of its known seconds.
#[utoipa::path(
    get,
    path = "/v1/history",
    operation_id = "show_history",
    tag = "operation",
    params(HistoryQuery),
    responses((status = 200, description = "The stretch, column by column", body = History), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn show_history(
    request: HttpRequest,
    _: Operator,
    parts: Data<Parts>,
) -> Result<HttpResponse, Problem> {
    let query = Query::<HistoryQuery>::from_query(request.query_string()).map_err(|_| Problem::Query)?;
    let now = Timestamp::now();
    let to = query.to.unwrap_or(Timestamp::MAX);
    let an_hour_ago = now.saturating_sub(HOUR).map_err(|_| Problem::Query)?;
    let from = query.from.unwrap_or(an_hour_ago);
    let past = parts.shown.past().read();
    let history = if from >= an_hour_ago {
        past.seconds(from, to)
    } else {
        past.minutes(from, to)
    };
    drop(past);
    Ok(HttpResponse::Ok().json(history))
}
