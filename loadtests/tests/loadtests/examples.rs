//! The commands of docs/API.md, run as they stand there by a shell, on real services. Only the
//! address is another.

#![allow(clippy::expect_used, clippy::panic, reason = "a panic fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Output;

use crate::office::Office;
use loadtests::people::contents::indemnity;
use serde_json::{Value, json};
use sportello_people::Person;
use sportello_testkit::Issuer;
use tokio::process::Command;

const SEED: u64 = 20_261_130;
/// Rows of a file that is cut into parts of a thousand.
const ROWS: u64 = 1_001;

/// The blocks of the page in a language, in their order.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let parts: Vec<&str> = page.split("\n```").collect();
    // outside, inside, outside, …
    let inside = parts.iter().skip(1).step_by(2);
    inside
        .filter_map(|block| Some(block.strip_prefix(language)?.strip_prefix('\n')?.to_owned()))
        .collect()
}

/// Who runs a command.
fn token(issuer: &Issuer, command: &str, applicant: &str) -> String {
    let mut claims = Issuer::claims(&Person::invent(SEED, 0));
    claims["fiscal_number"] = format!("TINIT-{applicant}").into();
    let mut other = |name: &str, value: Value| {
        claims[name] = value;
        // organisations and operators are nobody's tax code
        claims.as_object_mut().expect("claims").remove("fiscal_number");
    };
    if command.contains("/v1/batches") {
        other("organisation", "patronato-aurora".into());
    } else if command.contains("/channels/") {
        other("roles", json!(["operator"]));
    }
    issuer.sign(&claims)
}

fn application(number: u64) -> Value {
    let mut application = indemnity(&Person::invent(SEED, number), number, "examples");
    application["mandate"] = format!("PA-{number}").into();
    application
}

/// The leaves of a document, by their pointers.
fn leaves(value: &Value, pointer: &str, found: &mut Vec<(String, String)>) {
    match value {
        Value::Object(map) => {
            for (name, value) in map {
                leaves(value, &format!("{pointer}/{name}"), found);
            }
        }
        Value::String(text) => found.push((pointer.to_owned(), text.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {
            found.push((pointer.to_owned(), value.to_string()));
        }
    }
}

/// The files that the commands read.
fn write_files(folder: &Path, page: &str) {
    let write = |name: &str, text: String| fs::write(folder.join(name), text).expect(name);
    let example = blocks(page, "json").first().expect("an application").clone();
    write("application.json", example);
    let line = |number: u64| {
        let key = format!("2020-{number:06}");
        json!({ "idempotency_key": key, "application": application(number) }).to_string()
    };
    write("applications.ndjson", format!("{}\n{}\n", line(1), line(2)));
    let rows: Vec<BTreeMap<String, String>> = (0..ROWS)
        .map(|number| {
            let mut cells = Vec::new();
            leaves(&application(10 + number), "", &mut cells);
            cells.into_iter().collect()
        })
        .collect();
    // not every application has every answer
    let columns: BTreeSet<&String> = rows.iter().flat_map(BTreeMap::keys).collect();
    let columns: Vec<&str> = columns.into_iter().map(String::as_str).collect();
    let mut lines = vec![format!("idempotency_key;{}", columns.join(";"))];
    for (number, row) in rows.iter().enumerate() {
        let cells = columns
            .iter()
            .map(|column| row.get(*column).map_or("", String::as_str));
        let cells: Vec<&str> = cells.collect();
        lines.push(format!("csv-{number};{}", cells.join(";")));
    }
    write("applications.csv", lines.join("\n") + "\n");
}

/// Runs a block in the folder. `uuidgen` is not on every machine.
async fn run(office: &Office, folder: &Path, block: &str, variables: &[(&str, &str)]) -> Output {
    let here = block
        .replace(
            "https://sportello.example.org/v1/tokens",
            &format!("{}/v1/tokens", office.status.url()),
        )
        .replace("https://sportello.example.org", office.intake.url());
    let script = format!("set -euo pipefail\nuuidgen() {{ cat /proc/sys/kernel/random/uuid; }}\n{here}");
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).current_dir(folder);
    let output = shell
        .envs(variables.iter().copied())
        .output()
        .await
        .expect("a shell");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{block}\n{said}");
    output
}

fn json_of(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[tokio::test]
async fn every_command_of_the_api_page_does_what_it_says() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/API.md");
    let page = fs::read_to_string(page).expect("the page");
    let folder = tempfile::tempdir().expect("a folder");
    write_files(folder.path(), &page);
    let example: Value = serde_json::from_str(&blocks(&page, "json")[0]).expect("JSON");
    let applicant = example["applicant"]["tax_code"].as_str().expect("a tax code");
    let office = Office::open().await;

    let mut id = String::new();
    let mut ran = 0;
    for block in blocks(&page, "sh") {
        let token = token(&office.issuer, &block, applicant);
        let variables = [("TOKEN", token.as_str()), ("ID", id.as_str())];
        let output = run(&office, folder.path(), &block, &variables).await;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        if block.contains("@application.json") {
            let answer = json_of(&output);
            assert!(answer["receipt"].is_string(), "{answer}");
            id = answer["id"].as_str().expect("an id").to_owned();
        } else if block.contains("/withdrawal") {
            assert!(!text.contains("\"status\":4"), "{text}");
        } else if block.contains("/channels/") {
            assert_eq!(json_of(&output)["position"], "closed", "{text}");
        } else if block.contains("applications.ndjson") {
            let last: Value = serde_json::from_str(text.lines().last().expect("a line")).expect("JSON");
            assert_eq!(
                (&last["batch"]["rows"], &last["batch"]["accepted"]),
                (&2.into(), &2.into()),
                "{text}"
            );
        } else if block.contains("parts.ndjson") {
            let whole = &json_of(&output)["batch"];
            assert_eq!(
                (&whole["rows"], &whole["accepted"]),
                (&ROWS.into(), &ROWS.into()),
                "{text}"
            );
            assert_eq!(whole["parts"]["end"], true, "{text}");
        } else if block.contains("/v1/tokens/") {
            assert!(json_of(&output)["items"].is_array(), "{text}");
        } else {
            panic!("what does this do? Say it here: {block}");
        }
        ran += 1;
    }
    assert_eq!(ran, 6);
}
