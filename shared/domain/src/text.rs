//! Texts for people, in all supported languages.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

/// A supported language.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Italian: the default.
    #[default]
    Italian,
    /// English.
    English,
    /// German, the other official language of South Tyrol.
    German,
}

impl Language {
    /// Every language.
    pub const ALL: [Self; 3] = [Self::Italian, Self::English, Self::German];

    /// Returns the primary tag (RFC 5646): `it`, `en` or `de`.
    #[must_use]
    pub fn tag(self) -> &'static str {
        match self {
            Self::Italian => "it",
            Self::English => "en",
            Self::German => "de",
        }
    }

    /// Returns the language of a tag such as `de-AT`, if it is supported.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL
            .into_iter()
            .find(|language| language.tag().eq_ignore_ascii_case(primary))
    }
}

/// A text in every language.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Text {
    /// Italian.
    #[schema(max_length = 2000, pattern = "^[^\\u0000]+$")]
    pub it: Cow<'static, str>,
    /// English.
    #[schema(max_length = 2000, pattern = "^[^\\u0000]+$")]
    pub en: Cow<'static, str>,
    /// German.
    #[schema(max_length = 2000, pattern = "^[^\\u0000]+$")]
    pub de: Cow<'static, str>,
}

impl Text {
    /// Makes a text that is fixed in the program.
    #[must_use]
    pub const fn fixed(it: &'static str, en: &'static str, de: &'static str) -> Self {
        Self {
            it: Cow::Borrowed(it),
            en: Cow::Borrowed(en),
            de: Cow::Borrowed(de),
        }
    }

    /// Makes a text that is composed, or comes from the catalogue.
    #[must_use]
    pub fn of(it: String, en: String, de: String) -> Self {
        Self {
            it: it.into(),
            en: en.into(),
            de: de.into(),
        }
    }

    /// Returns the text in one language.
    #[must_use]
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::Italian => &self.it,
            Language::English => &self.en,
            Language::German => &self.de,
        }
    }
}

/// Implements `Display`, with the English text, and `Error` for an error that has a `text()`.
macro_rules! error_in_english {
    ($type:ty) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.text().en)
            }
        }

        impl std::error::Error for $type {}
    };
}
pub(crate) use error_in_english;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_known_by_its_primary_tag() {
        assert_eq!(Language::of_tag("de-AT"), Some(Language::German));
        assert_eq!(Language::of_tag("IT"), Some(Language::Italian));
        assert_eq!(Language::of_tag("fr"), None);
        assert_eq!(Language::of_tag(""), None);
    }
}
