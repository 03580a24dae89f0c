//! Files that are generated and committed all the same, so that they can be read and compared.

use std::fs;
use std::path::Path;

/// Compares the JSON file at `path`, from the workspace's root, with what the code generates; with `WRITE_DOCS=1`
/// in the environment it is written instead.
///
/// # Panics
///
/// When the file is not what the code generates, or can't be written.
pub fn assert_fresh(path: &str, generated: &serde_json::Value) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path);
    let mut generated = serde_json::to_string_pretty(generated).expect("JSON");
    generated.push('\n');
    if std::env::var_os("WRITE_DOCS").is_some() {
        fs::write(&file, generated).expect("the file can be written");
        return;
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == generated,
        "{path} is not what the code generates: run `WRITE_DOCS=1 cargo test --test api_document` and commit what changed"
    );
}
