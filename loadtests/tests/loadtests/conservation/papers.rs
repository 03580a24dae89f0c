//! What is sent, as numbers make it: the same seed and number always give the same.

use std::ops::Range;

use loadtests::people::contents::content;
use sportello_people::Person;

/// The organisations that send files.
pub(crate) const ORGANISATIONS: [&str; 2] = ["patronato-alba", "caf-brina"];
/// Added to a number, it makes other children and the same benefit and category: a multiple of all
/// that they are chosen by.
const OTHER_CHILDREN: u64 = 10_000_000;
/// The people of the files come after the citizens who apply alone.
const OF_FILES: u64 = 1_000_000;
/// Other parents of the children of citizens.
const OTHER_PARENTS: u64 = 500_000;
/// A person who sends nothing.
pub(crate) const STRANGER: u64 = 900_000;
/// Numbers whose person does the same, before the next ones do something else: one of each benefit
/// and category.
const BLOCK: u64 = 20;
/// Among these some send what the database refuses. They are few: each costs the worker some
/// transactions.
const FIRST_CITIZENS: Range<u64> = 0..800;

/// Rows that the database refuses; see [`Paper::refused`].
pub(crate) const REFUSED: &str = "refused";

/// An application as it is sent.
#[derive(Clone)]
pub(crate) struct Paper {
    /// Its idempotency key.
    pub(crate) key: String,
    /// The number of its person.
    pub(crate) person: u64,
    /// JSON.
    pub(crate) content: String,
    /// Whether the database refuses it, so that it ends in the dead letters.
    pub(crate) refused: bool,
}

/// What a citizen does, one after the other.
pub(crate) enum Step {
    Apply(Paper),
    /// Asks to withdraw what a citizen sent first.
    Withdraw {
        of: u64,
        by: u64,
    },
}

/// A file of an organisation's.
pub(crate) struct File {
    pub(crate) organisation: &'static str,
    pub(crate) key: &'static str,
    pub(crate) papers: Vec<Paper>,
}

/// Makes what the people of a seed send.
#[derive(Clone, Copy)]
pub(crate) struct Papers {
    seed: u64,
}

/// The key that a citizen sends first.
pub(crate) fn first_key(citizen: u64) -> String {
    format!("own-{citizen}")
}

