//! How many applications of each benefit wait. No input or output.
//!
//! What intake answered, less what workers settled. Both are counted apart, so a killed intake, a
//! caller who got no answer, or a message that can't be read leaves a small difference. It goes
//! whenever nothing of the channel waits: then both are the same.

use std::collections::BTreeSet;

use sportello_domain::{BenefitCounts, Channel};
use sportello_store::{Benefits, LedgerProcess, LedgerState};

/// Adds what a process answered since its last statement.
pub(crate) fn answer(benefits: &mut Benefits, process: &mut LedgerProcess, answered: &BenefitCounts) {
    for (benefit, answered) in answered {
        let before = process.benefits.entry(benefit.clone()).or_default();
        let more = answered.saturating_sub(*before);
        *before += more;
        let key = (process.channel, benefit.clone());
        benefits.entry(key).or_default().answered += more;
    }
}

/// Adds what workers settled.
pub(crate) fn settle(benefits: &mut Benefits, channel: Channel, settled: &BenefitCounts) {
    for (benefit, applications) in settled {
        let key = (channel, benefit.clone());
        benefits.entry(key).or_default().settled += applications;
    }
}

/// Makes both sums the same where nothing of a channel waits, in a queue, in a spool, or for a
/// statement.
pub(crate) fn agree(state: &mut LedgerState) {
    let waits =
        |one: &&LedgerProcess| !one.segments.is_empty() || !one.ahead.is_empty() || one.edge.spool_held > 0;
    let waiting = state.processes.values().filter(waits);
    let waiting: BTreeSet<Channel> = waiting.map(|one| one.channel).collect();
    for ((channel, _), sums) in &mut state.benefits {
        if !waiting.contains(channel) {
            sums.answered = sums.settled;
        }
    }
}

/// Returns how many applications of each benefit wait, of both channels.
pub(crate) fn waiting(benefits: &Benefits) -> BenefitCounts {
    let mut waiting = BenefitCounts::default();
    for ((_, benefit), sums) in benefits {
        *waiting.entry(benefit.clone()).or_default() += sums.answered.saturating_sub(sums.settled);
    }
    waiting
}

#[cfg(test)]
mod tests;
