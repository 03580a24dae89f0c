//! The OpenAPI document of intake: what the code says, and the forms of the benefits in the catalogue.

use serde_json::{Map, Value, json};
use sportello_catalogue::{Benefit, Catalogue};
use sportello_domain::CategoryId;
use sportello_http::{ApiDocProblem, api_document};
use utoipa::{OpenApi, ToSchema};

use crate::{
    acceptance, batch_template, benefits, channels, receipt_keys, set_channel, submit_application,
    submit_batch,
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Sportello intake",
        description = "Accepts applications for public benefits, and shows which there are. The forms of the benefits are \
                       data: this document follows them."
    ),
    paths(
        submit_application::submit_application,
        submit_batch::submit_batch,
        benefits::list_benefits,
        benefits::show_benefit,
        channels::list_channels,
        set_channel::set_channel,
        batch_template::show_batch_template,
        receipt_keys::get_receipt_keys
    ),
    components(schemas(acceptance::Accepted, ApiDocProblem, ApiDocApplication))
)]
struct Api;

/// Replaced by one schema for each benefit and category.
#[derive(ToSchema)]
#[schema(as = Application)]
#[expect(dead_code, reason = "describes `Application` in the OpenAPI document")]
pub(crate) struct ApiDocApplication {
    mandate: Option<ApiDocMandate>,
    applicant: ApiDocApplicant,
}

/// How an intermediary's own files call the mandate that it acts with: required of an intermediary, not there where a
/// citizen applies.
#[derive(ToSchema)]
#[schema(as = Mandate, example = "PA-2020/000123", min_length = 1, max_length = 64)]
#[expect(dead_code, reason = "describes `Application` in the OpenAPI document")]
struct ApiDocMandate(String);

/// The person that an application is for.
#[derive(ToSchema)]
#[schema(as = Applicant)]
#[expect(dead_code, reason = "describes `Applicant` in the OpenAPI document")]
struct ApiDocApplicant {
    /// Codice fiscale: 16 characters, or 11 digits where it is provisional. Case and spaces do not matter.
    #[schema(format = "tax-code")]
    tax_code: String,
    /// Given name.
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f]+$")]
    given_name: String,
    /// Family name.
    #[schema(min_length = 1, max_length = 100, pattern = "^[^\\u0000-\\u001f]+$")]
    family_name: String,
    /// Day of birth; compared with the tax code.
    #[schema(format = Date)]
    birth_date: Option<String>,
    /// Where to write.
    #[schema(format = "email")]
    email: Option<String>,
    /// Where to call (E.164).
    #[schema(format = "phone")]
    phone: Option<String>,
    /// Where to pay (ISO 13616).
    #[schema(format = "iban")]
    iban: Option<String>,
}

/// The OpenAPI 3.1 document of intake with this catalogue.
#[must_use]
pub fn api_doc(catalogue: &Catalogue) -> Value {
    let mut document = serde_json::to_value(Api::openapi()).unwrap_or_default();
    let mut variants = Vec::new();
    let mut examples = Map::new();
    for benefit in catalogue.benefits() {
        for (category, form) in benefit.forms() {
            let name = schema_name(benefit, category);
            variants.push(json!({ "$ref": format!("#/components/schemas/{name}") }));
            document["components"]["schemas"][name] = application(benefit, category, form);
        }
        let example = json!({ "summary": benefit.summary()["title"]["en"], "value": benefit.example() });
        examples.insert(benefit.id().to_string(), example);
    }
    document["components"]["schemas"]["Application"] = json!({
        "description": "What is asked for, for whom, and the answers to the benefit's form: one of these.",
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

/// An application for a benefit in a category of it.
fn application(benefit: &Benefit, category: Option<&CategoryId>, form: &Value) -> Value {
    let mut answers = form.clone();
    describe(&mut answers);
    let mut schema = json!({
        "type": "object",
        "title": title(benefit, category),
        "required": ["benefit", "applicant", "answers"],
        "properties": {
            "benefit": { "const": benefit.id() },
            "mandate": { "$ref": "#/components/schemas/Mandate" },
            "applicant": applicant(benefit),
            "answers": answers,
        },
    });
    if let Some(category) = category {
        schema["required"] = json!(["benefit", "category", "applicant", "answers"]);
        schema["properties"]["category"] = json!({ "const": category });
    }
    schema
}

/// The applicant, with what the benefit requires of them.
fn applicant(benefit: &Benefit) -> Value {
    let applicant = json!({ "$ref": "#/components/schemas/Applicant" });
    match benefit.document()["required_of_applicant"].as_array() {
        Some(required) if !required.is_empty() => json!({ "allOf": [applicant, { "required": required }] }),
        _ => applicant,
    }
}

fn title(benefit: &Benefit, category: Option<&CategoryId>) -> String {
    let summary = benefit.summary();
    let english = |value: &Value| value["title"]["en"].as_str().unwrap_or_default().to_owned();
    let categories = summary["categories"].as_array().into_iter().flatten();
    let named = categories
        .filter(|shown| category.is_some_and(|category| shown["id"] == category.as_str()))
        .map(english)
        .next();
    match named {
        Some(category) => format!("{}: {category}", english(&summary)),
        None => english(&summary),
    }
}

/// Puts the English labels of a form where tools look for them.
fn describe(schema: &mut Value) {
    let Some(schema) = schema.as_object_mut() else {
        return;
    };
    for (ours, theirs) in [("label", "title"), ("help", "description")] {
        if let Some(text) = schema.remove(ours) {
            schema.insert(theirs.into(), text["en"].clone());
        }
    }
    if let Some(order) = schema.remove("order") {
        schema.insert("x-order".into(), order);
    }
    if let Some(Value::Object(labels)) = schema.remove("enum_labels") {
        let labels = labels
            .into_iter()
            .map(|(value, text)| (value, text["en"].clone()));
        schema.insert("x-enum-labels".into(), labels.collect());
    }
    let is_text = schema.get("type").is_some_and(|it| it == "string");
    let is_free = ["pattern", "format", "enum", "const"]
        .iter()
        .all(|key| !schema.contains_key(*key));
    if is_text && is_free {
        // NUL is refused in any answer, since the database can't hold it
        schema.insert("pattern".into(), "^[^\\u0000]*$".into());
    }
    for key in ["items", "if", "then", "else"] {
        if let Some(schema) = schema.get_mut(key) {
            describe(schema);
        }
    }
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        properties.values_mut().for_each(describe);
    }
}

/// The name of the schema: `indemnity-march-2020`, `farm-workers` gives `IndemnityMarch2020FarmWorkers`.
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
