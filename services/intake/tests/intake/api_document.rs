//! The OpenAPI document of intake.

#![allow(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::Path;

use serde_json::{Value, json};
use sportello_catalogue::Catalogue;

fn shipped() -> Catalogue {
    Catalogue::load(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../catalogue")).unwrap()
}

#[test]
fn the_committed_document_is_the_one_that_is_served_with_the_shipped_catalogue() {
    sportello_testkit::assert_fresh("docs/api/intake.json", &intake::api_doc(&shipped()));
}

/// Asserts that `instance` fits the document's schema.
fn assert_fits(document: &Value, schema: &str, instance: &Value) {
    let schema =
        json!({ "$ref": format!("#/components/schemas/{schema}"), "components": document["components"] });
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let errors: Vec<String> = validator
        .iter_errors(instance)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn benefits_and_examples_are_as_the_document_says() {
    let catalogue = shipped();
    let document = intake::api_doc(&catalogue);
    for benefit in catalogue.benefits() {
        assert_fits(&document, "BenefitSummary", &json!(benefit.summary()));
        assert_fits(&document, "Benefit", &json!(benefit.document()));
        assert_fits(&document, "Application", &benefit.example());
    }
}
