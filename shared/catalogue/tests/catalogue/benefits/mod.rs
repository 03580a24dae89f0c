//! Benefits' files read, applied and followed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failure here fails the test")]

mod any_text;
mod applying;
mod folder;
mod live;
mod mistakes;

use sportello_catalogue::{Benefit, Mistake};

/// An invented benefit with a piece of everything.
const SCHOOL: &str = include_str!("files/school-bonus-2026.toml");

fn school() -> Benefit {
    Benefit::parse(SCHOOL).unwrap_or_else(|mistakes| panic!("{}", told(&mistakes)))
}

fn told(mistakes: &[Mistake]) -> String {
    let lines: Vec<String> = mistakes.iter().map(ToString::to_string).collect();
    lines.join("\n")
}

/// The file with one thing changed.
fn changed(from: &str, to: &str) -> String {
    assert!(SCHOOL.contains(from), "the file has no {from}");
    SCHOOL.replacen(from, to, 1)
}

/// The mistakes of a file that has some.
fn mistakes(file: &str) -> Vec<Mistake> {
    match Benefit::parse(file) {
        Ok(_) => panic!("no mistake was found"),
        Err(mistakes) => mistakes,
    }
}
