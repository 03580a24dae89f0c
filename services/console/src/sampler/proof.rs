//! The ledger as viewers see it.

use sportello_domain::Channel;
use sportello_ledger::read::{self, ChannelLedger, Numbers};

use crate::views::ledger::{Equation, Gap, Ledger, Verdict};
use crate::views::reading::Reading;

/// Gaps that are shown.
const GAPS: usize = 100;
/// Ranges of numbers that are shown of one gap.
const RANGES: usize = 40;

/// Returns the equations, and what is missing by name.
pub(super) fn shown(ledger: &read::Ledger, verdict: Reading<Verdict>) -> Ledger {
    let equations = ledger.channels.iter().map(|(channel, it)| equation(channel, it));
    let gaps = ledger.channels.iter().flat_map(|(channel, it)| gaps(channel, it));
    Ledger {
        verdict,
        compared_since: ledger.compared_since,
        equations: equations.collect(),
        gaps: gaps.take(GAPS).collect(),
    }
}

/// Returns the worst of all channels.
pub(super) fn verdict(ledger: &read::Ledger) -> Verdict {
    let verdicts = ledger.channels.iter().map(|(_, channel)| {
        if !channel.gaps.is_empty() || channel.lost_unnamed_messages > 0 {
            Verdict::Lost
        } else if !channel.suspects.is_empty() {
            Verdict::Suspect
        } else if !channel.open_tails.is_empty() {
            Verdict::Open
        } else {
            Verdict::Whole
        }
    });
    verdicts.max().unwrap_or(Verdict::Whole)
}

fn equation(channel: Channel, of: &ChannelLedger) -> Equation {
    Equation {
        channel,
        answered: of.answered,
        confirmed: of.confirmed,
        unconfirmed: of.unconfirmed,
        unnumbered: of.unnumbered,
        repeated: of.repeated,
        spooled: of.spooled,
        new: of.new,
        existing: of.existing,
        withdrawals: of.withdrawals,
        dead: of.dead,
        dead_open: of.dead_open,
        discarded: of.discarded,
        requeued: of.requeued,
        outstanding: of.outstanding,
        lost: of.lost,
    }
}

fn gaps(channel: Channel, of: &ChannelLedger) -> Vec<Gap> {
    let lost = of.gaps.iter().map(|gap| Gap {
        verdict: Verdict::Lost,
        channel,
        process: Some(gap.process.to_string()),
        numbers: numbers(&gap.numbers),
        messages: Some(gap.messages),
        applications: Some(gap.applications),
        since: Some(gap.since),
    });
    let unnamed = (of.lost_unnamed_messages > 0).then(|| Gap {
        verdict: Verdict::Lost,
        channel,
        process: None,
        numbers: String::new(),
        messages: Some(of.lost_unnamed_messages),
        applications: None,
        since: None,
    });
    let suspects = of.suspects.iter().map(|suspect| Gap {
        verdict: Verdict::Suspect,
        channel,
        process: Some(suspect.process.to_string()),
        numbers: numbers(&suspect.numbers),
        messages: Some(suspect.messages),
        applications: None,
        since: Some(suspect.since),
    });
    let tails = of.open_tails.iter().map(|tail| Gap {
        verdict: Verdict::Open,
        channel,
        process: Some(tail.process.to_string()),
        numbers: format!("{}-", tail.from),
        messages: None,
        applications: None,
        since: Some(tail.heard_at),
    });
    lost.chain(unnamed).chain(suspects).chain(tails).collect()
}

fn numbers(ranges: &[Numbers]) -> String {
    let written = ranges.iter().take(RANGES).map(|range| {
        if range.first == range.last {
            range.first.to_string()
        } else {
            format!("{}-{}", range.first, range.last)
        }
    });
    written.collect::<Vec<String>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_ranges() {
        let of = |first, last| Numbers { first, last };
        assert_eq!(numbers(&[of(4117, 4120), of(4980, 4980)]), "4117-4120,4980");
        assert_eq!(numbers(&[]), "");
    }
}
