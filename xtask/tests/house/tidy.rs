//! Comments and documents keep to the width that people read well, in short paragraphs; and no file
//! stays without a use.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Columns of a comment and of a line of a document.
const COLUMNS: usize = 100;
/// Lines of a paragraph of a comment.
const PARAGRAPH: usize = 5;
/// Runs of faults write them.
const GENERATED: [&str; 2] = ["docs/reliability-table.md", "docs/alerts-table.md"];

fn tracked(ending: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let listed = Command::new("git")
        .args(["ls-files", "-z", &format!("*{ending}")])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(listed.status.success(), "this test needs a git checkout");
    let listed = String::from_utf8(listed.stdout).unwrap();
    let files = listed
        .split_terminator('\0')
        .filter(|file| root.join(file).is_file());
    files
        .map(|file| (file.to_owned(), fs::read_to_string(root.join(file)).unwrap()))
        .collect()
}

/// The text of a comment that stands on a line of its own.
fn comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let text = ["///", "//!", "//"]
        .iter()
        .find_map(|mark| line.strip_prefix(mark))?;
    Some(text.strip_prefix(' ').unwrap_or(text))
}

/// Whether a line of a comment is running text: no item of a list, no heading, no table.
fn is_prose(text: &str) -> bool {
    let text = text.trim_start();
    let is_item =
        text.starts_with(['-', '*', '|', '#']) || text.starts_with(|first: char| first.is_ascii_digit());
    !text.is_empty() && !is_item
}

#[test]
fn comments_are_at_most_a_hundred_columns_wide() {
    let mut wide = Vec::new();
    for (file, text) in tracked(".rs") {
        for (index, line) in text.lines().enumerate() {
            if comment(line).is_some() && line.chars().count() > COLUMNS {
                wide.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert_eq!(wide, [""; 0], "wider than {COLUMNS} columns");
}

#[test]
fn paragraphs_of_comments_have_at_most_five_lines() {
    let mut long = Vec::new();
    for (file, text) in tracked(".rs") {
        let (mut lines, mut is_code) = (0, false);
        for (index, line) in text.lines().enumerate() {
            let text = comment(line);
            let fence = text.is_some_and(|text| text.trim_start().starts_with("```"));
            is_code = text.is_some() && is_code != fence;
            lines = if text.is_some_and(is_prose) && !is_code && !fence {
                lines + 1
            } else {
                0
            };
            if lines == PARAGRAPH + 1 {
                long.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert_eq!(long, [""; 0], "more than {PARAGRAPH} lines");
}

#[test]
fn documents_are_at_most_a_hundred_columns_wide() {
    let mut wide = Vec::new();
    for (file, text) in tracked(".md") {
        for (index, line) in text.lines().enumerate() {
            if !GENERATED.contains(&file.as_str()) && line.chars().count() > COLUMNS {
                wide.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert_eq!(wide, [""; 0], "wider than {COLUMNS} columns");
}

/// `cargo xtask test` builds no examples of the documentation: that would take a minute for each
/// run.
#[test]
fn documentation_has_no_example_that_nothing_runs() {
    let mut examples = Vec::new();
    for (file, text) in tracked(".rs") {
        let mut is_open = false;
        for (index, line) in text.lines().enumerate() {
            let Some(rest) = comment(line).and_then(|text| text.trim_start().strip_prefix("```")) else {
                continue;
            };
            is_open = !is_open;
            if is_open && matches!(rest, "" | "rust" | "no_run" | "should_panic") {
                examples.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert_eq!(examples, [""; 0], "make a test of it");
}

#[test]
fn no_snapshot_outlives_its_test() {
    let sources: BTreeMap<String, String> = tracked(".rs").into_iter().collect();
    let mut left = Vec::new();
    for (file, text) in tracked(".snap") {
        let source = text.lines().find_map(|line| line.strip_prefix("source: "));
        let source = source.and_then(|path| sources.get(path));
        let name = file.trim_end_matches(".snap").rsplit("__").next().unwrap();
        if source.is_none_or(|source| !source.contains(&format!("fn {name}("))) {
            left.push(file);
        }
    }
    assert_eq!(left, [""; 0], "delete it with its test");
}
