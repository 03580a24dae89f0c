//! Mistakes in a content that was sent.

use std::borrow::Cow;

use serde::Serialize;
use utoipa::ToSchema;

use crate::json_pointer::JsonPointer;
use crate::text::{Language, Text};

/// One mistake or warning. Never repeats the value that was sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The place in the content.
    pub pointer: JsonPointer,
    /// Stable code for programs, in `snake_case`.
    pub code: Cow<'static, str>,
    /// The text for people: what is wrong and what to do.
    pub message: Text,
}

/// One mistake in the content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Violation)]
pub struct LocalisedViolation {
    /// The place of the mistake, as a JSON pointer (RFC 6901); empty for the whole content.
    #[schema(
        value_type = String,
        example = "/applicant/tax_code",
        format = "json-pointer",
        max_length = 1000
    )]
    pub pointer: JsonPointer,
    /// Stable code, for programs.
    #[schema(
        example = "tax_code_check_character",
        max_length = 64,
        pattern = "^[a-z][a-z0-9_]*$"
    )]
    pub code: Cow<'static, str>,
    /// What is wrong and what to do, in the language that `Accept-Language` prefers.
    #[schema(max_length = 2000, pattern = "^.+$")]
    pub message: String,
}

impl Violation {
    /// Makes a violation at `pointer`.
    pub fn new(pointer: impl Into<JsonPointer>, code: impl Into<Cow<'static, str>>, message: Text) -> Self {
        Self {
            pointer: pointer.into(),
            code: code.into(),
            message,
        }
    }

    /// Makes the violation for a missing field.
    #[must_use]
    pub fn required(pointer: impl Into<JsonPointer>) -> Self {
        const MESSAGE: Text = Text::fixed(
            "questo campo è obbligatorio",
            "this field is required",
            "dieses Feld ist erforderlich",
        );
        Self::new(pointer, "required", MESSAGE)
    }

    /// Returns the violation in one language. Shortens a pointer that is too long to the nearest
    /// enclosing place.
    #[must_use]
    pub fn localised(self, language: Language) -> LocalisedViolation {
        LocalisedViolation {
            message: self.message.in_language(language).to_owned(),
            pointer: self.pointer.within(POINTER_LIMIT),
            code: self.code,
        }
    }
}

/// Most bytes of a pointer in an answer. A field name could be as long as a body.
const POINTER_LIMIT: usize = 1_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_with_a_name_without_end_is_reported_by_what_it_is_in() {
        let told = |names: [&str; 2]| {
            let violation = Violation::required(names).localised(Language::English);
            violation.pointer.to_string()
        };
        let long = "x".repeat(60_000);
        assert_eq!(told(["applicant", "tax_code"]), "/applicant/tax_code");
        assert_eq!(told(["answers", &long]), "/answers");
        assert_eq!(told([&long, &long]), "");
    }
}
