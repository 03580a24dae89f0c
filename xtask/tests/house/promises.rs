//! Every promise of docs/PROMISES.md names tests that exist.

use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What stands between single backticks.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn read_all(folder: &Path, into: &mut String) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_all(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            into.push_str(&fs::read_to_string(path).unwrap());
        }
    }
}

/// Whether a name is one of a test: several words, in snake case.
fn is_test(name: &str) -> bool {
    let is_word = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    name.matches('_').count() > 2 && name.chars().all(is_word)
}

#[test]
fn every_promise_names_tests_that_exist() {
    let page = fs::read_to_string(root().join("docs/PROMISES.md")).unwrap();
    let mut sources = String::new();
    for folder in ["services", "shared", "dev", "loadtests", "xtask"] {
        read_all(&root().join(folder), &mut sources);
    }
    let mut missing = Vec::new();
    let mut promises = 0;
    for promise in page.split("\n- **").skip(1) {
        let promise = promise.split("\n#").next().unwrap();
        promises += 1;
        let mut shown = promise.contains("](");
        for name in quoted(promise) {
            let is_path = name.contains('/') && name.contains("tests");
            let exists = if is_path {
                root().join(name).exists()
            } else if is_test(name) {
                sources.contains(&format!("fn {name}("))
            } else {
                continue;
            };
            shown = true;
            if !exists {
                missing.push(name.to_owned());
            }
        }
        assert!(shown, "no test of: {promise}");
    }
    assert!(promises > 80, "{promises}");
    assert_eq!(missing, [""; 0]);
}
