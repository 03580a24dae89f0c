//! The list of metrics in docs/OPERATIONS.md is what the services emit.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

const INSTRUMENTS: [&str; 3] = ["_counter(", "_gauge(", "_histogram("];

/// The strings of a source that are names of metrics: those given to an instrument at once, and all
/// that look like one (`sportello.part.what`), since some are given to a helper.
fn named(source: &str) -> Vec<String> {
    let quoted = |rest: &str| Some(rest.trim_start().strip_prefix('"')?.split_once('"')?.0.to_owned());
    let at_once = INSTRUMENTS
        .iter()
        .flat_map(|call| source.split(call).skip(1).filter_map(quoted));
    let others = source.split('"').skip(1).step_by(2);
    let others = others.filter(|text| text.starts_with("sportello.") && text.matches('.').count() > 1);
    at_once.chain(others.map(str::to_owned)).collect()
}

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The names of all instruments that services and what they are made of build.
fn emitted() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for folder in ["services", "shared"] {
        for package in fs::read_dir(root.join(folder)).unwrap() {
            sources(&package.unwrap().path().join("src"), &mut files);
        }
    }
    let mut names = BTreeSet::new();
    for file in files {
        let source = fs::read_to_string(file).unwrap();
        names.extend(named(&source));
    }
    names
}

/// The names that begin an item of the list.
fn listed() -> BTreeSet<String> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/OPERATIONS.md");
    let page = fs::read_to_string(page).unwrap();
    let items = page.lines().filter_map(|line| line.strip_prefix("- `sportello."));
    let names = items.filter_map(|item| Some(format!("sportello.{}", item.split_once('`')?.0)));
    names.collect()
}

#[test]
fn every_metric_has_the_prefix_and_stands_in_the_list_of_operations() {
    let emitted = emitted();
    assert!(emitted.len() > 20, "{emitted:?}");
    for name in &emitted {
        assert!(name.starts_with("sportello."), "{name}");
    }
    assert_eq!(emitted, listed());
}
