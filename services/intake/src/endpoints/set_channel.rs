//! `PUT /v1/benefits/{id}/channels/{channel}`

use std::time::Duration;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use sportello_domain::{BenefitId, Channel, ChannelSetting};
use sportello_http::{ApiDocReader, Bearer, ItemSenderProblems, Problem, Reader, read_body};
use sportello_identity::Caller;

use crate::channel_state::ChannelState;
use crate::parts::{Parts, UNAVAILABLE};
use crate::request::check_media_type;
use crate::validate::now;

const BODY_LIMIT: usize = 4 * 1024;
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// Opens or closes a channel at once.
///
/// For operators. `200` means that every running intake has the setting, and that an intake that
/// starts later reads it. `scheduled` gives the channel back to the benefit's hours.
#[utoipa::path(
    put,
    path = "/v1/benefits/{id}/channels/{channel}",
    operation_id = "set_channel",
    tag = "channels",
    request_body(content = ChannelSetting, content_type = "application/json", description = "The new position, and the reason"),
    params(
        ("id" = String, Path, description = "The benefit's id", max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "indemnity-march-2020"),
        ("channel" = Channel, Path, description = "The channel"),
        ApiDocReader,
    ),
    responses(
        (status = 200, description = "It is set", body = ChannelState),
        ItemSenderProblems,
    ),
    security(("bearer" = []))
)]
pub(crate) async fn set_channel(
    request: HttpRequest,
    Bearer(caller): Bearer,
    Reader(language): Reader,
    parts: Data<Parts>,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Caller::Operator { subject } = &caller else {
        return Err(Problem::RoleNotAllowed);
    };
    let (id, channel) = path.into_inner();
    let id = BenefitId::parse(&id).map_err(|_| Problem::NotFound)?;
    let channel: Channel = channel.parse().map_err(|_| Problem::NotFound)?;
    let catalogue = parts.catalogue.current();
    let benefit = catalogue.get(&id).ok_or(Problem::NotFound)?;
    check_media_type(&request)?;
    let body = read_body(payload, BODY_LIMIT, BODY_DEADLINE).await?;
    let setting = ChannelSetting::parse(&body).map_err(|found| Problem::of_violations(found, language))?;
    let channel_settings = &parts.channel_settings;
    let set = channel_settings.set(&id, channel, setting, subject.name()).await;
    set.map_err(|error| {
        tracing::warn!(%error, "a channel setting is not known to be kept");
        UNAVAILABLE
    })?;
    let position = channel_settings.position(&id, channel).ok_or(UNAVAILABLE)?;
    Ok(HttpResponse::Ok().json(ChannelState::of(benefit, channel, position, now())))
}
