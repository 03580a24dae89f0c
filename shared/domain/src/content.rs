//! The content of an application, byte for byte.

use serde_json::value::RawValue;

use crate::mask::masked_debug;

/// A content as it was sent, without the white space around it. It is known to be JSON, so it can
/// be embedded in other JSON. Personal data.
#[derive(Clone, Copy)]
pub struct Content<'a>(&'a [u8]);
masked_debug!(Content<'_>);

/// The error for a content that is not JSON.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the content is not JSON")]
pub struct ContentNotJson;

impl<'a> Content<'a> {
    /// Parses any JSON. Not needed after
    /// [`Application::parse_sent`](crate::Application::parse_sent), which returns the content.
    ///
    /// # Errors
    /// [`ContentNotJson`] if it is not JSON.
    pub fn parse(json: &'a [u8]) -> Result<Self, ContentNotJson> {
        serde_json::from_slice::<&RawValue>(json)
            .map(|_| Self::of_json(json))
            .map_err(|_| ContentNotJson)
    }

    /// Makes a content of bytes that are known to be JSON, perhaps with JSON white space around it
    /// (RFC 8259, section 2).
    pub(crate) fn of_json(json: &'a [u8]) -> Self {
        Self(json.trim_ascii())
    }

    /// Returns the bytes. Personal data.
    #[must_use]
    pub fn as_bytes(&self) -> &'a [u8] {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_white_space_around_it_is_not_of_it() {
        let content = Content::parse(b"\n {\"a\" :\t1.50}\r\n\t").unwrap();
        assert_eq!(content.as_bytes(), b"{\"a\" :\t1.50}");
        for bad in ["", "{", "{} {}", "\u{c}{}", "{\"a\": 01}"] {
            let parsed = Content::parse(bad.as_bytes());
            assert_eq!(parsed.err(), Some(ContentNotJson), "{bad:?}");
        }
    }
}
