//! `GET /v1/benefits/{id}/channels`

use actix_web::HttpResponse;
use actix_web::http::header::CACHE_CONTROL;
use actix_web::web::{Data, Path};
use serde::Serialize;
use sportello_domain::{BenefitId, Channel};
use sportello_http::{Problem, PublicItemProblems};
use utoipa::ToSchema;

use crate::channel_state::ChannelState;
use crate::parts::{Parts, UNAVAILABLE};
use crate::validate::now;

/// The channels of a benefit.
#[derive(Serialize, ToSchema)]
#[schema(as = Channels)]
pub(crate) struct Channels {
    /// One channel of each kind.
    #[schema(max_items = 2)]
    items: Vec<ChannelState>,
}

/// Shows whether a benefit takes applications now.
///
/// By the hours of its channels, in Europe/Rome, and by the settings of operators. The same for
/// every caller. No token is needed.
#[utoipa::path(
    get,
    path = "/v1/benefits/{id}/channels",
    operation_id = "list_channels",
    tag = "channels",
    params(
        ("id" = String, Path, description = "The benefit's id", max_length = 64,
            pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", example = "indemnity-march-2020"),
    ),
    responses(
        (status = 200, description = "The channels", body = Channels, headers(
            ("Cache-Control" = String, description = "`public, max-age=1`: any cache may keep it for a second"),
        )),
        PublicItemProblems,
    ),
    security(())
)]
pub(crate) async fn list_channels(parts: Data<Parts>, id: Path<String>) -> Result<HttpResponse, Problem> {
    let id = BenefitId::parse(&id).map_err(|_| Problem::NotFound)?;
    let catalogue = parts.catalogue.current();
    let benefit = catalogue.get(&id).ok_or(Problem::NotFound)?;
    let (channel_settings, now) = (&parts.channel_settings, now());
    let state = |channel| {
        let position = channel_settings.position(&id, channel).ok_or(UNAVAILABLE)?;
        Ok(ChannelState::of(benefit, channel, position, now))
    };
    let items = Channel::ALL
        .into_iter()
        .map(state)
        .collect::<Result<_, Problem>>()?;
    Ok(HttpResponse::Ok()
        .insert_header((CACHE_CONTROL, "public, max-age=1"))
        .json(Channels { items }))
}
