//! What is wrong with a content that was sent.

use serde::Serialize;

/// One thing to mend. Never repeats the value that was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// Where: a JSON pointer (RFC 6901); empty for the whole content.
    pub pointer: String,
    /// Stable code for programs, in `snake_case`.
    pub code: &'static str,
    /// What is wrong and what to do, for a person.
    pub message: String,
}

impl Violation {
    /// A violation at `pointer`.
    pub fn new(pointer: impl Into<String>, code: &'static str, message: impl ToString) -> Self {
        Self {
            pointer: pointer.into(),
            code,
            message: message.to_string(),
        }
    }

    /// A field that must be there.
    #[must_use]
    pub fn required(pointer: &str) -> Self {
        Self::new(pointer, "required", "this field is required")
    }
}
