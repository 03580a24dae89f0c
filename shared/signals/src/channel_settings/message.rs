//! Messages of channel settings: a versioned JSON document.
//!
//! ```json
//! {"version": 1, "setting": {"id": "…", "revision": 3, "benefit": "indemnity-march-2020",
//!   "channel": "citizen", "position": "closed", "reason": "the registry is being repaired",
//!   "by": "…", "at": "2020-04-01T06:00:00Z"}}
//! {"version": 1, "marker": {"id": "…"}}
//! ```
//!
//! A field that a reader may not ignore needs a new version.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sportello_domain::{BenefitId, Channel, ChannelPosition, SettingReason};
use uuid::Uuid;

/// Version that is written, and the only one that is read.
const VERSION: u64 = 1;

/// An operator's setting of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Setting {
    pub(super) id: Uuid,
    /// One more than the revision of the setting that it replaces.
    pub(super) revision: u64,
    pub(super) benefit: BenefitId,
    pub(super) channel: Channel,
    pub(super) position: ChannelPosition,
    pub(super) reason: SettingReason,
    pub(super) by: Operator,
    pub(super) at: Timestamp,
}

/// The operator, as their issuer names them. Personal data.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Operator(pub(super) Box<str>);

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Operator(***)")
    }
}

impl Setting {
    /// Returns whether it supersedes `other`, of the same channel. The order is total and the same
    /// on every process: of two settings made without knowledge of each other the later one wins.
    pub(super) fn supersedes(&self, other: &Self) -> bool {
        (self.revision, self.at, self.id) > (other.revision, other.at, other.id)
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        encode(&Message::Setting(self.clone()))
    }
}

/// Marker of a process that reads: when it comes back, everything before it has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Marker {
    pub(super) id: Uuid,
}

impl Marker {
    pub(super) fn new() -> Self {
        Self { id: Uuid::new_v4() }
    }

    pub(super) fn encode(self) -> Vec<u8> {
        encode(&Message::Marker(self))
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Message {
    Setting(Setting),
    Marker(Marker),
}

/// Why a message can't be read. It stays in the queue: a newer version may have written it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    #[error("it has version {0}, which this program doesn't know")]
    Version(u64),
    /// Without serde's own text, which may repeat parts of the message.
    #[error("it can't be read at line {line}, column {column}")]
    Json { line: usize, column: usize },
}

impl From<serde_json::Error> for Unreadable {
    fn from(error: serde_json::Error) -> Self {
        Self::Json {
            line: error.line(),
            column: error.column(),
        }
    }
}

#[derive(Serialize)]
struct Envelope<'a> {
    version: u64,
    #[serde(flatten)]
    message: &'a Message,
}

#[derive(Deserialize)]
struct Head {
    version: u64,
}

#[expect(
    clippy::expect_used,
    reason = "an empty message to every process would hide the fault"
)]
fn encode(message: &Message) -> Vec<u8> {
    let version = VERSION;
    serde_json::to_vec(&Envelope { version, message }).expect("a message has no maps, so JSON can hold it")
}

#[derive(Deserialize)]
struct Whole {
    #[serde(flatten)]
    message: Message,
}

pub(super) fn decode(body: &[u8]) -> Result<Message, Unreadable> {
    let Head { version } = serde_json::from_slice(body)?;
    if version != VERSION {
        return Err(Unreadable::Version(version));
    }
    let Whole { message } = serde_json::from_slice(body)?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setting(revision: u64, at: &str) -> Setting {
        Setting {
            id: Uuid::new_v4(),
            revision,
            benefit: BenefitId::parse("indemnity-march-2020").unwrap(),
            channel: Channel::Citizen,
            position: ChannelPosition::Closed,
            reason: SettingReason::parse("the registry is being repaired").unwrap(),
            by: Operator("olga".into()),
            at: at.parse().unwrap(),
        }
    }

    #[test]
    fn what_is_written_is_read_back() {
        let setting = setting(3, "2020-04-01T06:00:00Z");
        assert_eq!(
            decode(&setting.encode()).unwrap(),
            Message::Setting(setting.clone())
        );
        let marker = Marker::new();
        assert_eq!(decode(&marker.encode()).unwrap(), Message::Marker(marker));
        let shown = format!("{setting:?}");
        assert!(!shown.contains("olga") && !shown.contains("registry"), "{shown}");
    }

    #[test]
    fn what_can_not_be_read_is_reported_without_repeating_it() {
        for body in [
            r#"{"version": 2, "setting": {"benefit": "secret"}}"#,
            r#"{"version": 1, "setting": {"benefit": "secret"}}"#,
            r#"{"version": 1, "secret": {}}"#,
            r#"{"version": "secret"}"#,
            "secret",
            "",
        ] {
            let error = decode(body.as_bytes()).unwrap_err().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_setting_counts_more_than_the_one_it_was_made_in_place_of_whatever_the_clocks_say() {
        let first = setting(1, "2020-04-01T06:00:05Z");
        let second = setting(2, "2020-04-01T06:00:00Z");
        assert!(second.supersedes(&first) && !first.supersedes(&second));
        let at_once = setting(2, "2020-04-01T06:00:01Z");
        assert!(at_once.supersedes(&second) && !second.supersedes(&at_once));
        assert!(!first.supersedes(&first));
    }
}
