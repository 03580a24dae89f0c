//! A benefit's form: a JSON Schema (2020-12) that the answers must fit.

mod close;
mod cut;
pub(crate) mod format;
mod keyword;
mod lint;
mod mistakes;
mod openapi;
mod refused;

use jsonschema::{Draft, PatternOptions, ValidationError, ValidationOptions, Validator};
use serde_json::{Value, json};
use sportello_domain::Violation;

pub use openapi::openapi_form;

use mistakes::SchemaMistake;

/// Most violations reported for one application: nonsense needs no long answer.
const MOST_VIOLATIONS: usize = 200;
/// Deepest nesting of fields.
const DEEPEST: usize = 8;
/// Most bytes of a compiled pattern.
const PATTERN_BYTES: usize = 1 << 20;

/// The form of one benefit, or of one of its categories.
pub(crate) struct Form {
    schema: Value,
    validator: Validator,
}

impl Form {
    /// Returns every mistake of a whole form (a category's merged with the common one): unknown
    /// keywords, missing bounds and labels, and anything that could make it refuse every caller or
    /// cost too much.
    pub(crate) fn lint(schema: &Value) -> Vec<SchemaMistake> {
        lint::mistakes(schema)
    }

    /// Compiles the form, once for all applications. Every object refuses fields that it does not
    /// name.
    ///
    /// # Errors
    /// All mistakes of [`Form::lint`], or the compiler's error.
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

    /// Returns the form as JSON Schema, closed to unknown fields.
    pub(crate) fn schema(&self) -> &Value {
        &self.schema
    }

    /// Returns the violations of the answers, up to 200; pointers begin with `/answers`.
    pub(crate) fn violations(&self, answers: &Value) -> Vec<Violation> {
        // far cheaper than searching for errors, and nearly all answers are valid
        if self.validator.is_valid(answers) {
            return Vec::new();
        }
        let cut = cut::to_form(answers, &self.schema);
        let mut found: Vec<Violation> = Vec::new();
        for violation in self
            .validator
            .iter_errors(&cut)
            .flat_map(|error| keyword::violations(&self.schema, &error))
        {
            // `then` may repeat a requirement of the form
            let known =
                |other: &Violation| other.pointer == violation.pointer && other.code == violation.code;
            if found.len() == MOST_VIOLATIONS {
                break;
            }
            if !found.iter().any(known) {
                found.push(violation);
            }
        }
        found
    }
}

/// Returns whether a format holds codes: short, with one way to write each.
pub(crate) fn is_code(format: &str) -> bool {
    matches!(format, "date" | "iban" | "tax-code" | "vat-number")
}

/// Options for compiling forms: nothing is fetched, and patterns take linear time on any text.
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

/// Returns the pattern engine's error for a pattern, if any.
fn pattern_mistake(pattern: &str) -> Option<String> {
    let error = options().build(&json!({ "pattern": pattern })).err()?;
    Some(error.to_string())
}

fn of_compiler(error: &ValidationError<'_>) -> SchemaMistake {
    SchemaMistake {
        pointer: refused::place(error),
        message: error.to_string(),
        advice: String::new(),
    }
}

#[cfg(test)]
mod tests;
