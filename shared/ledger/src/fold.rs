//! What follows from statements and arrivals, for one process and channel. No input or output.

use std::mem;

use jiff::{SignedDuration, Timestamp};
use sportello_domain::{NumberSet, Statement};
use sportello_store::{LedgerProcess, LedgerSegment};

/// A confirmed number is suspect when one that was confirmed so much later has arrived.
const LATE: SignedDuration = SignedDuration::from_secs(60);
/// A process that has stated nothing for so long has ended: it states something each 30 seconds.
const SILENT: SignedDuration = SignedDuration::from_secs(90);
/// Most segments of a process: with more, neighbours are put together, the oldest first.
const SEGMENTS: usize = 256;

/// Adds a statement. One that is older than what is known adds nothing but its exceptions.
pub fn state(process: &mut LedgerProcess, statement: &Statement, now: Timestamp) {
    process.heard_at = now;
    process.exceptions.extend(&statement.exceptions);
    process.is_final |= statement.is_final;
    let edge = &mut process.edge;
    edge.answered = edge.answered.max(statement.edge.answered);
    edge.spool_put = edge.spool_put.max(statement.edge.spool_put);
    if process
        .stated_at
        .is_none_or(|before| statement.stated_at >= before)
    {
        edge.spool_held = statement.edge.spool_held;
    }
    if statement.decided_below > process.decided_below {
        decide(process, statement);
    }
    process.stated_at = process.stated_at.max(Some(statement.stated_at));
    settle_ended(process);
}

/// Adds the numbers that the statement decides anew.
fn decide(process: &mut LedgerProcess, statement: &Statement) {
    let confirmed = |after: u64, before: u64| after.saturating_sub(before);
    let mut segment = LedgerSegment {
        first: process.decided_below,
        below: statement.decided_below,
        confirmed_messages: confirmed(statement.confirmed_messages, process.confirmed_messages),
        confirmed_applications: confirmed(statement.confirmed_applications, process.confirmed_applications),
        arrived_messages: 0,
        arrived_applications: 0,
        since: process.stated_at.unwrap_or(statement.stated_at),
        until: statement.stated_at,
    };
    process.decided_below = statement.decided_below;
    process.confirmed_messages = process.confirmed_messages.max(statement.confirmed_messages);
    process.confirmed_applications = process
        .confirmed_applications
        .max(statement.confirmed_applications);
    let later = process.ahead.split_off(&statement.decided_below);
    for (number, size) in mem::replace(&mut process.ahead, later) {
        if process.exceptions.contains(number) {
            process.unconfirmed_applications += u64::from(size);
        } else {
            arrive_in(&mut segment, size);
            process.arrived_until = process.arrived_until.max(Some(segment.until));
        }
    }
    if is_open(&segment) {
        process.segments.push(segment);
    }
    if process.segments.len() > SEGMENTS {
        put_together(&mut process.segments);
    }
}

/// What a delivery of a message was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivered {
    /// Its first.
    First,
    /// Another one: the message had been settled before.
    Again,
}

/// Adds a message that a worker settled, with so many applications.
pub fn arrive(process: &mut LedgerProcess, number: u64, size: u32) -> Delivered {
    if !process.arrived.insert(number) {
        return Delivered::Again;
    }
    process.suspect.remove_range(&(number..number + 1));
    let applications = u64::from(size);
    if process.lost.contains(number) {
        // somebody has found it
        process.lost.remove_range(&(number..number + 1));
        process.lost_messages = process.lost_messages.saturating_sub(1);
        process.lost_applications = process.lost_applications.saturating_sub(applications);
    } else if number >= process.decided_below {
        process.ahead.insert(number, size);
    } else if process.exceptions.contains(number) {
        process.unconfirmed_applications += applications;
    } else if let Some(segment) = (process.segments.iter_mut())
        .find(|segment| (segment.first..segment.below).contains(&number) && is_open(segment))
    {
        arrive_in(segment, size);
        process.arrived_until = process.arrived_until.max(Some(segment.until));
        process.segments.retain(is_open);
    } else {
        // a statement that named its exceptions is missing
        process.unconfirmed_applications += applications;
    }
    settle_ended(process);
    Delivered::First
}

