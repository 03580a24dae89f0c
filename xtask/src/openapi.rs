//! `cargo xtask openapi`: one OpenAPI document of all services, made from the committed ones.

use std::fs;
use std::process::ExitCode;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::cargo::target;
use crate::command::root;

const SERVICES: [&str; 2] = ["intake", "status"];
const SUMMARY: &str = "Applications for public benefits";
const DESCRIPTION: &str = "Applications for public benefits: what can be applied for, sending an \
                           application, and what became of it.";

/// Writes the document to the target folder, and prints its path.
pub fn run() -> Result<ExitCode> {
    let path = target().join("openapi.json");
    fs::write(&path, serde_json::to_vec_pretty(&document()?)?)?;
    println!("{}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// Returns the merged documents of all services.
///
/// # Errors
///
/// One can't be read, or two describe the same thing in different ways.
fn document() -> Result<Value> {
    let [intake, status] = SERVICES.map(read);
    let (mut all, status) = (intake?, status?);
    let mut tags: Vec<Value> = [&all, &status]
        .into_iter()
        .filter_map(|document| document["tags"].as_array())
        .flatten()
        .cloned()
        .collect();
    tags.sort_by_key(|tag| tag["name"].to_string());
    tags.dedup();
    all["tags"] = tags.into();
    for part in ["paths", "components"] {
        merge(&mut all[part], &status[part], &format!("/{part}"))?;
    }
    let info = &mut all["info"];
    info["title"] = "Sportello".into();
    info["description"] = DESCRIPTION.into();
    info["x-summary"] = SUMMARY.into();
    info["x-api-id"] = "urn:sportello:api".into();
    Ok(all)
}

fn read(service: &str) -> Result<Value> {
    let path = root().join(format!("docs/api/{service}.json"));
    let content = fs::read(&path).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(serde_json::from_slice(&content)?)
}

/// Adds the content of `from`; parts that both have must be equal.
fn merge(into: &mut Value, from: &Value, pointer: &str) -> Result<()> {
    if let (Value::Object(into), Value::Object(from)) = (&mut *into, from) {
        for (key, value) in from {
            match into.get_mut(key) {
                Some(there) => merge(there, value, &format!("{pointer}/{key}"))?,
                None => drop(into.insert(key.clone(), value.clone())),
            }
        }
        return Ok(());
    }
    ensure!(into == from, "the documents of the services differ at {pointer}");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_of_all_services_is_all_their_documents_together() {
        let all = document().unwrap();
        for service in SERVICES {
            let own = read(service).unwrap();
            for (path, item) in own["paths"].as_object().unwrap() {
                for (method, operation) in item.as_object().unwrap() {
                    assert_eq!(all["paths"][path][method], *operation, "{method} {path}");
                }
            }
        }
    }
}
