//! The example of a benefit's file: an application, invented by who wrote it.

use serde_json::{Value, json};
use sportello_domain::{Application, BenefitId};

use crate::node::locate;
use crate::reader::{Field, Reader};

pub(crate) struct Example<'s, 'f> {
    /// As it would be sent.
    pub json: Value,
    /// Where it is written.
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
    /// The example as an application; where it is none, that is told.
    pub(crate) fn application(&self) -> Option<Application> {
        match Application::parse(self.json.to_string().as_bytes()) {
            Ok(application) => Some(application),
            Err(violations) => {
                for violation in violations {
                    self.tell(&violation.pointer, &violation.message.en);
                }
                None
            }
        }
    }

    /// Tells that the example can't be sent as it is.
    pub(crate) fn tell(&self, pointer: &str, message: &str) {
        let (place, _) = locate(self.field.node, self.field.place, pointer);
        let what = if pointer.is_empty() {
            "the example"
        } else {
            pointer
        };
        self.field.source.tell(
            place,
            format!("the example is not valid, `{what}`: {message}"),
            "mend the example, or the rule that refuses it",
        );
    }
}
