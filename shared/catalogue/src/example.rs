//! The example in a benefit's file: an application that the file's author invented.

use serde_json::{Value, json};
use sportello_domain::{Application, BenefitId, JsonPointer};

use crate::node::locate;
use crate::reader::{Field, Reader};

pub(crate) struct Example<'s, 'f> {
    /// The example as JSON, ready to send.
    pub json: Value,
    /// Its place in the file.
    field: Field<'s, 'f>,
}

/// Reads the example.
pub(crate) fn read<'s, 'f>(
    root: &mut Reader<'s, 'f>,
    benefit: Option<&BenefitId>,
) -> Option<Example<'s, 'f>> {
    let field = root.needed("example", "[example] with applicant and answers")?;
    let mut table = field.table()?;
    let category = table.optional("category", r#"category = "professionals""#);
    let applicant = table.needed(
        "applicant",
        r#"applicant = { tax_code = "…", given_name = "…", family_name = "…" }"#,
    );
    let answers = table.needed("answers", "[example.answers] and an answer a field");
    table.finish();
    let of = |field: Field<'_, '_>| field.node.json(field.source);
    let mut json = json!({
        "benefit": benefit?,
        "applicant": of(applicant?),
        "answers": of(answers?),
    });
    if let Some(category) = category {
        json["category"] = of(category);
    }
    Some(Example { json, field })
}

impl Example<'_, '_> {
    /// Parses the example as an application; adds a mistake if it is not one.
    pub(crate) fn application(&self) -> Option<Application> {
        match Application::parse(self.json.to_string().as_bytes()) {
            Ok(application) => Some(application),
            Err(violations) => {
                for violation in violations {
                    self.report(&violation.pointer, &violation.message.en);
                }
                None
            }
        }
    }

    /// Adds a mistake: the example is not valid at `pointer`.
    pub(crate) fn report(&self, pointer: &JsonPointer, message: &str) {
        let (place, _) = locate(self.field.node, self.field.place, pointer);
        let what = match pointer.as_str() {
            "" => "the example",
            pointer => pointer,
        };
        self.field.source.report(
            place,
            format!("the example is not valid, `{what}`: {message}"),
            "correct the example, or the rule that refuses it",
        );
    }
}