impl Papers {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed }
    }

    pub(crate) fn person(self, number: u64) -> Person {
        Person::invent(self.seed, number)
    }

    /// A citizen's own application. `number` chooses benefit and category; another `edition` is
    /// another content.
    pub(crate) fn own(self, key: &str, person: u64, number: u64, edition: &str) -> Paper {
        Paper {
            key: key.to_owned(),
            person,
            content: content(&self.person(person), number, &format!("{key}-{edition}")).to_string(),
            refused: edition == REFUSED,
        }
    }

    /// The row of a file, with the mandate of its person, who chooses benefit and category.
    fn row(self, key: u64, person: u64, edition: &str) -> Paper {
        self.row_for_another(key, person, 0, edition)
    }

    /// The same for the benefit that comes so much later.
    fn row_for_another(self, key: u64, person: u64, later: u64, edition: &str) -> Paper {
        let (key, number) = (format!("row-{key}"), OF_FILES + person);
        let reference = format!("{key}-{edition}");
        let mut content = content(&self.person(number), number + later, &reference);
        content["mandate"] = format!("MANDATE/{person}").into();
        Paper {
            key,
            person: number,
            content: content.to_string(),
            refused: edition == REFUSED,
        }
    }

    /// What the citizen with this number does.
    pub(crate) fn steps(self, number: u64) -> Vec<Step> {
        let (key, second) = (first_key(number), format!("second-{number}"));
        let apply = |edition| Step::Apply(self.own(&key, number, number, edition));
        let apply_again = |other| Step::Apply(self.own(&second, number, number + other, "first"));
        let withdraw = |by| Step::Withdraw { of: number, by };
        match number / BLOCK % 20 {
            0 => vec![apply("first"), apply("first")],
            1 => vec![apply("first"), apply("other"), apply("first")],
            2 => vec![apply("first"), apply_again(OTHER_CHILDREN)],
            // after the bonus the leave, which it excludes
            3 => vec![apply("first"), apply_again(3)],
            // both parents for the same children
            4 => vec![
                apply("first"),
                Step::Apply(self.own(&second, OTHER_PARENTS + number, number, "first")),
            ],
            5 => vec![apply("first"), withdraw(number)],
            6 => vec![apply("first"), withdraw(number), withdraw(number)],
            7 => vec![apply("first"), withdraw(STRANGER)],
            8 => vec![apply("first"), withdraw(number), apply("other")],
            9 => vec![apply("first"), apply_again(OTHER_CHILDREN), withdraw(number)],
            10 if FIRST_CITIZENS.contains(&number) && number % BLOCK < 4 => vec![apply(REFUSED)],
            _ => vec![apply("first")],
        }
    }

    /// Those of these citizens who withdraw late what they did not withdraw before.
    pub(crate) fn late_steps(self, numbers: Range<u64>) -> impl Iterator<Item = Vec<Step>> {
        let late = numbers.filter(|number| number / BLOCK % 20 == 11 && number % 2 == 0);
        late.map(|number| {
            vec![Step::Withdraw {
                of: number,
                by: number,
            }]
        })
    }

    /// The first file of the first organisation.
    pub(crate) fn file(self) -> File {
        File {
            organisation: ORGANISATIONS[0],
            key: "first-file",
            papers: (0..3_000).map(|row| self.row(row, row, "first")).collect(),
        }
    }

    /// Its second one: the first rows have keys of the first one's.
    pub(crate) fn file_with_keys_of_the_first(self) -> File {
        let row = |row| match row {
            0..300 => self.row(row, row, "first"),
            300..600 => self.row(row, row, "other"),
            600..900 => self.row(row, 10_000 + row, "first"),
            row => self.row(10_000 + row, 20_000 + row, "first"),
        };
        File {
            organisation: ORGANISATIONS[0],
            key: "second-file",
            papers: (0..2_500).map(row).collect(),
        }
    }

    /// Its third one, to be sent in parts of so many rows: the first rows of the second part have
    /// keys of the first part's, and the database refuses some after them.
    pub(crate) fn file_of_parts(self, rows: u64) -> File {
        let row = |row: u64| match row - row.min(rows) {
            place @ 1..50 => self.row(30_000 + place, 30_000 + place, "first"),
            place @ 50..100 => self.row(30_000 + place, 30_000 + place, "other"),
            place @ 100..150 => self.row(30_000 + place, 40_000 + place, "first"),
            150..160 => self.row(30_000 + row, 30_000 + row, REFUSED),
            _ => self.row(30_000 + row, 30_000 + row, "first"),
        };
        File {
            organisation: ORGANISATIONS[0],
            key: "third-file",
            papers: (0..3 * rows).map(row).collect(),
        }
    }

    /// The first file of the second organisation: the first rows have keys, people and contents of
    /// the other's.
    pub(crate) fn file_of_the_other(self) -> File {
        let row = |row| match row {
            0..500 => self.row(row, row, "first"),
            row => self.row(row, 50_000 + row, "first"),
        };
        File {
            organisation: ORGANISATIONS[1],
            key: "first-file",
            papers: (0..2_500).map(row).collect(),
        }
    }

    /// Its second one, for people of the first organisation's: the same benefit again, or the leave
    /// after the bonus.
    pub(crate) fn late_file_of_the_other(self) -> File {
        let later = |row: u64| if row % 40 < 20 { 0 } else { 3 };
        let row = |row| self.row_for_another(60_000 + row, row, later(row), "late");
        File {
            organisation: ORGANISATIONS[1],
            key: "second-file",
            papers: (1_000..2_500).map(row).collect(),
        }
    }
}
