use std::collections::BTreeMap;

use jiff::Timestamp;
use sportello_domain::{BenefitId, PerChannel, ProcessId};

use super::*;

fn counts(applications: u64) -> BenefitCounts {
    BenefitCounts::from([(BenefitId::parse("a-benefit").unwrap(), applications)])
}

fn state() -> LedgerState {
    LedgerState {
        now: Timestamp::UNIX_EPOCH,
        processes: BTreeMap::new(),
        channels: PerChannel::default(),
        benefits: Benefits::new(),
        arrivals: Vec::new(),
        compared_since: None,
        letters_kept_since: None,
    }
}

fn process() -> LedgerProcess {
    LedgerProcess::new(ProcessId::from_bits(1), Channel::Citizen, Timestamp::UNIX_EPOCH)
}

#[test]
fn what_waits_is_what_was_answered_and_not_settled() {
    let (mut state, mut process) = (state(), process());
    answer(&mut state.benefits, &mut process, &counts(10));
    // cumulative, and once more
    answer(&mut state.benefits, &mut process, &counts(25));
    answer(&mut state.benefits, &mut process, &counts(25));
    settle(&mut state.benefits, Channel::Citizen, &counts(20));
    assert_eq!(waiting(&state.benefits), counts(5));
    // more than was answered: a caller got no answer
    settle(&mut state.benefits, Channel::Citizen, &counts(7));
    assert_eq!(waiting(&state.benefits), counts(0));
}

#[test]
fn once_nothing_waits_a_difference_is_gone() {
    let (mut state, mut process) = (state(), process());
    answer(&mut state.benefits, &mut process, &counts(10));
    settle(&mut state.benefits, Channel::Citizen, &counts(8));
    process.edge.spool_held = 2;
    state
        .processes
        .insert((process.process, process.channel), process.clone());
    agree(&mut state);
    assert_eq!(waiting(&state.benefits), counts(2), "two are on a disk");
    process.edge.spool_held = 0;
    state
        .processes
        .insert((process.process, process.channel), process);
    agree(&mut state);
    assert_eq!(waiting(&state.benefits), counts(0));
}
