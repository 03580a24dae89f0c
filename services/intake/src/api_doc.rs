//! The OpenAPI document of intake: the endpoints in the code, and the forms of the catalogue's
//! benefits.

use serde_json::{Map, Value, json};
use sportello_catalogue::{Benefit, Catalogue, openapi_form};
use sportello_domain::{Application, CategoryId};
use sportello_http::{ProblemDocument, api_document};
use utoipa::OpenApi;

use crate::accept::Accepted;
use crate::endpoints;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello intake",
        description = "Accepts applications for public benefits, and shows which there are. The forms of the benefits are \
                       data: this document follows them."
    ),
    paths(
        endpoints::submit_application::submit_application,
        endpoints::submit_batch::submit_batch,
        endpoints::join_batch_receipts::join_batch_receipts,
        endpoints::withdraw_application::withdraw_application,
        endpoints::list_benefits::list_benefits,
        endpoints::show_benefit::show_benefit,
        endpoints::list_channels::list_channels,
        endpoints::set_channel::set_channel,
        endpoints::show_batch_template::show_batch_template,
        endpoints::show_receipt_keys::show_receipt_keys
    ),
    components(schemas(Accepted, Application, ProblemDocument))
)]
struct Api;

/// Returns the OpenAPI 3.1 document of intake with the forms of this catalogue.
#[must_use]
#[expect(clippy::expect_used, reason = "a document of `null` would hide the fault")]
pub fn api_doc(catalogue: &Catalogue) -> Value {
    let mut document = serde_json::to_value(Api::openapi()).expect("an OpenAPI document is JSON");
    let mut variants = Vec::new();
    let mut examples = Map::new();
    for benefit in catalogue.benefits() {
        for (category, form) in benefit.forms() {
            let name = schema_name(benefit, category);
            variants.push(json!({ "$ref": format!("#/components/schemas/{name}") }));
            document["components"]["schemas"][name] = application(benefit, category, form);
        }
        let example = json!({ "summary": benefit.title().en, "value": benefit.example() });
        examples.insert(benefit.id().to_string(), example);
    }
    document["components"]["schemas"]["Application"] = json!({
        "description": "The benefit, the applicant and the answers to the benefit's form: one of these.",
        "oneOf": variants,
    });
    let body = &mut document["paths"]["/v1/applications"]["post"]["requestBody"];
    body["content"]["application/json"]["examples"] = examples.into();
    api_document(
        document,
        "intake",
        "Accepts applications for public benefits and shows which there are",
    )
}

/// Returns the schema of an application for a benefit, in one of its categories.
fn application(benefit: &Benefit, category: Option<&CategoryId>, form: &Value) -> Value {
    let mut schema = json!({
        "type": "object",
        "title": title(benefit, category),
        "required": ["benefit", "applicant", "answers"],
        "properties": {
            "benefit": { "const": benefit.id() },
            "mandate": { "$ref": "#/components/schemas/Mandate" },
            "applicant": applicant(benefit),
            "answers": openapi_form(form),
        },
    });
    if let Some(category) = category {
        schema["required"] = json!(["benefit", "category", "applicant", "answers"]);
        schema["properties"]["category"] = json!({ "const": category });
    }
    schema
}

/// Returns the schema of the applicant, with the fields that the benefit requires.
fn applicant(benefit: &Benefit) -> Value {
    let applicant = json!({ "$ref": "#/components/schemas/Applicant" });
    let required: Vec<&str> = benefit.required_of_applicant().collect();
    if required.is_empty() {
        applicant
    } else {
        json!({ "allOf": [applicant, { "required": required }] })
    }
}

fn title(benefit: &Benefit, category: Option<&CategoryId>) -> String {
    let title = &benefit.title().en;
    match category.and_then(|category| benefit.category_title(category)) {
        Some(category) => format!("{title}: {}", category.en),
        None => title.clone().into_owned(),
    }
}

/// Returns the name of the schema: `indemnity-march-2020`, `farm-workers` gives
/// `IndemnityMarch2020FarmWorkers`.
fn schema_name(benefit: &Benefit, category: Option<&CategoryId>) -> String {
    let category = category.map_or("", CategoryId::as_str);
    let words = benefit.id().as_str().split('-').chain(category.split('-'));
    words
        .flat_map(|word| word.chars().enumerate())
        .map(|(index, letter)| {
            if index == 0 {
                letter.to_ascii_uppercase()
            } else {
                letter
            }
        })
        .collect()
}
