//! `GET /v1/channels`

use actix_web::HttpResponse;
use actix_web::web::Data;
use jiff::Timestamp;
use sportello_catalogue::Benefit;
use sportello_domain::{Channel, ChannelPosition, Language};
use sportello_http::{OperatorProblems, Problem};

use crate::operator::Operator;
use crate::parts::{Parts, UNAVAILABLE};
use crate::views::change::Change;
use crate::views::channels::{ChannelView, Channels};

/// Shows every channel of every benefit.
///
/// With the last setting of each: who, when and why.
#[utoipa::path(
    get,
    path = "/v1/channels",
    operation_id = "list_channels",
    tag = "operation",
    responses((status = 200, description = "The channels", body = Channels), OperatorProblems),
    security(("bearer" = []))
)]
pub(crate) async fn list_channels(_: Operator, parts: Data<Parts>) -> Result<HttpResponse, Problem> {
    if !parts.channel_settings.is_known() {
        return Err(UNAVAILABLE);
    }
    let (catalogue, now) = (parts.catalogue.current(), Timestamp::now());
    let benefits = catalogue.benefits();
    let items = benefits.flat_map(|benefit| Channel::ALL.map(|channel| view(&parts, benefit, channel, now)));
    Ok(HttpResponse::Ok().json(Channels {
        items: items.collect(),
    }))
}

/// Returns a channel as it is now.
pub(crate) fn view(parts: &Parts, benefit: &Benefit, channel: Channel, now: Timestamp) -> ChannelView {
    let known = parts.channel_settings.known(benefit.id(), channel);
    let position = known
        .as_ref()
        .map_or(ChannelPosition::Scheduled, |known| known.position);
    let scheduled = benefit.closed(channel, now).is_none();
    let (open, by_hours) = match position {
        ChannelPosition::Open => (true, false),
        ChannelPosition::Closed => (false, false),
        ChannelPosition::Scheduled => (scheduled, true),
    };
    ChannelView {
        benefit: benefit.id().to_string(),
        title: benefit.title().in_language(Language::Italian).to_owned(),
        channel,
        version: known.as_ref().map_or(0, |known| known.revision),
        position,
        open,
        opens_at: (by_hours && !open)
            .then(|| benefit.next_opening(channel, now))
            .flatten(),
        changed: known.map(|known| Change {
            by: known.by.as_str().to_owned(),
            at: known.at,
            reason: known.reason.as_str().to_owned(),
        }),
    }
}
