//! Compares the ledger with the register, line by line and row by row. It needs some forty bytes of
//! memory for each application, for any number of lines and rows.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;
use uuid::Uuid;

use crate::people::applications::{Applications, BATCHES};
use crate::people::mix::Kind;
use crate::proof::answer::Answer;
use crate::proof::ledger::{Attempt, Line};
use crate::proof::register::Row;

/// A finding: a difference that must not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "finding", rename_all = "snake_case")]
pub enum Finding {
    /// Accepted, but not in the register.
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
    /// In the register with an id other than the answer's, another person's tax code, or a time
    /// later than the receipt's.
    NotAsAccepted {
        /// The application's number.
        application: u64,
    },
    /// Accepted or in the register, although invalid on purpose.
    Invalid {
        /// The application's number.
        application: u64,
    },
    /// In the register, but never attempted.
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
    /// Returns the number of its application, if that was attempted.
    #[must_use]
    pub fn application(&self) -> Option<u64> {
        match self {
            Self::Lost { application }
            | Self::Twice { application }
            | Self::OtherId { application }
            | Self::Invalid { application }
            | Self::NotAsAccepted { application } => Some(*application),
            Self::NeverAttempted { .. } | Self::SameProtocolNumber { .. } => None,
        }
    }
}

/// The state of one application in ledger and register.
#[derive(Debug, Clone, Copy)]
struct Entry {
    /// The id in the first answer.
    id: Uuid,
    /// The earliest time on a receipt, in milliseconds since 1970.
    received_ms: i64,
    attempted: bool,
    accepted: bool,
    /// Whether a row has that id.
    found: bool,
    rows: u8,
    twice: bool,
    not_as_accepted: bool,
}

const UNKNOWN: Entry = Entry {
    id: Uuid::nil(),
    received_ms: i64::MAX,
    attempted: false,
    accepted: false,
    found: false,
    rows: 0,
    twice: false,
    not_as_accepted: false,
};

/// Entries by number: of single applications, and of rows of batches.
#[derive(Debug, Default)]
struct Entries {
    alone: Vec<Entry>,
    batches: Vec<Entry>,
}

impl Entries {
    fn at(&mut self, number: u64) -> Option<&mut Entry> {
        let (list, place) = match number.checked_sub(BATCHES) {
            Some(row) => (&mut self.batches, row),
            None => (&mut self.alone, number),
        };
        list.get_mut(usize::try_from(place).ok()?)
    }

    /// Returns the entry of a number; makes it if it is missing.
    fn entry(&mut self, number: u64) -> &mut Entry {
        let (list, place) = match number.checked_sub(BATCHES) {
            Some(row) => (&mut self.batches, row),
            None => (&mut self.alone, number),
        };
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        if list.len() <= place {
            list.resize(place + 1, UNKNOWN);
        }
        &mut list[place]
    }

    fn attempted(&self) -> impl Iterator<Item = (u64, &Entry)> {
        let numbered = (0..).zip(&self.alone).chain((BATCHES..).zip(&self.batches));
        numbered.filter(|(_, entry)| entry.attempted)
    }
}

/// Reads the lines of the ledger, then the rows of the register.
pub struct Reconciler<'a> {
    applications: &'a Applications,
    entries: Entries,
    /// Further ids in answers to a key, and whether a row has them.
    other_ids: BTreeMap<(u64, Uuid), bool>,
    /// Ids of applications that are not in the ledger, and how often each is registered.
    besides: BTreeMap<Uuid, i64>,
    numbers: Numbers,
    never_attempted: Vec<Finding>,
    shared_numbers: Vec<Finding>,
}

impl<'a> Reconciler<'a> {
    /// Makes an empty reconciler of these applications.
    #[must_use]
    pub fn new(applications: &'a Applications) -> Self {
        Self {
            applications,
            entries: Entries::default(),
            other_ids: BTreeMap::new(),
            besides: BTreeMap::new(),
            numbers: Numbers::default(),
            never_attempted: Vec::new(),
            shared_numbers: Vec::new(),
        }
    }

    /// Expects the application with this id, which another sender than the ledger's has a receipt
    /// for.
    pub fn beside(&mut self, id: Uuid) {
        self.besides.insert(id, 0);
    }

    /// Reads a line of the ledger. All lines come before the first row.
    pub fn line(&mut self, line: &Line) {
        match line {
            Line::Sent {
                attempt: Attempt { application, .. },
                ..
            } => self.entries.entry(*application).attempted = true,
            Line::Answered {
                attempt,
                answer: Answer::Accepted { id, received_at },
                ..
            } => self.accepted(attempt.application, *id, *received_at),
            Line::Answered { .. } | Line::GivenUp { .. } => {}
        }
    }

    fn accepted(&mut self, application: u64, id: Uuid, received_at: Timestamp) {
        let entry = self.entries.entry(application);
        entry.received_ms = entry.received_ms.min(received_at.as_millisecond());
        entry.attempted = true;
        if !entry.accepted {
            entry.accepted = true;
            entry.id = id;
        } else if entry.id != id {
            self.other_ids.insert((application, id), false);
        }
    }

