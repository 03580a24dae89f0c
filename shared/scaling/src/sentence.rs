//! Reasons as sentences, in plain English.

use std::fmt;

use jiff::Timestamp;
use sportello_domain::Channel;

use crate::calendar::{Occasion, Raise};
use crate::clock::written;
use crate::load::Saturation;
use crate::policy::Limit;
use crate::rate::Rate;
use crate::reason::Reason;
use crate::target::Target;
use crate::time_to_drain::said;

impl fmt::Display for Reason {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        to.write_str(&self.sentence())
    }
}

impl Reason {
    fn sentence(&self) -> String {
        match *self {
            Self::Manual { workers, until } => manual(workers, until),
            Self::Needed {
                workers,
                backlog,
                arrivals,
                rate,
                each,
                target,
            } => needed(workers, backlog, arrivals, rate, each, target),
            Self::Floor { workers } => format!("The floor is enough: {}.", a_number(workers)),
            Self::Calendar(ref raise) => opening(raise),
            Self::DrainUnknown { workers } => format!(
                "What a worker settles is not measured yet, so the number stays at {}.",
                a_number(workers)
            ),
            Self::Trying { at } => {
                format!(
                    "They keep up with what comes: one fewer from {}, if it stays so.",
                    written(at)
                )
            }
            Self::LoadUnknown { workers } => format!(
                "The backlog can't be read: the number stays at {}.",
                a_number(workers)
            ),
            Self::Ceiling {
                workers,
                needed,
                limit,
            } => ceiling(workers, needed, limit),
            Self::Unreachable { target, workers, by } => unreachable(target, workers, by),
            Self::Knee { workers, gained } => knee(workers, gained),
            Self::Saturated { by, workers } => saturated(by, workers),
            Self::Prefetched { messages, workers } => prefetched(messages, workers),
            Self::Lowering { enough, at } => format!(
                "{} would be enough: one fewer from {}, if it stays so.",
                a_number(enough),
                written(at)
            ),
            Self::Margin { enough } => format!(
                "{} would be enough now, but not if the load rose by a half again.",
                a_number(enough)
            ),
            Self::ChangedOutside { ordered, found } => format!(
                "Somebody else changed the number at the platform from {ordered} to {found}, and \
                 nothing is overwritten: take it over, or choose a number."
            ),
        }
    }
}

fn manual(workers: u16, until: Timestamp) -> String {
    format!(
        "An operator chose {} until {}.",
        a_number(workers),
        written(until)
    )
}

fn knee(workers: u16, gained: i16) -> String {
    format!(
        "The last raise changed the drain by {gained} %, so one more would bring nothing: the number \
         stays at {}.",
        a_number(workers)
    )
}

fn saturated(by: Saturation, workers: u16) -> String {
    format!(
        "{}, so one more would slow the others down: the number stays at {}.",
        by.as_sentence(),
        a_number(workers)
    )
}

fn needed(workers: u32, backlog: u64, arrivals: Rate, rate: Rate, each: Rate, target: Target) -> String {
    format!(
        "Backlog: {}, and {arrivals} arrive. {} takes {rate}: {}, each at four fifths of {each}.",
        counted(backlog, "application"),
        wish(target),
        counted(u64::from(workers), "worker")
    )
}

fn opening(raise: &Raise) -> String {
    let channel = match raise.channel {
        Channel::Citizen => "citizens",
        Channel::Intermediary => "intermediaries",
    };
    let day = match raise.occasion {
        Occasion::OpeningDay => " for the first day",
        Occasion::Window => "",
    };
    let opens = match raise.opens {
        Some(at) => format!("opens to {channel}{day} at {}", written(at)),
        None => format!("is open to {channel}{day}"),
    };
    format!("{} {opens}: at least {}.", raise.benefit, a_number(raise.workers))
}

fn ceiling(workers: u16, needed: u32, limit: Limit) -> String {
    format!(
        "{} would be needed, above the ceiling of {workers} ({}): {} to have more.",
        counted(u64::from(needed), "worker"),
        limit.as_sentence(),
        limit.remedy()
    )
}

fn unreachable(target: Target, workers: u16, by: Option<Timestamp>) -> String {
    let workers = a_number(workers);
    let missed = match target {
        Target::DrainedBy { at } => format!("Not by {}", written(at)),
        Target::NeverBehind { seconds } => format!("More than {} behind", said(u64::from(seconds))),
    };
    match (target, by) {
        (_, None) => format!("{missed}; with {workers} not at all, unless less arrives."),
        (Target::DrainedBy { .. }, Some(by)) => format!("{missed}; with {workers} by {}.", written(by)),
        (Target::NeverBehind { .. }, Some(by)) => {
            format!("{missed}; with {workers} not any more from {}.", written(by))
        }
    }
}

fn prefetched(messages: u64, workers: u16) -> String {
    format!(
        "All that waits ({}) is already with {}, and one more would get none of it. Lower PREFETCH \
         to spread it.",
        counted(messages, "message"),
        a_number(workers)
    )
}

fn wish(target: Target) -> String {
    match target {
        Target::DrainedBy { at } => format!("A drain by {}", written(at)),
        Target::NeverBehind { seconds } => format!("At most {} behind", said(u64::from(seconds))),
    }
}

fn a_number(workers: u16) -> String {
    counted(u64::from(workers), "worker")
}

/// Writes a number with its noun, and a comma before each thousand: `12,000 applications`.
fn counted(number: u64, noun: &str) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let plural = if number == 1 { "" } else { "s" };
    format!("{grouped} {noun}{plural}")
}
