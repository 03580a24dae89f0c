//! The state of a benefit's channel, as callers see it.

use jiff::Timestamp;
use serde::Serialize;
use sportello_catalogue::Benefit;
use sportello_domain::{Channel, ChannelPosition};
use utoipa::ToSchema;

/// Whether a channel accepts applications for a benefit now.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChannelState)]
pub(crate) struct ChannelState {
    /// The channel.
    channel: Channel,
    /// Whether the channel follows the benefit's hours, or an operator opened or closed it.
    position: ChannelPosition,
    /// Whether the channel accepts applications now.
    open: bool,
    /// When the channel opens by its hours, where they close it now and the instant is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    opens_at: Option<Timestamp>,
}

impl ChannelState {
    pub(crate) fn of(benefit: &Benefit, channel: Channel, position: ChannelPosition, now: Timestamp) -> Self {
        let scheduled = benefit.closed(channel, now).is_none();
        let (open, by_hours) = match position {
            ChannelPosition::Open => (true, false),
            ChannelPosition::Closed => (false, false),
            ChannelPosition::Scheduled => (scheduled, true),
        };
        let opens_at = (by_hours && !open)
            .then(|| benefit.next_opening(channel, now))
            .flatten();
        Self {
            channel,
            position,
            open,
            opens_at,
        }
    }
}
