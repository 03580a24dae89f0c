//! A table to begin with, made from a benefit's form.

use serde_json::Value;
use sportello_domain::{CategoryId, Violation};

use super::field::names;
use super::{BatchColumns, KEY, Separator, sample};
use crate::benefit::Benefit;

/// Elements of a list that a template has columns for, where its form allows as many.
const ELEMENTS: usize = 3;
/// What stands for the idempotency key in the row that is an example. It is none, so that the row is refused where it
/// is sent by mistake.
const NO_KEY: &str = "esempio - example - Beispiel";

/// The names of the columns, and a row as an example.
pub struct BatchTemplate {
    /// The names of the columns.
    pub columns: Vec<String>,
    /// The cells of an invented application that would be accepted with a key of its own. None begins with what a
    /// spreadsheet takes for a formula.
    pub example: Vec<String>,
}

impl Benefit {
    /// A table for applications in a category: a column for each field that they can have, for up to three elements
    /// of each list, and an example.
    ///
    /// # Errors
    /// There is no such category, or none is named where there are several.
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
    columns.extend(names(form, elements));
    columns
}
