//! A benefit's form: a JSON Schema (2020-12) that the answers must fit.

mod close;
pub(crate) mod format;
mod lint;
mod message;
mod words;

use jsonschema::{Draft, PatternOptions, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};
use sportello_domain::Violation;

/// Most violations that are told of one application: who sends nonsense need not be answered at length.
const MOST_VIOLATIONS: usize = 200;
/// Most bytes of a compiled pattern.
const PATTERN_BYTES: usize = 1 << 20;

/// A mistake in a form, for who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SchemaMistake {
    /// Where in the schema: a JSON pointer.
    pub pointer: String,
    /// What is wrong.
    pub message: String,
    /// What to do; may be empty.
    pub advice: String,
}

/// The form of one benefit, or of one of its categories.
pub(crate) struct Form {
    schema: Value,
    validator: Validator,
}

impl Form {
    /// Every mistake of a whole form (a category's merged with the common one): unknown keywords, missing
    /// bounds and labels, and whatever could make it refuse everybody or cost too much.
    pub(crate) fn lint(schema: &Value) -> Vec<SchemaMistake> {
        lint::mistakes(schema)
    }

    /// Closes every object to fields that it does not name and compiles the form, once for all applications.
    ///
    /// # Errors
    /// All mistakes of [`Form::lint`], or what the compiler says.
    pub(crate) fn compile(mut schema: Value) -> Result<Self, Vec<SchemaMistake>> {
        let mistakes = Self::lint(&schema);
        if !mistakes.is_empty() {
            return Err(mistakes);
        }
        close::close(&mut schema);
        let validator = options()
            .build(&schema)
            .map_err(|error| vec![of_compiler(&error)])?;
        Ok(Self { schema, validator })
    }

    /// The form as JSON Schema, closed.
    pub(crate) fn schema(&self) -> &Value {
        &self.schema
    }

    /// Everything that is wrong with the answers, up to 200 violations; pointers begin with `/answers`.
    pub(crate) fn violations(&self, answers: &Value) -> Vec<Violation> {
        // far cheaper than to look for errors, and nearly all answers are valid
        if self.validator.is_valid(answers) {
            return Vec::new();
        }
        let mut told: Vec<Violation> = Vec::new();
        for violation in self
            .validator
            .iter_errors(answers)
            .flat_map(|error| message::violations(&self.schema, &error))
        {
            // `then` may ask again for what the form asks for
            let known =
                |other: &Violation| other.pointer == violation.pointer && other.code == violation.code;
            if told.len() < MOST_VIOLATIONS && !told.iter().any(known) {
                told.push(violation);
            }
        }
        told
    }
}

/// How forms are compiled: nothing is fetched, and patterns take linear time whatever they are matched with.
fn options() -> ValidationOptions<'static> {
    let options = jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .with_pattern_options(PatternOptions::regex().size_limit(PATTERN_BYTES));
    format::FORMATS.iter().fold(options, |options, (name, _)| {
        options.with_format(*name, move |text: &str| format::refusal(name, text).is_none())
    })
}

/// Whether the pattern engine takes a pattern; if not, why.
fn pattern_mistake(pattern: &str) -> Option<String> {
    let error = options().build(&json!({ "pattern": pattern })).err()?;
    Some(error.to_string())
}

fn of_compiler(error: &ValidationError<'_>) -> SchemaMistake {
    SchemaMistake {
        pointer: error.instance_path().as_str().to_owned(),
        message: error.to_string(),
        advice: String::new(),
    }
}

#[cfg(test)]
mod tests;
