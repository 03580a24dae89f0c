//! Makes the content of an application from the cells of a row.

use serde_json::Value;
use sportello_domain::{Answered, Application, BenefitId, CategoryId, JsonPointer, Text, Violation};

use super::cell::{self, Kind, UnclearNumber};
use super::field::blank;
use super::{BENEFIT, BatchColumns, CATEGORY, Column};
use crate::benefit::Benefit;
use crate::catalogue::Catalogue;

impl BatchColumns {
    /// Returns the content of the application in a row, as JSON with sorted fields and without
    /// white space. An empty cell is an absent field. [`Application::parse`] and
    /// [`Catalogue::validate`] check the application.
    ///
    /// # Errors
    /// Unreadable cells (an ambiguous number, a field that the row's form lacks, a list with a gap)
    /// together with all other violations; or only that the benefit or category is unknown.
    pub fn content(&self, catalogue: &Catalogue, cells: &[&str]) -> Result<Vec<u8>, Vec<Violation>> {
        let (benefit, form) = self.form(catalogue, cells)?;
        let mut application = blank(form);
        let mut violations = Vec::new();
        for (field, cell) in self.filled(cells) {
            let Some(kind) = field.schema(form).and_then(Kind::of) else {
                violations.push(Violation::new(field.pointer(), "unknown_field", UNKNOWN_FIELD));
                continue;
            };
            let value = kind.read(cell, self.separator).unwrap_or_else(|UnclearNumber| {
                violations.push(Violation::new(field.pointer(), "number_unclear", NUMBER_UNCLEAR));
                Value::from(cell)
            });
            if field.put(&mut application, form, value).is_err() {
                violations.push(Violation::new(field.pointer(), "unknown_field", UNKNOWN_FIELD));
            }
        }
        gaps(&|| ["answers"].into(), &application["answers"], &mut violations);
        application.sort_all_objects();
        let content = application.to_string().into_bytes();
        if violations.is_empty() {
            Ok(content)
        } else {
            Err(with_the_rest(violations, benefit, &content))
        }
    }

    /// Returns the cells of an application, in the order of the columns. Leaves out fields without
    /// a column.
    #[must_use]
    pub fn cells(&self, key: &str, application: &Value) -> Vec<String> {
        let cell = |column: &Column| match column {
            Column::Key => cell::write(&Value::from(key)),
            Column::Field(field) => application
                .pointer(field.pointer().as_str())
                .map_or_else(String::new, cell::write),
        };
        self.columns.iter().map(cell).collect()
    }

    /// Returns the benefit and the form of a row.
    fn form<'c>(
        &self,
        catalogue: &'c Catalogue,
        cells: &[&str],
    ) -> Result<(&'c Benefit, &'c Value), Vec<Violation>> {
        let benefit = self
            .cell(BENEFIT, cells)
            .ok_or_else(|| Violation::required(BENEFIT));
        let benefit = benefit.and_then(|id| {
            let id =
                BenefitId::parse(id).map_err(|error| Violation::new(BENEFIT, error.code(), error.text()))?;
            catalogue.known(&id)
        });
        let benefit = benefit.map_err(|violation| vec![violation])?;
        let category = self.cell(CATEGORY, cells).map(CategoryId::parse).transpose();
        let form = category
            .map_err(|error| Violation::new(CATEGORY, error.code(), error.text()))
            .and_then(|category| benefit.form_of(category.as_ref()));
        Ok((benefit, form.map_err(|violation| vec![violation])?))
    }
}

const UNKNOWN_FIELD: Text = Text::fixed(
    "il modulo di questa riga non ha questo campo: lascia vuota la cella",
    "the form of this row has no such field: leave the cell empty",
    "das Formular dieser Zeile hat kein solches Feld: Lassen Sie die Zelle leer",
);

const NUMBER_UNCLEAR: Text = Text::fixed(
    "non è chiaro quale numero sia: scrivilo senza simboli né separatore delle migliaia, come 1000 o 1000,50; dopo tre \
     decimali aggiungi uno zero",
    "it is not clear which number this is: write it without symbols or thousands separator, like 1000 or 1000.50; \
     after three decimals add a zero",
    "es ist nicht klar, welche Zahl gemeint ist: ohne Symbole und Tausendertrennzeichen schreiben, wie 1000 oder \
     1000,50; nach drei Nachkommastellen eine Null anfügen",
);

const LIST_GAP: Text = Text::fixed(
    "le colonne di questo elemento sono vuote e quelle di uno successivo no: riempile da 0 in poi, senza saltarne",
    "the columns of this element are empty and those of a later one are not: fill them from 0 on, without a gap",
    "die Spalten dieses Elements sind leer, die eines späteren nicht: Füllen Sie sie ab 0 ohne Lücke aus",
);

/// Reports empty list elements before a filled one. Only a gap needs its pointer.
fn gaps(pointer: &dyn Fn() -> JsonPointer, value: &Value, violations: &mut Vec<Violation>) {
    match value {
        Value::Null => violations.push(Violation::new(pointer(), "list_gap", LIST_GAP)),
        Value::Array(elements) => {
            for (index, element) in elements.iter().enumerate() {
                gaps(&|| pointer().element(index), element, violations);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                gaps(&|| pointer().member(name), field, violations);
            }
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Returns the violations with all others of the application, so that the caller gets them at once.
fn with_the_rest(mut violations: Vec<Violation>, benefit: &Benefit, content: &[u8]) -> Vec<Violation> {
    let mut others = match Application::parse(content) {
        Ok(application) => benefit.judge_form(&application),
        Err(mut others) => {
            if let Some(Answered {
                category, answers, ..
            }) = Answered::read(content)
            {
                others.extend(benefit.judge_answers(category.as_ref(), &answers));
            }
            others
        }
    };
    // the form would also report that an unclear number is not a number
    others.retain(|other| !violations.iter().any(|told| told.pointer == other.pointer));
    violations.extend(others);
    violations
}