    /// Reads a row of the register.
    pub fn row(&mut self, row: &Row) {
        if !self.numbers.insert(row.protocol_year, row.protocol_number) {
            self.shared_numbers
                .push(Finding::SameProtocolNumber { id: row.id });
        }
        if let Some(registered) = self.besides.get_mut(&row.id) {
            *registered += row.registrations;
            return;
        }
        let applications = self.applications;
        let number = row.reference.as_deref().and_then(|key| applications.number(key));
        let known = number.and_then(|number| {
            let entry = self.entries.at(number).filter(|entry| entry.attempted)?;
            Some((number, entry))
        });
        let Some((number, entry)) = known else {
            self.never_attempted.push(Finding::NeverAttempted { id: row.id });
            return;
        };
        let other_id = self.other_ids.get_mut(&(number, row.id));
        // without a 202 the id is unknown, and any time is valid
        let same_id = !entry.accepted || entry.id == row.id || other_id.is_some();
        let in_time = row.received_ms <= entry.received_ms;
        let same_person = row.tax_code == applications.person(number).tax_code.as_str();
        entry.not_as_accepted |= !(same_id && in_time && same_person);
        entry.found |= entry.id == row.id;
        entry.rows = entry.rows.saturating_add(1);
        entry.twice |= entry.rows > 1 || row.registrations != 1;
        if let Some(found) = other_id {
            *found = true;
        }
    }

    /// Returns the comparison.
    #[must_use]
    pub fn finish(self) -> Reconciliation {
        let mut findings = self.never_attempted;
        for (application, entry) in self.entries.attempted() {
            let all_ids = (application, Uuid::nil())..=(application, Uuid::max());
            let mut others = self.other_ids.range(all_ids).map(|(_, found)| *found).peekable();
            let other_id = others.peek().is_some();
            let lost = (entry.accepted && !entry.found) || !others.all(|found| found);
            let known = entry.accepted || entry.rows > 0;
            let invalid = known && matches!(self.applications.kind(application), Kind::Invalid(_));
            let found = [
                lost.then_some(Finding::Lost { application }),
                entry.twice.then_some(Finding::Twice { application }),
                other_id.then_some(Finding::OtherId { application }),
                entry
                    .not_as_accepted
                    .then_some(Finding::NotAsAccepted { application }),
                invalid.then_some(Finding::Invalid { application }),
            ];
            findings.extend(found.into_iter().flatten());
        }
        findings.extend(self.shared_numbers);
        let not_once = self.besides.values().filter(|registered| **registered != 1);
        Reconciliation {
            entries: self.entries,
            besides_not_once: not_once.count(),
            findings,
        }
    }
}

/// The comparison of ledger and register.
#[derive(Debug, Default)]
pub struct Reconciliation {
    entries: Entries,
    /// How many applications that are not in the ledger are not registered exactly once.
    pub besides_not_once: usize,
    /// All findings.
    pub findings: Vec<Finding>,
}

impl Reconciliation {
    /// Returns how many applications of this range were attempted.
    #[must_use]
    pub fn attempted(&self, numbers: &Range<u64>) -> usize {
        self.within(numbers).count()
    }

    /// Returns how many applications of this range were accepted.
    #[must_use]
    pub fn accepted(&self, numbers: &Range<u64>) -> usize {
        self.within(numbers).filter(|entry| entry.accepted).count()
    }

    /// Returns how many rows of the register belong to applications of this range.
    #[must_use]
    pub fn registered(&self, numbers: &Range<u64>) -> usize {
        self.within(numbers).map(|entry| usize::from(entry.rows)).sum()
    }

    fn within(&self, numbers: &Range<u64>) -> impl Iterator<Item = &Entry> {
        let attempted = self.entries.attempted();
        attempted
            .filter(|(number, _)| numbers.contains(number))
            .map(|(_, entry)| entry)
    }
}

/// Compares all attempts with all registered applications.
#[must_use]
pub fn reconcile(lines: &[Line], rows: &[Row], applications: &Applications) -> Reconciliation {
    let mut reconciler = Reconciler::new(applications);
    lines.iter().for_each(|line| reconciler.line(line));
    rows.iter().for_each(|row| reconciler.row(row));
    reconciler.finish()
}

/// Seen protocol numbers. They are consecutive, so one bit each is enough.
#[derive(Debug, Default)]
struct Numbers {
    bits: BTreeMap<i16, Vec<u64>>,
    /// Numbers far outside the sequence.
    far: HashSet<(i16, i64)>,
}

/// Limit of the bits: at most 16 MiB for a year.
const FAR: i64 = 1 << 27;

impl Numbers {
    /// Adds a number. Returns whether it is new.
    fn insert(&mut self, year: i16, number: i64) -> bool {
        let Some(near) = usize::try_from(number).ok().filter(|_| number < FAR) else {
            return self.far.insert((year, number));
        };
        let (place, bit) = (near / 64, 1_u64 << (near % 64));
        let bits = self.bits.entry(year).or_default();
        if bits.len() <= place {
            bits.resize(place + 1, 0);
        }
        let is_new = bits[place] & bit == 0;
        bits[place] |= bit;
        is_new
    }
}

#[cfg(test)]
mod tests;
