use std::collections::BTreeSet;

use proptest::prelude::*;
use sportello_domain::{BenefitCounts, Channel, EdgeCounts, ProcessId};

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_585_720_800 + second).unwrap()
}

fn process() -> LedgerProcess {
    LedgerProcess::new(ProcessId::from_bits(1), Channel::Citizen, at(0))
}

fn statement(second: i64, below: u64, exceptions: &[u64], messages: u64, applications: u64) -> Statement {
    Statement {
        process: ProcessId::from_bits(1),
        channel: Channel::Citizen,
        decided_below: below,
        exceptions: exceptions.iter().copied().collect(),
        confirmed_messages: messages,
        confirmed_applications: applications,
        edge: EdgeCounts::default(),
        benefits: BenefitCounts::default(),
        stated_at: at(second),
        is_final: false,
    }
}

fn numbers<const N: usize>(numbers: [u64; N]) -> NumberSet {
    numbers.into_iter().collect()
}

#[test]
fn a_missing_number_is_named_with_its_applications() {
    let mut process = process();
    state(&mut process, &statement(1, 5, &[], 5, 200), at(1));
    for number in [0, 1, 3, 4] {
        arrive(&mut process, number, 40);
    }
    assert_eq!(missing(&process, 5).numbers, numbers([2]));
    assert_eq!(outstanding(&process), 40);
    lose(&mut process, 5, at(20));
    assert_eq!(
        (
            process.lost.clone(),
            process.lost_messages,
            process.lost_applications
        ),
        (numbers([2]), 1, 40)
    );
    assert_eq!(outstanding(&process), 0);
    // found after all
    assert_eq!(arrive(&mut process, 2, 40), Delivered::First);
    assert_eq!((process.lost.count(), process.lost_applications), (0, 0));
}

#[test]
fn what_was_refused_or_is_unknown_is_never_missing() {
    let mut process = process();
    state(&mut process, &statement(1, 4, &[1, 3], 2, 80), at(1));
    arrive(&mut process, 0, 40);
    arrive(&mut process, 2, 40);
    assert_eq!(missing(&process, 4), Missing::default());
    // its confirm was lost, the message was not
    assert_eq!(arrive(&mut process, 3, 7), Delivered::First);
    assert_eq!(process.unconfirmed_applications, 7);
}

#[test]
fn without_the_statement_that_named_exceptions_the_count_is_right() {
    let mut process = process();
    // two of ten were not confirmed, and no statement that arrived says which
    state(&mut process, &statement(1, 10, &[], 8, 80), at(1));
    for number in 0..7 {
        arrive(&mut process, number, 10);
    }
    let missing = missing(&process, 10);
    assert_eq!((missing.messages, missing.numbers), (1, numbers([7, 8, 9])));
    assert_eq!(outstanding(&process), 10);
}

#[test]
fn a_number_is_suspect_once_one_a_minute_younger_arrived() {
    let mut process = process();
    state(&mut process, &statement(1, 2, &[], 2, 2), at(1));
    state(&mut process, &statement(61, 3, &[], 3, 3), at(61));
    state(&mut process, &statement(62, 4, &[], 4, 4), at(62));
    arrive(&mut process, 0, 1);
    arrive(&mut process, 2, 1);
    suspect(&mut process, at(70));
    assert!(process.suspect.is_empty());
    arrive(&mut process, 3, 1);
    suspect(&mut process, at(71));
    assert_eq!(
        (process.suspect.clone(), process.suspect_since),
        (numbers([1]), Some(at(71)))
    );
    arrive(&mut process, 1, 1);
    suspect(&mut process, at(72));
    assert_eq!((process.suspect.count(), process.suspect_since), (0, None));
}

#[test]
fn the_tail_of_a_silent_process_is_open_until_it_is_closed() {
    let mut process = process();
    state(&mut process, &statement(1, 1, &[], 1, 1), at(1));
    arrive(&mut process, 0, 1);
    arrive(&mut process, 1, 5);
    assert!(!is_tail_open(&process, at(60)));
    assert!(is_tail_open(&process, at(120)));
    // its file closes it: whether 1 was confirmed is unknown
    let closing = Statement {
        is_final: true,
        ..statement(130, 3, &[1, 2], 1, 1)
    };
    state(&mut process, &closing, at(130));
    assert!(!is_tail_open(&process, at(500)));
    assert_eq!(
        (process.unconfirmed_applications, process.is_settled()),
        (5, true)
    );
}

