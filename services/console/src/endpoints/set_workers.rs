//! `PUT /v1/workers`

use actix_web::HttpResponse;
use actix_web::web::Data;
use jiff::Timestamp;
use serde_json::json;
use sportello_domain::{Language, Text, Violation};
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_scaling::{Ceiling, Policy};
use sportello_store::Change;

use super::show_workers::{answer, workers};
use crate::change::{self, ApiDocChange, Sent};
use crate::parts::{Parts, problem};
use crate::refused::Refused;
use crate::setting::Setting;
use crate::views::workers::{SetWorkers, Workers};

/// Sets how many workers there should be.
///
/// By a target, or by a number that holds until its end. It counts from the next second on.
#[utoipa::path(
    put,
    path = "/v1/workers",
    operation_id = "set_workers",
    tag = "decisions",
    params(ApiDocChange, ApiDocReader),
    request_body(content = SetWorkers, content_type = "application/json", description = "The new setting, and the reason"),
    responses((status = 200, description = "It is set", body = Workers), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn set_workers(sent: Sent<SetWorkers>, parts: Data<Parts>) -> Result<HttpResponse, Refused> {
    let seen = sent.seen()?;
    let reason = change::reason(&sent.body.reason, sent.language)?;
    let setting = checked(&sent.body, sent.language)?;
    let deed = sent.deed("set_workers", "workers", Some(setting.words()), &reason);
    let set = parts.store.set_workers(seen, &json!(setting), &deed).await;
    let set = set.map_err(problem)?;
    let now = workers(&parts).await?;
    match set {
        Change::Made | Change::MadeBefore => Ok(answer(now)),
        Change::KeyReused => Err(Problem::KeyReused.into()),
        Change::Stale => Err(Refused::stale(now.changed.clone(), &now)),
    }
}

fn checked(body: &SetWorkers, language: Language) -> Result<Setting, Problem> {
    let now = Timestamp::now();
    let mut violations = Vec::new();
    if let Err(error) = Policy::new(body.floor, Ceiling::of(body.ceiling, None)) {
        violations.push(violation("floor", &error));
    }
    if let Err(error) = body.target.settable(now) {
        violations.push(violation("target", &error));
    }
    if let Some(Err(error)) = body.manual.map(|manual| manual.settable(body.ceiling, now)) {
        violations.push(violation("manual", &error));
    }
    if !violations.is_empty() {
        return Err(Problem::of_change(violations, language));
    }
    Ok(Setting {
        target: body.target,
        manual: body.manual,
        floor: body.floor,
        ceiling: body.ceiling,
        take_over: body.take_over,
    })
}

fn violation(field: &'static str, error: &dyn std::fmt::Display) -> Violation {
    let message = error.to_string();
    Violation::new(
        [field],
        "not_allowed",
        Text::of(message.clone(), message.clone(), message),
    )
}
