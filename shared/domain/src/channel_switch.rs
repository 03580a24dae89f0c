//! What an operator sets a channel of a benefit to.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::application::read_object;
use crate::mask::masked_debug;
use crate::outcome::UnknownWord;
use crate::text::Text;
use crate::violation::Violation;

/// Whether a channel follows its hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelPosition {
    /// Open and closed as the benefit's file says: where no operator said otherwise.
    #[default]
    Scheduled,
    /// Open, whatever the file says.
    Open,
    /// Closed, whatever the file says.
    Closed,
}

impl ChannelPosition {
    /// Every position.
    pub const ALL: [Self; 3] = [Self::Scheduled, Self::Open, Self::Closed];

    /// The word for it in the API and the queue.
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

/// Why an operator sets a channel: 10 to 200 characters that can be seen. It may name people.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct SwitchReason(Box<str>);
masked_debug!(SwitchReason);

/// A text that is no such reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SwitchReasonError {
    /// Fewer than 10 characters.
    #[error("the reason has fewer than {} characters", SwitchReason::SHORTEST)]
    TooShort,
    /// More than 200 characters.
    #[error("the reason has more than {} characters", SwitchReason::LONGEST)]
    TooLong,
    /// Line breaks and others that can't be seen.
    #[error("the reason has control characters")]
    ControlCharacter,
}

impl SwitchReason {
    /// Fewest characters.
    pub const SHORTEST: usize = 10;
    /// Most characters.
    pub const LONGEST: usize = 200;

    /// Parses a reason, without the white space around it.
    ///
    /// # Errors
    /// [`SwitchReasonError`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, SwitchReasonError> {
        let text = text.trim();
        let length = text.chars().count();
        if length < Self::SHORTEST {
            Err(SwitchReasonError::TooShort)
        } else if length > Self::LONGEST {
            Err(SwitchReasonError::TooLong)
        } else if text.chars().any(char::is_control) {
            Err(SwitchReasonError::ControlCharacter)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// The reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for SwitchReason {
    type Error = SwitchReasonError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<SwitchReason> for String {
    fn from(reason: SwitchReason) -> Self {
        reason.0.into()
    }
}

/// What an operator sets a channel to, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelSwitch {
    /// The position.
    pub position: ChannelPosition,
    /// Why.
    pub reason: SwitchReason,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSwitch {
    position: Option<String>,
    reason: Option<String>,
}

impl ChannelSwitch {
    /// Reads `{"position": "…", "reason": "…"}`, telling everything that is wrong at once.
    ///
    /// # Errors
    /// At least one [`Violation`].
    pub fn parse(json: &[u8]) -> Result<Self, Vec<Violation>> {
        let raw: RawSwitch = read_object(json).map_err(|violation| vec![violation])?;
        let position = field("/position", raw.position.as_deref(), |text| {
            text.parse().map_err(|UnknownWord(_)| {
                Violation::new(
                    "/position",
                    "not_allowed",
                    Text::fixed(
                        "i valori previsti sono open, closed e scheduled",
                        "it must be open, closed or scheduled",
                        "vorgesehen sind open, closed und scheduled",
                    ),
                )
            })
        });
        let reason = field("/reason", raw.reason.as_deref(), |text| {
            SwitchReason::parse(text).map_err(reason_violation)
        });
        match (position, reason) {
            (Ok(position), Ok(reason)) => Ok(Self { position, reason }),
            (position, reason) => Err(position.err().into_iter().chain(reason.err()).collect()),
        }
    }
}

fn field<T>(
    pointer: &str,
    text: Option<&str>,
    parse: impl FnOnce(&str) -> Result<T, Violation>,
) -> Result<T, Violation> {
    parse(text.ok_or_else(|| Violation::required(pointer))?)
}

fn reason_violation(error: SwitchReasonError) -> Violation {
    let code = match error {
        SwitchReasonError::TooShort => "too_short",
        SwitchReasonError::TooLong => "too_long",
        SwitchReasonError::ControlCharacter => "pattern",
    };
    let message = Text::fixed(
        "il motivo ha da 10 a 200 caratteri visibili, su una riga",
        "the reason has 10 to 200 visible characters, on one line",
        "der Grund hat 10 bis 200 sichtbare Zeichen, in einer Zeile",
    );
    Violation::new("/reason", code, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(json: &str) -> Vec<(String, String)> {
        let violations = ChannelSwitch::parse(json.as_bytes()).unwrap_err();
        violations
            .into_iter()
            .map(|violation| (violation.pointer, violation.code.into_owned()))
            .collect()
    }

    #[test]
    fn a_switch_is_read() {
        let json = r#"{"position": "closed", "reason": "  the registry is being repaired "}"#;
        let switch = ChannelSwitch::parse(json.as_bytes()).unwrap();
        assert_eq!(switch.position, ChannelPosition::Closed);
        assert_eq!(switch.reason.as_str(), "the registry is being repaired");
        assert!(!format!("{switch:?}").contains("registry"));
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
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
