//! Why an operator reads an application.

use crate::clean::clean;
use crate::mask::masked_debug;

/// Why an operator reads an application, in their own words: 10 to 200 letters, digits, spaces and
/// common signs. The application's holders can see it. Personal data, since it may name a person.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessReason(Box<str>);
masked_debug!(AccessReason);

/// The error for a text that is not a valid reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an access reason has 10 to 200 letters, digits, spaces and common signs")]
pub struct AccessReasonError;

impl AccessReason {
    /// Parses a reason, without the white space around it and invisible characters.
    ///
    /// # Errors
    /// [`AccessReasonError`] if it is too short, too long or contains invisible signs.
    pub fn parse(text: &str) -> Result<Self, AccessReasonError> {
        let clean = clean(text);
        let text = clean.trim();
        let fits = (10..=200).contains(&text.chars().count()) && text.chars().all(is_visible);
        if fits {
            Ok(Self(text.into()))
        } else {
            Err(AccessReasonError)
        }
    }

    /// Parses a header's value: UTF-8, or the Latin-1 that browsers send (RFC 9110, section 5.5).
    ///
    /// # Errors
    /// As [`AccessReason::parse`].
    pub fn of_header(value: &[u8]) -> Result<Self, AccessReasonError> {
        match std::str::from_utf8(value) {
            Ok(text) => Self::parse(text),
            Err(_) => Self::parse(&value.iter().copied().map(char::from).collect::<String>()),
        }
    }

    /// Returns the reason. Personal data.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character is visible: no line break, no zero width, no change of the text's direction.
fn is_visible(c: char) -> bool {
    c.is_alphanumeric() || c == ' ' || c.is_ascii_punctuation() || "’‘“”«»–—…€§°".contains(c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_is_text_that_can_be_read() {
        for good in [
            "complaint 42",
            "  reclamo n. 2020/42: l’applicante è deceduta ",
            &"à".repeat(200),
        ] {
            assert_eq!(AccessReason::parse(good).unwrap().as_str(), good.trim());
        }
        for bad in [
            "",
            "too short",
            "          ",
            "a line\nand another",
            &"a".repeat(201),
        ] {
            assert_eq!(AccessReason::parse(bad), Err(AccessReasonError), "{bad:?}");
        }
        let pasted = AccessReason::parse("perche\u{301} \u{202e}\u{200b}serve").unwrap();
        assert_eq!(pasted.as_str(), "perché serve");
        assert!(!format!("{:?}", AccessReason::parse("complaint 42").unwrap()).contains("42"));
    }

    #[test]
    fn a_header_is_utf_8_or_latin_1() {
        for header in ["perché serve".as_bytes(), b"perch\xe9 serve"] {
            assert_eq!(AccessReason::of_header(header).unwrap().as_str(), "perché serve");
        }
        assert!(AccessReason::of_header(b"perch\xe9\x85serve!").is_err());
    }
}
