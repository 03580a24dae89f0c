//! Compares the ledger with the register.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::applications::Applications;
use crate::client::Answer;
use crate::ledger::{Attempt, Line};
use crate::register::Row;

/// What the ledger says of one application.
#[derive(Debug, Default)]
struct Entry {
    /// The ids that the answers gave: one, whatever was sent again.
    ids: Vec<Uuid>,
    /// The earliest time on a receipt.
    received_at: Option<Timestamp>,
}

/// Something that must not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// Accepted, and not in the register.
    Lost {
        /// The application's number.
        application: u64,
    },
    /// In the register under more than one id, or registered more than once under one.
    Twice {
        /// The application's number.
        application: u64,
    },
    /// Answers to one idempotency key gave different ids.
    OtherId {
        /// The application's number.
        application: u64,
    },
    /// In the register with another id than the answer's, another person's tax code, or a later time than the
    /// receipt's.
    NotAsAccepted {
        /// The application's number.
        application: u64,
    },
    /// In the register, and never attempted.
    NeverAttempted {
        /// The row's id.
        id: Uuid,
    },
    /// Two applications share a protocol number.
    SameProtocolNumber {
        /// The second row's id.
        id: Uuid,
    },
}

impl Finding {
    /// The number of the application that it is about, where it is about one that was attempted.
    #[must_use]
    pub fn application(&self) -> Option<u64> {
        match self {
            Self::Lost { application }
            | Self::Twice { application }
            | Self::OtherId { application }
            | Self::NotAsAccepted { application } => Some(*application),
            Self::NeverAttempted { .. } | Self::SameProtocolNumber { .. } => None,
        }
    }
}

/// The ledger's and the register's word on each application.
#[derive(Debug, Default)]
pub struct Reconciliation {
    accepted: Vec<u64>,
    registered: Vec<u64>,
    /// Everything that must not be.
    pub findings: Vec<Finding>,
}

impl Reconciliation {
    /// How many applications of this range were accepted.
    #[must_use]
    pub fn accepted(&self, numbers: &Range<u64>) -> usize {
        within(&self.accepted, numbers)
    }

    /// How many rows of the register belong to applications of this range.
    #[must_use]
    pub fn registered(&self, numbers: &Range<u64>) -> usize {
        within(&self.registered, numbers)
    }
}

fn within(list: &[u64], numbers: &Range<u64>) -> usize {
    list.iter().filter(|number| numbers.contains(number)).count()
}

/// Compares everything that was ever attempted with everything that is registered.
#[must_use]
pub fn reconcile(lines: &[Line], rows: &[Row], applications: &Applications) -> Reconciliation {
    let ledger = entries(lines);
    let mut result = Reconciliation::default();
    let mut rows_of: HashMap<u64, Vec<&Row>> = HashMap::new();
    for row in rows {
        let number = row.reference.as_deref().and_then(|key| applications.number(key));
        match number.filter(|number| ledger.contains_key(number)) {
            Some(number) => rows_of.entry(number).or_default().push(row),
            None => result.findings.push(Finding::NeverAttempted { id: row.id }),
        }
    }
    for (&application, entry) in &ledger {
        let rows = rows_of.get(&application).map(Vec::as_slice).unwrap_or_default();
        result
            .findings
            .extend(judge(application, entry, rows, applications));
        result
            .accepted
            .extend((!entry.ids.is_empty()).then_some(application));
        result.registered.extend(rows.iter().map(|_| application));
    }
    result.findings.extend(shared_numbers(rows));
    result
}

fn entries(lines: &[Line]) -> BTreeMap<u64, Entry> {
    let mut entries: BTreeMap<u64, Entry> = BTreeMap::new();
    for line in lines {
        match line {
            Line::Sent {
                attempt: Attempt { application, .. },
                ..
            } => {
                entries.entry(*application).or_default();
            }
            Line::Answered {
                attempt,
                answer: Answer::Accepted { id, received_at },
                ..
            } => {
                let entry = entries.entry(attempt.application).or_default();
                if !entry.ids.contains(id) {
                    entry.ids.push(*id);
                }
                entry.received_at = Some(
                    entry
                        .received_at
                        .map_or(*received_at, |earlier| earlier.min(*received_at)),
                );
            }
            Line::Answered { .. } | Line::GivenUp { .. } => {}
        }
    }
    entries
}

