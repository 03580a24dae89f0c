//! `PUT /v1/benefits/{benefit}/channels/{channel}`

use actix_web::HttpResponse;
use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use jiff::Timestamp;
use sportello_catalogue::Benefit;
use sportello_domain::{BenefitId, Channel, ChannelSetting};
use sportello_http::{ApiDocReader, ChangeProblems, Problem};
use sportello_signals::SetError;
use sportello_store::Repeated;

use super::list_channels::view;
use crate::change::{self, ApiDocChange, Sent};
use crate::parts::{Parts, UNAVAILABLE, problem};
use crate::refused::Refused;
use crate::views::channels::{ChannelView, SetChannel};

/// Opens or closes a channel, or gives it back to its hours.
///
/// `200` follows the broker's confirm: every running intake has the setting, and one that starts
/// later reads it. The audit has the decision before it takes effect.
#[utoipa::path(
    put,
    path = "/v1/benefits/{benefit}/channels/{channel}",
    operation_id = "set_channel",
    tag = "decisions",
    params(
        ("benefit" = String, Path, description = "The benefit's id", max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "indemnity-march-2020"),
        ("channel" = Channel, Path, description = "The channel"),
        ApiDocChange, ApiDocReader,
    ),
    request_body(content = SetChannel, content_type = "application/json", description = "The new position, and the reason"),
    responses((status = 200, description = "It is set", body = ChannelView), ChangeProblems),
    security(("bearer" = []))
)]
pub(crate) async fn set_channel(
    sent: Sent<SetChannel>,
    parts: Data<Parts>,
    path: Path<(String, String)>,
) -> Result<HttpResponse, Refused> {
    let (id, channel) = path.into_inner();
    let id = BenefitId::parse(&id).map_err(|_| Problem::NotFound)?;
    let channel: Channel = channel.parse().map_err(|_| Problem::NotFound)?;
    let catalogue = parts.catalogue.current();
    let benefit = catalogue.get(&id).ok_or(Problem::NotFound)?;
    let seen = sent.seen()?.unsigned_abs();
    let reason = change::reason(&sent.body.reason, sent.language)?;
    let current = || view(&parts, benefit, channel, Timestamp::now());
    let deed = sent.deed(
        "set_channel",
        format!("{id}/{}", channel.as_str()),
        Some(sent.body.position.as_str().to_owned()),
        &reason,
    );
    match parts.store.repeated(&deed).await.map_err(problem)? {
        Some(Repeated::Other) => return Err(Problem::KeyReused.into()),
        // after a failure at the broker the same request is made good
        Some(Repeated::Same(_)) if current().version > seen => return Ok(answer(current())),
        Some(Repeated::Same(_)) => {}
        None if current().version != seen => return Err(stale(current())),
        None => parts.record(&deed).await?,
    }
    let setting = ChannelSetting {
        position: sent.body.position,
        reason,
    };
    set(&parts, seen, benefit, channel, setting, sent.operator.name()).await?;
    Ok(answer(current()))
}

async fn set(
    parts: &Parts,
    seen: u64,
    benefit: &Benefit,
    channel: Channel,
    setting: ChannelSetting,
    by: &str,
) -> Result<(), Refused> {
    let settings = &parts.channel_settings;
    match settings.set_seen(seen, benefit.id(), channel, setting, by).await {
        Ok(()) => Ok(()),
        Err(SetError::Overtaken) => Err(stale(view(parts, benefit, channel, Timestamp::now()))),
        Err(error @ (SetError::NotFollowing | SetError::Send(_) | SetError::Timeout)) => {
            tracing::warn!(%error, "a channel setting is not known to be kept");
            Err(UNAVAILABLE.into())
        }
    }
}

fn stale(current: ChannelView) -> Refused {
    Refused::stale(current.changed.clone(), &current)
}

fn answer(view: ChannelView) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((ETAG, format!("\"{}\"", view.version)))
        .json(view)
}
