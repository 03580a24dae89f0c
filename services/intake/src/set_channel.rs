//! `PUT /v1/benefits/{id}/channels/{channel}`

use std::time::Duration;

use actix_web::web::{Data, Path, Payload};
use actix_web::{HttpRequest, HttpResponse};
use sportello_domain::{BenefitId, Channel, ChannelSwitch};
use sportello_http::{ApiDocReader, Bearer, ItemSenderProblems, Problem, Reader, read_body};
use sportello_identity::Caller;
use utoipa::ToSchema;

use crate::acceptance::{UNAVAILABLE, now};
use crate::admission::Admission;
use crate::channel::{ApiDocPosition, ChannelState};
use crate::submit_application::check_media_type;

const BODY_LIMIT: usize = 4 * 1024;
const BODY_DEADLINE: Duration = Duration::from_secs(5);

/// What a channel is set to.
#[derive(ToSchema)]
#[schema(as = ChannelSwitch)]
#[expect(dead_code, reason = "describes `ChannelSwitch` in the OpenAPI document")]
struct ApiDocSwitch {
    position: ApiDocPosition,
    /// Why, on one line: kept with the operator's name.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
        example = "the identity provider is being repaired"
    )]
    reason: String,
}

/// Opens or closes a channel at once.
///
/// For operators. `200` when every process that takes applications is told; one that starts later knows it too.
/// `scheduled` gives the channel back to the benefit's hours.
#[utoipa::path(
    put,
    path = "/v1/benefits/{id}/channels/{channel}",
    operation_id = "set_channel",
    tag = "channels",
    request_body(content = ApiDocSwitch, content_type = "application/json", description = "What to set it to, and why"),
    params(
        ("id" = String, Path, description = "The benefit's id", max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "indemnity-march-2020"),
        ("channel" = crate::channel::ApiDocChannel, Path, description = "The channel"),
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
    admission: Data<Admission>,
    path: Path<(String, String)>,
    payload: Payload,
) -> Result<HttpResponse, Problem> {
    let Caller::Operator { subject } = &caller else {
        return Err(Problem::RoleNotAllowed);
    };
    let (id, channel) = path.into_inner();
    let id = BenefitId::parse(&id).map_err(|_| Problem::NotFound)?;
    let channel: Channel = channel.parse().map_err(|_| Problem::NotFound)?;
    let catalogue = admission.catalogue().current();
    let benefit = catalogue.get(&id).ok_or(Problem::NotFound)?;
    check_media_type(&request)?;
    let body = read_body(payload, BODY_LIMIT, BODY_DEADLINE).await?;
    let switch = ChannelSwitch::parse(&body).map_err(|found| Problem::of_violations(found, language))?;
    let switches = admission.switches();
    let set = switches.set(&id, channel, switch, subject).await;
    set.map_err(|error| {
        tracing::warn!(%error, "a channel is not known to be set");
        UNAVAILABLE
    })?;
    let position = switches.position(&id, channel).ok_or(UNAVAILABLE)?;
    Ok(HttpResponse::Ok().json(ChannelState::of(benefit, channel, position, now())))
}
