//! The channels of benefits.

use jiff::Timestamp;
use serde::Serialize;
use sportello_domain::{Channel, ChannelPosition};
use utoipa::ToSchema;

use super::change::Change;

/// Every channel of every benefit: the answer of `GET /v1/channels`.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Channels {
    /// Two of each benefit.
    #[schema(max_items = 200)]
    pub items: Vec<ChannelView>,
}

/// A channel of a benefit: also the answer of `PUT /v1/benefits/{benefit}/channels/{channel}`.
/// `ETag` is its version in quotation marks.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct ChannelView {
    /// The benefit's id.
    #[schema(
        example = "indemnity-march-2020",
        max_length = 64,
        pattern = "^[a-z][a-z0-9]*(-[a-z0-9]+)*$"
    )]
    pub benefit: String,
    /// Its title in Italian.
    #[schema(max_length = 200, pattern = "^.+$")]
    pub title: String,
    /// The channel.
    pub channel: Channel,
    /// Version: the value of `If-Match` for the next change. 0 where it was never set.
    pub version: u64,
    /// Whether it follows the benefit's hours, or an operator opened or closed it.
    pub position: ChannelPosition,
    /// Whether it accepts applications now.
    pub open: bool,
    /// When it opens by its hours, where they close it now and the instant is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub opens_at: Option<Timestamp>,
    /// The last change; absent where it was never set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub changed: Option<Change>,
}

/// The body of `PUT /v1/benefits/{benefit}/channels/{channel}`.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetChannel {
    /// Whether it follows the benefit's hours, is open or is closed.
    pub position: ChannelPosition,
    /// Reason, on one line.
    #[schema(
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$"
    )]
    pub reason: String,
}
