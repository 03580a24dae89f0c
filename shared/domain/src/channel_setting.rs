//! An operator's setting of a benefit's channel.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::application::read_object;
use crate::clean::{clean, is_control};
use crate::mask::masked_debug;
use crate::outcome::UnknownWord;
use crate::text::Text;
use crate::violation::Violation;

/// Whether a channel follows its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelPosition {
    /// Open at the hours in the benefit's file: the default.
    #[default]
    Scheduled,
    /// Open at any time.
    Open,
    /// Closed at any time.
    Closed,
}

impl ChannelPosition {
    /// Every position.
    pub const ALL: [Self; 3] = [Self::Scheduled, Self::Open, Self::Closed];

    /// Returns its word in the API and the queue.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scheduled => "scheduled",
            Self::Open => "open",
            Self::Closed => "closed",
        }
    }
}

impl FromStr for ChannelPosition {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|position| position.as_str() == text)
            .ok_or(UnknownWord("position"))
    }
}

/// Why an operator sets a channel: 10 to 200 visible characters. It may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SettingReason(Box<str>);
masked_debug!(SettingReason);

/// Why a text is not a valid reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SettingReasonError {
    /// Fewer than 10 characters.
    #[error("the reason has fewer than {} characters", SettingReason::SHORTEST)]
    TooShort,
    /// More than 200 characters.
    #[error("the reason has more than {} characters", SettingReason::LONGEST)]
    TooLong,
    /// It contains line breaks or other control characters.
    #[error("the reason has control characters")]
    ControlCharacter,
}

impl SettingReason {
    /// Fewest characters.
    pub const SHORTEST: usize = 10;
    /// Most characters.
    pub const LONGEST: usize = 200;

    /// Parses a reason, without the white space around it and invisible characters.
    ///
    /// # Errors
    /// [`SettingReasonError`] says what is wrong.
    pub fn parse(text: &str) -> Result<Self, SettingReasonError> {
        let clean = clean(text);
        let text = clean.trim();
        let length = text.chars().count();
        if length < Self::SHORTEST {
            Err(SettingReasonError::TooShort)
        } else if length > Self::LONGEST {
            Err(SettingReasonError::TooLong)
        } else if text.contains(is_control) {
            Err(SettingReasonError::ControlCharacter)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// Returns the reason as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SettingReason {
    type Error = SettingReasonError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<SettingReason> for String {
    fn from(reason: SettingReason) -> Self {
        reason.0.into()
    }
}

/// The new setting of a channel.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
pub struct ChannelSetting {
    /// The position.
    pub position: ChannelPosition,
    /// Reason, on one line: kept with the operator's name.
    #[schema(
        value_type = String,
        min_length = 10,
        max_length = 200,
        pattern = "^[^\\u0000-\\u001f\\u007f-\\u009f]+$",
        example = "the identity provider is being repaired"
    )]
    pub reason: SettingReason,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSetting {
    position: Option<String>,
    reason: Option<String>,
}

impl ChannelSetting {
    /// Parses `{"position": "…", "reason": "…"}` and reports all mistakes at once.
    ///
    /// # Errors
    /// At least one [`Violation`].
    pub fn parse(json: &[u8]) -> Result<Self, Vec<Violation>> {
        let raw: RawSetting = read_object(json).map_err(|violation| vec![violation])?;
        let position = field(["position"], raw.position.as_deref(), |text| {
            text.parse().map_err(|UnknownWord(_)| {
                Violation::new(
                    ["position"],
                    "not_allowed",
                    Text::fixed(
                        "i valori previsti sono open, closed e scheduled",
                        "it must be open, closed or scheduled",
                        "vorgesehen sind open, closed und scheduled",
                    ),
                )
            })
        });
        let reason = field(["reason"], raw.reason.as_deref(), |text| {
            SettingReason::parse(text).map_err(Violation::from)
        });
        match (position, reason) {
            (Ok(position), Ok(reason)) => Ok(Self { position, reason }),
            (position, reason) => Err(position.err().into_iter().chain(reason.err()).collect()),
        }
    }
}

fn field<T>(
    pointer: [&str; 1],
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, Violation>,
) -> Result<T, Violation> {
    parse(text.ok_or_else(|| Violation::required(pointer))?)
}

impl From<SettingReasonError> for Violation {
    fn from(error: SettingReasonError) -> Self {
        let code = match error {
            SettingReasonError::TooShort => "too_short",
            SettingReasonError::TooLong => "too_long",
            SettingReasonError::ControlCharacter => "pattern",
        };
        let message = Text::fixed(
            "il motivo ha da 10 a 200 caratteri visibili, su una riga",
            "the reason has 10 to 200 visible characters, on one line",
            "der Grund hat 10 bis 200 sichtbare Zeichen, in einer Zeile",
        );
        Self::new(["reason"], code, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(json: &str) -> Vec<(String, String)> {
        let violations = ChannelSetting::parse(json.as_bytes()).unwrap_err();
        violations
            .into_iter()
            .map(|violation| (violation.pointer.to_string(), violation.code.into_owned()))
            .collect()
    }

    #[test]
    fn a_switch_is_read() {
        let json = r#"{"position": "closed", "reason": "  the registry is being repaired "}"#;
        let setting = ChannelSetting::parse(json.as_bytes()).unwrap();
        assert_eq!(setting.position, ChannelPosition::Closed);
        assert_eq!(setting.reason.as_str(), "the registry is being repaired");
        assert!(!format!("{setting:?}").contains("registry"));
    }

    #[test]
    fn everything_that_is_wrong_is_reported_at_once() {
        let long = "a".repeat(201);
        for (json, expected) in [
            ("{}", vec![("/position", "required"), ("/reason", "required")]),
            (
                r#"{"position": "shut", "reason": "because"}"#,
                vec![("/position", "not_allowed"), ("/reason", "too_short")],
            ),
            (
                &format!(r#"{{"position": "open", "reason": "{long}"}}"#),
                vec![("/reason", "too_long")],
            ),
            (
                r#"{"position": "open", "reason": "two lines\nof a reason"}"#,
                vec![("/reason", "pattern")],
            ),
            (
                r#"{"position": "open", "reason": "a good reason", "until": "noon"}"#,
                vec![("/until", "unexpected")],
            ),
            (r#"["open", "a good reason"]"#, vec![("", "unexpected")]),
            ("{", vec![("", "not_json")]),
        ] {
            let found = places(json);
            let found: Vec<_> = found.iter().map(|(p, c)| (p.as_str(), c.as_str())).collect();
            assert_eq!(found, expected, "{json}");
        }
    }

    #[test]
    fn words_are_read_back() {
        for position in ChannelPosition::ALL {
            assert_eq!(position.as_str().parse(), Ok(position));
        }
    }
}