fn judge(application: u64, entry: &Entry, rows: &[&Row], applications: &Applications) -> Vec<Finding> {
    let person = applications.person(application);
    // without a 202 the id is not known, and the time may be any
    let as_accepted = |row: &&Row| {
        let same_id = entry.ids.is_empty() || entry.ids.contains(&row.id);
        let in_time = entry
            .received_at
            .is_none_or(|receipt| row.received_ms <= receipt.as_millisecond());
        same_id && in_time && row.tax_code == person.tax_code.as_str()
    };
    let missing = !entry.ids.iter().all(|id| rows.iter().any(|row| row.id == *id));
    let twice = rows.len() > 1 || rows.iter().any(|row| row.registrations != 1);
    [
        missing.then_some(Finding::Lost { application }),
        twice.then_some(Finding::Twice { application }),
        (entry.ids.len() > 1).then_some(Finding::OtherId { application }),
        (!rows.iter().all(as_accepted)).then_some(Finding::NotAsAccepted { application }),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn shared_numbers(rows: &[Row]) -> Vec<Finding> {
    let mut seen = HashSet::new();
    rows.iter()
        .filter(|row| !seen.insert((row.protocol_year, row.protocol_number)))
        .map(|row| Finding::SameProtocolNumber { id: row.id })
        .collect()
}

#[cfg(test)]
mod tests {
    use sportello_local::mint::Mint;

    use super::*;

    const RECEIVED: i64 = 1_585_699_200_000;

    struct Case {
        applications: Applications,
        lines: Vec<Line>,
        rows: Vec<Row>,
        _folder: tempfile::TempDir,
    }

    /// Three applications: all attempted, 0 and 1 accepted and registered, 2 without an answer.
    fn case() -> Case {
        let folder = tempfile::tempdir().unwrap();
        let applications = Applications::new(1, Mint::open(folder.path()).unwrap());
        let mut lines: Vec<Line> = (0..3).map(|number| sent(&applications, number)).collect();
        lines.extend([accepted(0, 0), accepted(1, 1)]);
        let rows = (0..2)
            .map(|number| row(&applications, number, u128::from(number)))
            .collect();
        Case {
            applications,
            lines,
            rows,
            _folder: folder,
        }
    }

    fn sent(applications: &Applications, number: u64) -> Line {
        let attempt = Attempt {
            application: number,
            attempt: 1,
        };
        Line::Sent {
            attempt,
            due_us: 0,
            key: applications.key(number),
        }
    }

    fn accepted(application: u64, id: u128) -> Line {
        let received_at = Timestamp::from_millisecond(RECEIVED).unwrap();
        let answer = Answer::Accepted {
            id: Uuid::from_u128(id),
            received_at,
        };
        Line::Answered {
            attempt: Attempt {
                application,
                attempt: 1,
            },
            due_us: 0,
            latency_us: 1,
            answer,
        }
    }

    fn row(applications: &Applications, number: u64, id: u128) -> Row {
        Row {
            id: Uuid::from_u128(id),
            protocol_year: 2020,
            protocol_number: i64::try_from(id).unwrap() + 1,
            tax_code: applications.person(number).tax_code.as_str().to_owned(),
            reference: Some(applications.key(number)),
            received_ms: RECEIVED,
            registrations: 1,
        }
    }

    fn findings(case: &Case) -> Vec<Finding> {
        reconcile(&case.lines, &case.rows, &case.applications).findings
    }

    #[test]
    fn what_is_well_is_counted() {
        let mut case = case();
        let result = reconcile(&case.lines, &case.rows, &case.applications);
        assert_eq!((result.accepted(&(0..3)), result.registered(&(0..3))), (2, 2));
        assert_eq!((result.accepted(&(1..3)), result.findings), (1, vec![]));

        // an attempt without an answer may have been registered
        case.rows.push(row(&case.applications, 2, 9));
        assert_eq!(findings(&case), []);
    }

    #[test]
    fn a_loss_is_found() {
        let mut case = case();
        case.rows.remove(1);
        assert_eq!(findings(&case), [Finding::Lost { application: 1 }]);
    }

    #[test]
    fn a_second_registration_is_found() {
        let mut case = case();
        case.rows[0].registrations = 2;
        assert_eq!(findings(&case), [Finding::Twice { application: 0 }]);

        case.rows[0].registrations = 1;
        case.rows.push(row(&case.applications, 0, 5));
        let twice = [
            Finding::Twice { application: 0 },
            Finding::NotAsAccepted { application: 0 },
        ];
        assert_eq!(findings(&case), twice);
    }

    #[test]
    fn another_id_for_the_same_key_is_found() {
        let mut case = case();
        case.lines.push(accepted(0, 5));
        let expected = [
            Finding::Lost { application: 0 },
            Finding::OtherId { application: 0 },
        ];
        assert_eq!(findings(&case), expected);
    }

    #[test]
    fn a_row_that_differs_from_its_receipt_is_found() {
        let expected = [Finding::NotAsAccepted { application: 1 }];
        let mut other_person = case();
        other_person.rows[1].tax_code = other_person.applications.person(0).tax_code.as_str().to_owned();
        assert_eq!(findings(&other_person), expected);
        let mut later = case();
        later.rows[1].received_ms += 1;
        assert_eq!(findings(&later), expected);
    }

    #[test]
    fn a_row_that_nobody_sent_and_a_shared_number_are_found() {
        let mut case = case();
        case.rows.push(Row {
            reference: None,
            ..row(&case.applications, 2, 0)
        });
        let id = Uuid::from_u128(0);
        assert_eq!(
            findings(&case),
            [Finding::NeverAttempted { id }, Finding::SameProtocolNumber { id }]
        );
    }
}
