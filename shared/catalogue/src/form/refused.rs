//! Answers that do not fit. Messages show the limit, never the value that was sent.

use std::borrow::Cow;

use jsonschema::ValidationError;
use serde_json::Value;
use sportello_domain::{JsonPointer, Text, Violation};

/// An error of the validator.
pub(super) struct Refused<'a> {
    /// The form.
    pub(super) form: &'a Value,
    pub(super) error: &'a ValidationError<'a>,
}

impl Refused<'_> {
    /// Returns the violation of a field, at its place.
    pub(super) fn here(&self, code: impl Into<Cow<'static, str>>, message: Text) -> Option<Vec<Violation>> {
        Some(vec![Violation::new(self.place(), code, message)])
    }

    /// Returns the violation of a field for which no keyword has a message.
    pub(super) fn not_allowed(&self) -> Vec<Violation> {
        const MESSAGE: Text = Text::fixed(
            "il valore non è ammesso in questo campo",
            "the value does not fit this field",
            "der Wert passt nicht in dieses Feld",
        );
        vec![Violation::new(self.place(), "not_allowed", MESSAGE)]
    }

    /// Returns the place in the application.
    pub(super) fn place(&self) -> JsonPointer {
        JsonPointer::from(["answers"]).join(&place(self.error))
    }

    /// Returns the schema whose keyword refuses the value.
    pub(super) fn field(&self) -> Option<&Value> {
        let (field, _) = self.error.schema_path().as_str().rsplit_once('/')?;
        self.form.pointer(field)
    }
}

/// Returns the place of an error, from the root of the value that was checked.
pub(super) fn place(error: &ValidationError<'_>) -> JsonPointer {
    // the validator writes RFC 6901 too; its own list of the names leaves out empty ones
    JsonPointer::parse(error.instance_path().as_str()).unwrap_or(JsonPointer::ROOT)
}

/// Writes a number with a decimal comma, for Italian and German.
pub(super) fn comma(number: &impl ToString) -> String {
    number.to_string().replace('.', ",")
}

/// Writes a value of the form.
pub(super) fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Builds "… 3 characters" from the text before the number, the singular and the plural.
pub(super) fn limited(limit: u64, it: [&str; 3], en: [&str; 3], de: [&str; 3]) -> Text {
    let said = |[before, one, many]: [&str; 3]| {
        let counted = if limit == 1 { one } else { many };
        format!("{before} {limit} {counted}")
    };
    Text::of(said(it), said(en), said(de))
}