/// Missing messages of a process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Missing {
    /// Their numbers.
    pub numbers: NumberSet,
    /// How many messages. Less than there are numbers where a statement that named exceptions is
    /// missing: these numbers are not all of confirmed messages then.
    pub messages: u64,
}

/// Returns the confirmed messages below this number that have not arrived.
#[must_use]
pub fn missing(process: &LedgerProcess, below: u64) -> Missing {
    let mut missing = Missing::default();
    for segment in process.segments.iter().filter(|segment| segment.below <= below) {
        missing.numbers.extend(&missing_of(process, segment));
        missing.messages += segment.confirmed_messages - segment.arrived_messages;
    }
    missing
}

fn missing_of(process: &LedgerProcess, segment: &LedgerSegment) -> NumberSet {
    let mut numbers = process.arrived.missing_in(segment.first..segment.below);
    process
        .exceptions
        .within(segment.first..segment.below)
        .ranges()
        .for_each(|exception| numbers.remove_range(&exception));
    numbers
}

/// Notes that the confirmed messages below this number are lost.
pub fn lose(process: &mut LedgerProcess, below: u64, now: Timestamp) {
    let segments = mem::take(&mut process.segments);
    let (gone, left): (Vec<_>, Vec<_>) = segments.into_iter().partition(|segment| segment.below <= below);
    for segment in &gone {
        let numbers = missing_of(process, segment);
        process.lost.extend(&numbers);
        process.lost_messages += segment.confirmed_messages - segment.arrived_messages;
        process.lost_applications += waiting(segment);
        process.lost_since.get_or_insert(now);
    }
    process.segments = left;
}

/// Notes which numbers are late: missing, though much younger ones have arrived.
pub fn suspect(process: &mut LedgerProcess, now: Timestamp) {
    let Some(youngest) = process.arrived_until else {
        return;
    };
    let mut suspect = NumberSet::default();
    for segment in &process.segments {
        if segment.until + LATE < youngest {
            suspect.extend(&missing_of(process, segment));
        }
    }
    process.suspect_since = match process.suspect_since {
        _ if suspect.is_empty() => None,
        None => Some(now),
        since => since,
    };
    process.suspect = suspect;
}

/// Returns whether a process has ended without its last statement, so that nobody knows what it
/// sent after its last one.
#[must_use]
pub fn is_tail_open(process: &LedgerProcess, now: Timestamp) -> bool {
    !process.is_final && !process.is_closed && now.duration_since(process.heard_at) > SILENT
}

/// Returns the confirmed applications that wait.
#[must_use]
pub fn outstanding(process: &LedgerProcess) -> u64 {
    process.segments.iter().map(waiting).sum()
}

/// Of a process that has ended, no statement will decide more.
pub fn settle_ended(process: &mut LedgerProcess) {
    if process.is_final || process.is_closed {
        let ahead = mem::take(&mut process.ahead);
        process.unconfirmed_applications += ahead.values().map(|size| u64::from(*size)).sum::<u64>();
        process.exceptions.extend(&ahead.into_keys().collect());
    }
}

fn is_open(segment: &LedgerSegment) -> bool {
    segment.arrived_messages < segment.confirmed_messages
}

fn waiting(segment: &LedgerSegment) -> u64 {
    segment
        .confirmed_applications
        .saturating_sub(segment.arrived_applications)
}

fn arrive_in(segment: &mut LedgerSegment, size: u32) {
    segment.arrived_messages += 1;
    segment.arrived_applications += u64::from(size);
}

/// Puts neighbours together, of the older half.
fn put_together(segments: &mut Vec<LedgerSegment>) {
    let young = segments.split_off(segments.len() / 2);
    let pairs = segments.chunks(2).map(|pair| match pair {
        [older, younger] => LedgerSegment {
            first: older.first,
            below: younger.below,
            confirmed_messages: older.confirmed_messages + younger.confirmed_messages,
            confirmed_applications: older.confirmed_applications + younger.confirmed_applications,
            arrived_messages: older.arrived_messages + younger.arrived_messages,
            arrived_applications: older.arrived_applications + younger.arrived_applications,
            since: older.since,
            until: younger.until,
        },
        one => one[0],
    });
    *segments = pairs.chain(young).collect();
}

#[cfg(test)]
mod tests;