#[test]
fn an_older_statement_takes_nothing_back() {
    let mut process = process();
    let newer = statement(2, 4, &[], 3, 30);
    state(&mut process, &newer, at(2));
    let before = process.clone();
    state(&mut process, &statement(1, 2, &[1], 1, 10), at(2));
    let exceptions = process.exceptions.clone();
    assert_eq!(exceptions, numbers([1]));
    assert_eq!(
        LedgerProcess {
            exceptions: NumberSet::default(),
            ..process
        },
        before
    );
}

/// What happens to a message, and to the statement of its second.
#[derive(Debug, Clone)]
struct Message {
    /// Applications, where it is confirmed.
    confirmed: bool,
    size: u32,
    /// Deliveries that are settled; none for a message that waits or is lost.
    deliveries: usize,
    /// Whether a statement follows it.
    stated: bool,
}

fn message() -> impl Strategy<Value = Message> {
    (
        prop::bool::weighted(0.8),
        1_u32..65,
        0_usize..3,
        prop::bool::weighted(0.3),
    )
        .prop_map(|(confirmed, size, deliveries, stated)| Message {
            confirmed,
            size,
            deliveries,
            stated,
        })
}

/// The statements of these messages, each complete with its exceptions.
fn statements(messages: &[Message]) -> Vec<Statement> {
    let (mut found, mut exceptions) = (Vec::new(), Vec::new());
    let (mut confirmed, mut applications) = (0, 0);
    for (number, message) in (0_u64..).zip(messages) {
        if message.confirmed {
            confirmed += 1;
            applications += u64::from(message.size);
        } else {
            exceptions.push(number);
        }
        if message.stated {
            let second = i64::try_from(number).unwrap();
            found.push(statement(
                second,
                number + 1,
                &exceptions,
                confirmed,
                applications,
            ));
            exceptions.clear();
        }
    }
    found
}

proptest! {
    /// Statements and arrivals interleave in any way, statements may come twice: the sums agree,
    /// and exactly what is confirmed, stated and not settled is missing.
    #[test]
    fn the_equation_holds_in_any_order(
        messages in prop::collection::vec(message(), 1..400),
        order in prop::collection::vec(any::<bool>(), 0..1200),
        seed in any::<u64>(),
    ) {
        let mut process = process();
        let all = statements(&messages);
        let mut pending: Vec<_> = all.iter().flat_map(|one| [one, one]).rev().collect();
        let mut arrivals: Vec<(u64, u32)> = (0_u64..).zip(&messages)
            .flat_map(|(number, message)| vec![(number, message.size); message.deliveries])
            .collect();
        arrivals.sort_by_key(|(number, _)| number.wrapping_mul(seed | 1).rotate_left(23));
        let (mut settled, mut repeated) = (0, 0);
        let mut order = order.into_iter();
        while !(pending.is_empty() && arrivals.is_empty()) {
            let first = order.next().unwrap_or(true);
            if let Some(one) = pending.pop_if(|_| first || arrivals.is_empty()) {
                super::state(&mut process, one, at(0));
            } else if let Some((number, size)) = arrivals.pop() {
                settled += u64::from(size);
                if arrive(&mut process, number, size) == Delivered::Again {
                    repeated += u64::from(size);
                }
            }
            let ahead: u64 = process.ahead.values().map(|size| u64::from(*size)).sum();
            prop_assert_eq!(
                process.confirmed_applications + process.unconfirmed_applications + ahead + repeated,
                settled + outstanding(&process)
            );
        }
        let below = all.last().map_or(0, |last| last.decided_below);
        let expected: BTreeSet<u64> = (0_u64..).zip(&messages)
            .filter(|(number, message)| *number < below && message.confirmed && message.deliveries == 0)
            .map(|(number, _)| number)
            .collect();
        let found = missing(&process, below);
        prop_assert_eq!(found.messages, expected.len() as u64);
        prop_assert_eq!(found.numbers.iter().collect::<BTreeSet<_>>(), expected);
    }
}
