//! Generated files that are committed, so that they can be read and compared.

use std::fs;
use std::path::Path;

/// Compares the JSON file at `path`, from the workspace's root, with the generated value. With
/// `WRITE_DOCS=1` in the environment, writes the file instead.
///
/// # Panics
///
/// When the file differs from the generated value, or can't be written.
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
        "{path} is not what the code generates: run `WRITE_DOCS=1 cargo xtask test the_committed_document` and commit what changed"
    );
}
