//! The mistakes found in a form.

use serde_json::{Map, Value};
use sportello_domain::JsonPointer;

/// A schema as a JSON object.
pub(super) type Schema = Map<String, Value>;

/// A mistake in a form, for the form's author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaMistake {
    /// Place in the schema.
    pub pointer: JsonPointer,
    /// The problem.
    pub message: String,
    /// What to do; may be empty.
    pub advice: String,
}

/// The mistakes found so far.
#[derive(Default)]
pub(super) struct Mistakes(pub(super) Vec<SchemaMistake>);

impl Mistakes {
    pub(super) fn add(&mut self, pointer: &JsonPointer, message: &str, advice: &str) {
        self.0.push(SchemaMistake {
            pointer: pointer.clone(),
            message: message.to_owned(),
            advice: advice.to_owned(),
        });
    }
}
