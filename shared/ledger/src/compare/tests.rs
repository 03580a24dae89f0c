use std::collections::BTreeMap;

use jiff::SignedDuration;
use proptest::prelude::*;
use sportello_domain::{BenefitCounts, EdgeCounts, Statement};
use sportello_store::{LedgerChannel, LedgerProcess};

use super::*;

const KEY: (fn() -> ProcessId, Channel) = (|| ProcessId::from_bits(1), Channel::Citizen);

fn now() -> Timestamp {
    Timestamp::from_second(1_585_720_800).unwrap()
}

/// A process that has stated `confirmed` messages of ten applications each.
fn state(confirmed: u64) -> LedgerState {
    let mut process = LedgerProcess::new(KEY.0(), KEY.1, now());
    let statement = Statement {
        process: KEY.0(),
        channel: KEY.1,
        decided_below: confirmed,
        exceptions: Default::default(),
        confirmed_messages: confirmed,
        confirmed_applications: 10 * confirmed,
        edge: EdgeCounts::default(),
        benefits: BenefitCounts::default(),
        stated_at: now(),
        is_final: false,
    };
    fold::state(&mut process, &statement, now());
    LedgerState {
        now: now(),
        processes: BTreeMap::from([((KEY.0(), KEY.1), process)]),
        channels: PerChannel::from_fn(|_| LedgerChannel::default()),
        benefits: BTreeMap::new(),
        arrivals: Vec::new(),
        compared_since: None,
        letters_kept_since: None,
    }
}

fn totals(messages: u64, uptime: u64) -> QueueTotals {
    let mut channels = PerChannel::default();
    channels[Channel::Citizen] = messages;
    QueueTotals {
        channels,
        others: 0,
        uptime: Duration::from_secs(uptime),
    }
}

/// Compares once a second, as long as given.
fn compare_for(state: &mut LedgerState, seconds: u64, totals: impl Fn(u64) -> Option<QueueTotals>) {
    let (mut comparison, begin) = (Comparison::default(), Instant::now());
    for second in 0..seconds {
        let asked_at = begin + Duration::from_secs(second);
        comparison.compare(state, totals(second).as_ref(), asked_at);
        // as it would be, had a second gone by
        if let Some(last) = comparison.readings.back_mut() {
            last.at = asked_at;
        }
    }
}

fn only(state: &LedgerState) -> &LedgerProcess {
    &state.processes[&(KEY.0(), KEY.1)]
}

#[test]
fn with_empty_queues_exactly_the_missing_are_lost() {
    let mut state = state(5);
    let process = state.processes.get_mut(&(KEY.0(), KEY.1)).unwrap();
    for number in [0, 1, 3] {
        fold::arrive(process, number, 10);
    }
    compare_for(&mut state, 10, |second| Some(totals(0, 100 + second)));
    assert!(only(&state).lost.is_empty(), "not before ten seconds");
    compare_for(&mut state, 11, |second| Some(totals(0, 100 + second)));
    assert_eq!(only(&state).lost, [2, 4].into_iter().collect());
    assert_eq!(only(&state).lost_applications, 20);
}

#[test]
fn while_others_wait_the_difference_is_proved() {
    let mut state = state(100);
    compare_for(&mut state, 15, |second| Some(totals(97, 100 + second)));
    assert_eq!(state.channels[Channel::Citizen].lost_unnamed, 3);
    assert!(only(&state).lost.is_empty());
}

#[test]
fn nothing_is_judged_right_after_a_start_or_without_a_count() {
    // recovering queues report zero
    let mut started = state(5);
    compare_for(&mut started, 29, |second| Some(totals(0, second)));
    assert_eq!((started.compared_since, only(&started).lost.count()), (None, 0));
    let mut restarted = state(5);
    compare_for(&mut restarted, 40, |second| {
        Some(totals(0, if second < 5 { 100 } else { second - 5 }))
    });
    assert_eq!(only(&restarted).lost.count(), 0);
    // each third count fails
    let mut broken = state(5);
    compare_for(&mut broken, 60, |second| {
        (second % 3 > 0).then(|| totals(0, 100 + second))
    });
    assert_eq!((broken.compared_since, only(&broken).lost.count()), (None, 0));
}

#[test]
fn letters_are_kept_while_their_queues_are_empty_and_counted() {
    let mut state = state(0);
    let totals = |others| QueueTotals {
        others,
        ..totals(0, 100)
    };
    compare_for(&mut state, 1, |_| Some(totals(0)));
    assert_eq!(state.letters_kept_since, Some(now()));
    // as long as nothing changes it is the same instant
    state.now += SignedDuration::from_secs(9);
    compare_for(&mut state, 1, |_| Some(totals(0)));
    assert_eq!(state.letters_kept_since, Some(now()));
    compare_for(&mut state, 1, |_| Some(totals(1)));
    assert_eq!(state.letters_kept_since, None);
    compare_for(&mut state, 1, |_| Some(totals(0)));
    assert_eq!(state.letters_kept_since, Some(state.now));
    compare_for(&mut state, 1, |_| None);
    assert_eq!(state.letters_kept_since, None);
}

proptest! {
    /// Whatever arrives in whatever order: what still waits is never called lost, and no more is
    /// proved than what is gone.
    #[test]
    fn no_more_is_lost_than_is_gone(
        fates in prop::collection::vec(0_u8..3, 1..200),
    ) {
        let mut state = state(fates.len() as u64);
        let process = state.processes.get_mut(&(KEY.0(), KEY.1)).unwrap();
        let (mut waits, mut gone) = (0, 0);
        for (number, fate) in (0..).zip(&fates) {
            match fate {
                0 => waits += 1,
                1 => gone += 1,
                _ => drop(fold::arrive(process, number, 10)),
            }
        }
        compare_for(&mut state, 12, |second| Some(totals(waits, 100 + second)));
        let named = only(&state).lost_messages;
        let unnamed = state.channels[Channel::Citizen].lost_unnamed;
        prop_assert_eq!(named + unnamed, gone);
        prop_assert!(waits == 0 || named == 0);
    }
}
