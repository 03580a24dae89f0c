//! What is wrong with a content that was sent.

use std::borrow::Cow;

use serde::Serialize;

use crate::text::{Language, Text};

/// One thing to mend, or to look at. Never repeats the value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Where: a JSON pointer (RFC 6901); empty for the whole content.
    pub pointer: String,
    /// Stable code for programs, in `snake_case`.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do, for a person.
    pub message: Text,
}

/// A violation as it is told to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocalisedViolation {
    /// Where: a JSON pointer (RFC 6901); empty for the whole content.
    pub pointer: String,
    /// Stable code for programs, in `snake_case`.
    pub code: Cow<'static, str>,
    /// What is wrong and what to do, in the reader's language.
    pub message: String,
}

impl Violation {
    /// A violation at `pointer`.
    pub fn new(pointer: impl Into<String>, code: impl Into<Cow<'static, str>>, message: Text) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            message,
        }
    }

    /// A field that must be there.
    #[must_use]
    pub fn required(pointer: &str) -> Self {
        const MESSAGE: Text = Text::fixed(
            "questo campo è obbligatorio",
            "this field is required",
            "dieses Feld ist erforderlich",
        );
        Self::new(pointer, "required", MESSAGE)
    }

    /// The violation in one language.
    #[must_use]
    pub fn localised(self, language: Language) -> LocalisedViolation {
        LocalisedViolation {
            message: self.message.in_language(language).to_owned(),
            pointer: self.pointer,
            code: self.code,
        }
    }
}
