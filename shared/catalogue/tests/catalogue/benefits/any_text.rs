use std::fmt::Write as _;

use proptest::prelude::*;
use sportello_catalogue::Benefit;

use crate::benefits::{SCHOOL, mistakes};

/// A file that is refused has mistakes, and they lie in it.
fn is_read_or_refused(file: &str) {
    if let Err(mistakes) = Benefit::parse(file) {
        assert!(!mistakes.is_empty());
        let lines = file.split('\n').count();
        for mistake in mistakes {
            assert!((1..=lines).contains(&mistake.line), "{mistake}");
            assert!(mistake.column >= 1 && !mistake.message.is_empty(), "{mistake}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,300}") {
        is_read_or_refused(&text);
    }

    #[test]
    fn a_file_that_was_cut_or_mangled_is_read_or_refused(
        at in 0..SCHOOL.len(),
        length in 0_usize..200,
        put in "[\\[\\]{}=\"'.,a-z0-9\n-]{0,20}",
    ) {
        let is_boundary = |at: &usize| SCHOOL.is_char_boundary(*at);
        let from = (0..=at).rev().find(is_boundary).unwrap();
        let to = ((at + length).min(SCHOOL.len())..=SCHOOL.len()).find(is_boundary).unwrap();
        is_read_or_refused(&format!("{}{put}{}", &SCHOOL[..from], &SCHOOL[to..]));
    }
}

#[test]
fn deep_nesting_and_large_files_are_refused() {
    for deep in [
        format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000)),
        format!("a = {}", "{a=".repeat(80_000)),
        format!("a{} = 1", ".a".repeat(100_000)),
        format!("[{}a]", "a.".repeat(100_000)),
    ] {
        is_read_or_refused(&deep);
    }
    let expression =
        |text: String| SCHOOL.replacen("unique(answers.children.map(child, child.tax_code))", &text, 1);
    is_read_or_refused(&expression(format!(
        "{}true{}",
        "(".repeat(20_000),
        ")".repeat(20_000)
    )));
    is_read_or_refused(&expression("!".repeat(100_000) + "true"));
    is_read_or_refused(&expression("true || ".repeat(20_000) + "true"));

    let large = format!("{SCHOOL}\n#{}", " ".repeat(256 * 1024));
    assert_eq!(
        mistakes(&large)[0].to_string(),
        "1:1: the file is larger than 256 KiB; shorten its texts"
    );
}

#[test]
fn of_many_mistakes_the_first_hundred_are_reported() {
    let mut file = String::new();
    for number in 0..20_000 {
        writeln!(file, "k{number} = 1").unwrap();
    }
    let mistakes = mistakes(&file);
    assert_eq!(mistakes.len(), 100);
    assert!(
        mistakes
            .iter()
            .any(|mistake| mistake.message == "`id` is missing in the file")
    );
}
