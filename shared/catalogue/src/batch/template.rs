//! A template of a table, made from a benefit's form.

use serde_json::Value;
use sportello_domain::{CategoryId, JsonPointer, Violation};

use super::field::pointers;
use super::{BatchColumns, KEY, Separator, sample};
use crate::benefit::Benefit;

/// List elements with columns in a template, if the form allows as many.
const ELEMENTS: usize = 3;
/// The key in the row of the example. It is not a valid key, so the row is refused if sent by
/// mistake.
const NO_KEY: &str = "esempio - example - Beispiel";

/// The names of the columns, and an example row.
pub struct BatchTemplate {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The cells of an invented application, valid once it has its own key. No cell begins like a
    /// formula.
    pub example: Vec<String>,
}

impl Benefit {
    /// Returns a template for a category: a column for each possible field, up to three elements of
    /// each list, and an example.
    ///
    /// # Errors
    /// The category is unknown, or missing although the benefit has categories.
    pub fn batch_template(&self, category: Option<&CategoryId>) -> Result<BatchTemplate, Violation> {
        let form = self.form_of(category)?;
        let names = (1..=ELEMENTS).rev().map(|elements| columns(form, elements));
        let mut names = names.skip_while(|names| names.len() > BatchColumns::MOST);
        let columns = names.next().unwrap_or_else(|| columns(form, 0));
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        let example: Value = sample::application(self, category, form);
        let example = BatchColumns::of(&names, Separator::Semicolon).cells(NO_KEY, &example);
        Ok(BatchTemplate { columns, example })
    }
}

fn columns(form: &Value, elements: usize) -> Vec<String> {
    let mut columns = vec![KEY.to_owned()];
    columns.extend(pointers(form, elements).iter().map(JsonPointer::to_string));
    columns
}
