//! What intake finds wrong with an application, without intake.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Value;
use sportello_catalogue::Benefit;
use sportello_domain::{Answered, Application, Violation};

/// An invented benefit whose form has every keyword.
pub(crate) const EVERY_KEYWORD_ID: &str = "every-keyword-2026";
pub(crate) const EVERY_KEYWORD: &str = include_str!("every-keyword-2026.toml");

/// Returns every benefit that the page must be able to check: the shipped ones, the one that only
/// tests know, and the one with every keyword.
pub(crate) fn benefits() -> Vec<Benefit> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files: Vec<_> = ["catalogue", "loadtests/tests/loadtests/catalogue"]
        .iter()
        .flat_map(|folder| std::fs::read_dir(root.join(folder)).unwrap())
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let read = |path: &std::path::PathBuf| std::fs::read_to_string(path).unwrap();
    let mut texts: Vec<String> = files.iter().map(read).collect();
    texts.push(EVERY_KEYWORD.to_owned());
    texts.iter().map(|text| Benefit::parse(text).unwrap()).collect()
}

/// Returns the violations of an application, as intake reports them, but for those of the rules.
pub(crate) fn violations(benefit: &Benefit, application: &Value) -> Vec<Violation> {
    let document = serde_json::json!(benefit.document());
    let rules: Vec<&str> = document["rules"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|rule| rule["code"].as_str())
        .collect();
    let body = application.to_string();
    let found = match Application::parse(body.as_bytes()) {
        Ok(application) => benefit.validate(&application, received_at()),
        Err(mut violations) => {
            let answered = Answered::read(body.as_bytes());
            violations.extend(answered.map_or_else(Vec::new, |answered| of_answers(benefit, &answered)));
            violations
        }
    };
    found
        .into_iter()
        .filter(|violation| !rules.contains(&violation.code.as_ref()))
        .collect()
}

/// The form's part, by way of an application whose applicant has no mistakes.
fn of_answers(benefit: &Benefit, answered: &Answered) -> Vec<Violation> {
    let mut good = benefit.example();
    good["category"] = serde_json::json!(answered.category);
    good["answers"] = answered.answers.as_json().clone();
    if answered.category.is_none() {
        good.as_object_mut().unwrap().remove("category");
    }
    Application::parse(good.to_string().as_bytes())
        .map(|application| benefit.validate(&application, received_at()))
        .unwrap_or_default()
}

fn received_at() -> Timestamp {
    "2026-06-01T10:00:00Z".parse().unwrap()
}

/// Compares a committed file of this crate with what the code makes; with `WRITE_DOCS=1` in the
/// environment, writes it instead.
pub(crate) fn assert_fresh(path: &str, generated: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("WRITE_DOCS").is_some() {
        std::fs::write(&file, generated).unwrap();
        return;
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == generated,
        "{path} is not what the code makes: run this test with WRITE_DOCS=1, and commit what changed"
    );
}
